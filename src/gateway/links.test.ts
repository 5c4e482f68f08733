import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';
import type { LinkSubmission, NewLink } from './types.ts';

/* Accounts that are connected by whoever opens a link, against what answers in KnowBe4's place. */

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
let now: Date;

const open = (options: Partial<GatewayOptions> = {}) =>
  openGateway({ folder, allowBaseUrls: true, now: () => now, ...options });

beforeEach(async () => {
  now = new Date('2026-11-21T08:00:00.000Z');
  folder = mkdtempSync(join(tmpdir(), 'foreknow-links-'));
  emulator = await startEmulator({
    people: 30,
    limits: false,
    accounts: [{ name: 'Other Foods', people: 20, seed: 11 }],
  });
  gateway = await open();
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const caller = { from: '192.0.2.7', requestId: 'r-1' };
const later = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};
const HOUR = 3_600_000;
const created = async (input: NewLink = { tenant: 'Acme' }) => gateway.links.create(input, null);
const good = (fields: LinkSubmission = {}): LinkSubmission => ({
  ...{ region: emulator.region, baseUrl: emulator.url, reporting: emulator.reportingToken },
  ...fields,
});
const makerOf = async (fields: Partial<Parameters<Gateway['tokens']['create']>[0]> = {}) => {
  const { secret, token } = await gateway.tokens.create({ name: 'portal', scopes: ['connections'], ...fields });
  return { maker: await gateway.tokens.verify(secret), id: token.id };
};
const connectAcme = () =>
  gateway.connections.connect({
    ...{ name: 'acme', region: emulator.region, reportingToken: emulator.reportingToken, reportingUrl: emulator.url },
    // The clock of these tests stands still: waiting for a limit would never end.
    settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
  });

describe('a link token', () => {
  test('shows who asks and for what, is not used up by looking or by a refused key, and makes one connection', async () => {
    const { secret, link } = await created({
      tenant: 'Acme',
      requester: 'Portal',
      tags: ['west'],
      streamsOff: ['policies'],
    });
    expect(secret).toMatch(/^fkl_[\w-]{43}$/);
    const page = await gateway.links.open(secret);
    expect(page).toMatchObject({
      requester: 'Portal',
      tenant: 'Acme',
      task: 'new',
      state: 'open',
      keys: ['reporting'],
    });
    expect(page.streams).toContain('users');
    expect(page.streams).not.toContain('policies');
    await expect(gateway.links.submit(secret, good({ reporting: 'wrong' }), caller)).rejects.toMatchObject({
      ...{ code: 'connection_unauthorized', field: 'reporting' },
    });
    const checked = await gateway.links.check(secret, good(), caller);
    expect(checked.capabilities.map(({ name }) => name)).toContain('read_directory');
    expect(await gateway.connections.list()).toEqual([]);

    const done = await gateway.links.submit(secret, good(), caller);
    expect(done.connection).toMatchObject({ name: 'Acme', tenant: 'Acme', tags: ['west'], state: 'active' });
    expect(done.connection.settings).toEqual({ streamsOff: ['policies'] });
    expect(done.link).toMatchObject({ id: link.id, state: 'used', resultConnectionId: done.connection.id });
    expect((await gateway.links.open(secret)).state).toBe('used');
    await expect(gateway.links.submit(secret, good(), caller)).rejects.toMatchObject({ code: 'link_used' });
    expect(await gateway.connections.list()).toHaveLength(1);
  });

  test('of two submissions at one moment one wins', async () => {
    const { secret } = await created();
    const ends = await Promise.allSettled([1, 2, 3].map(() => gateway.links.submit(secret, good(), caller)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await gateway.connections.list()).toHaveLength(1);
  });

  test('connects under a free name, so that nobody is told what other connections are called', async () => {
    await connectAcme();
    const { secret } = await created({ tenant: 'acme' });
    expect((await gateway.links.submit(secret, good({ name: 'acme' }), caller)).connection.name).toBe('acme 2');
    const other = await gateway.links.create({}, null);
    const named = await gateway.links.submit(other.secret, good(), caller);
    expect(named.connection.name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u);
  });

  test('takes keys for other APIs along where it asks for them, and only there', async () => {
    const { scim, events } = { scim: emulator.tokens.scim, events: emulator.tokens.events };
    const { secret } = await created({ tenant: 'Acme', keys: ['scim'] });
    const withScim = good({ scim: { token: scim, url: emulator.addresses.scim } });
    await expect(gateway.links.submit(secret, good({ events }), caller)).rejects.toMatchObject({
      ...{ code: 'invalid_request', field: 'events' },
    });
    const wrong = good({ scim: { token: 'wrong', url: emulator.addresses.scim } });
    await expect(gateway.links.submit(secret, wrong, caller)).rejects.toMatchObject({ field: 'scim' });
    const badUrl = good({ scim: { token: scim, url: 'nowhere' } });
    await expect(gateway.links.submit(secret, badUrl, caller)).rejects.toMatchObject({ field: 'scim.url' });
    expect(await gateway.connections.list()).toEqual([]);
    const { connection } = await gateway.links.submit(secret, withScim, caller);
    expect(connection.tokens.map(({ kind }) => kind).toSorted()).toEqual(['reporting', 'scim']);
  });

  test('expires after seven days, is revoked, and tells one from the other', async () => {
    const [first, second] = [await created(), await created()];
    expect(await gateway.links.revoke(first.link.id, null)).toMatchObject({ state: 'revoked' });
    await expect(gateway.links.revoke(first.link.id, null)).rejects.toMatchObject({ code: 'link_revoked' });
    await expect(gateway.links.submit(first.secret, good(), caller)).rejects.toMatchObject({ code: 'link_revoked' });
    later(7 * 24 * HOUR);
    expect((await gateway.links.open(second.secret)).state).toBe('expired');
    await expect(gateway.links.submit(second.secret, good(), caller)).rejects.toMatchObject({ code: 'link_expired' });
    for (const secret of ['', 'fkl_', `fkl_${'a'.repeat(43)}`, 'x'.repeat(500)])
      await expect(gateway.links.open(secret)).rejects.toMatchObject({ code: 'link_invalid' });
  });

  test('takes twenty keys an hour', async () => {
    const { secret } = await created();
    for (let count = 0; count < 20; count += 1)
      await expect(gateway.links.check(secret, good({ reporting: '' }), caller)).rejects.toMatchObject({
        field: 'reporting',
      });
    for (const way of ['check', 'submit'] as const)
      await expect(gateway.links[way](secret, good(), caller)).rejects.toMatchObject({ code: 'too_many_attempts' });
    later(HOUR);
    await gateway.links.submit(secret, good(), caller);
  });

  test('has its checks counted on the account that they were about', async () => {
    const { secret } = await created();
    emulator.resetRequests();
    await gateway.links.check(secret, good(), caller);
    const { connection } = await gateway.links.submit(secret, good(), caller);
    const { budget } = await gateway.sync.status(connection.id);
    expect(budget.usedLastDay).toBe(emulator.requests().total);
  });

  test('is written down: who made it, that somebody with it connected, and no secret', async () => {
    const actor = {
      kind: 'token',
      id: 'tok_1',
      name: 'portal',
      door: 'http',
      from: '192.0.2.1',
      requestId: 'q',
    } as const;
    const { secret, link } = await gateway.as(actor).links.create({ tenant: 'Acme' }, null);
    await gateway.links.submit(secret, good({ reporting: 'wrong' }), caller).catch(() => undefined);
    const { connection } = await gateway.links.submit(secret, good(), caller);
    const entries = await gateway.audit.entries({ connectionIds: null, after: 0, limit: 10 });
    expect(
      entries.map((entry) => [entry.actor.kind, entry.actor.id, entry.action, entry.outcome, entry.target]),
    ).toEqual([
      ['token', 'tok_1', 'link.created', 'done', link.id],
      ['link', link.id, 'connection.created', 'refused', null],
      ['link', link.id, 'connection.created', 'done', connection.id],
    ]);
    expect(entries[2]!.actor).toMatchObject({ from: '192.0.2.7', requestId: 'r-1', door: 'http' });
    for (const hidden of [secret, emulator.reportingToken]) expect(JSON.stringify(entries)).not.toContain(hidden);
  });
});

describe('where a token belongs is told', () => {
  /** A token as KnowBe4 makes them, signed by nobody. */
  const jwt = (payload: object) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

  test('the other regions are asked when it is wanted, one request each', async () => {
    await gateway.close();
    const asked: string[] = [];
    gateway = await open({
      allowBaseUrls: false,
      fetch: (address, init) => {
        const [, region, path] = /^https:\/\/(\w+)\.api\.knowbe4\.com(\/.*)$/.exec(String(address))!;
        asked.push(region!);
        return fetch(`${emulator.url}/${region}${path}`, init);
      },
    });
    const { secret } = await created();
    const reporting = emulator.reportingToken;
    const elsewhere = { reporting, region: 'de.knowbe4.com' };
    await expect(gateway.links.check(secret, elsewhere, caller)).rejects.toMatchObject({
      ...{ code: 'connection_unauthorized', field: 'reporting' },
    });
    expect(asked).toEqual(['de']);
    asked.splice(0);
    const found = await gateway.links.check(secret, { ...elsewhere, probeRegions: true }, caller);
    expect(found.region).toBe(emulator.region);
    expect(found.warnings[0]).toContain(`belongs to region ${emulator.region}, not de`);
    asked.splice(0);
    const nowhere = { ...elsewhere, reporting: 'unknown', probeRegions: true };
    await expect(gateway.links.check(secret, nowhere, caller)).rejects.toMatchObject({ field: 'reporting' });
    expect(asked.toSorted()).toEqual(['ca', 'de', 'eu', 'uk', 'us']);
  });

  test('a token that says of itself that it is of another product or region is told as that', async () => {
    const { secret } = await created();
    await expect(
      gateway.links.check(secret, good({ reporting: jwt({ scope: 'public_kmsat' }) }), caller),
    ).rejects.toMatchObject({ code: 'wrong_product', field: 'reporting' });
    const german = jwt({ scope: 'elvis', site: 'de.knowbe4.com' });
    await expect(gateway.links.check(secret, good({ reporting: german }), caller)).rejects.toMatchObject({
      ...{ code: 'wrong_region', field: 'region' },
    });
    await expect(gateway.links.check(secret, good({ region: 'nowhere', baseUrl: '' }), caller)).rejects.toMatchObject({
      ...{ code: 'invalid_request', field: 'region' },
    });
  });

  test('a trial, an account that lists nobody, and a plan without the API are told', async () => {
    const odd = await startEmulator({
      ...{ people: 5, limits: false },
      accounts: [
        { name: 'Trying', people: 5, type: 'trial' },
        { name: 'Hidden', people: 5, anonymised: true },
      ],
    });
    const { secret } = await created();
    const told = async (account: number) => {
      const { reportingToken: reporting, region } = odd.accounts[account]!;
      return gateway.links.check(secret, { reporting, region, baseUrl: odd.url }, caller);
    };
    try {
      expect((await told(0)).warnings).toEqual([]);
      expect(await told(1)).toMatchObject({ account: { type: 'trial' }, warnings: [expect.stringContaining('trial')] });
      expect((await told(2)).warnings).toEqual([expect.stringContaining('lists no user')]);
    } finally {
      await odd.close();
    }
    await gateway.close();
    gateway = await open({ fetch: async () => new Response('{"message":"Forbidden"}', { status: 403 }) });
    await expect(gateway.links.check(secret, good(), caller)).rejects.toMatchObject({
      ...{ code: 'connection_forbidden', field: 'reporting' },
    });
  });

  test('an address that is none of KnowBe4’s is taken in the place of the region where the operator allows it', async () => {
    const { secret } = await created();
    const { connection } = await gateway.links.submit(
      secret,
      { region: emulator.url, reporting: emulator.reportingToken },
      caller,
    );
    expect(connection.baseUrls.reporting).toBe(emulator.url);
    await gateway.close();
    gateway = await open({ allowBaseUrls: false });
    const other = await created();
    expect((await gateway.links.open(other.secret)).otherAddresses).toBe(false);
    await expect(
      gateway.links.submit(other.secret, { region: emulator.url, reporting: emulator.reportingToken }, caller),
    ).rejects.toMatchObject({ code: 'invalid_request', field: 'region' });
    await expect(gateway.links.submit(other.secret, good(), caller)).rejects.toMatchObject({
      code: 'host_not_allowed',
    });
  });

  test.each(['scim', 'events', 'product'] as const)(
    'a %s key in the place of the Reporting token is refused',
    async (kind) => {
      const { secret } = await created();
      await expect(
        gateway.links.check(secret, good({ reporting: emulator.tokens[kind] }), caller),
      ).rejects.toMatchObject({
        ...{ code: expect.stringMatching(/^(wrong_product|connection_unauthorized)$/), field: 'reporting' },
      });
    },
  );
});

describe('an existing connection', () => {
  test('is reconnected under its id, with a token of its own company only', async () => {
    const { connection } = await connectAcme();
    await gateway.sync.run('acme', { level: 'full' });
    const { secret } = await gateway.links.create({ connection: 'acme' }, null);
    expect(await gateway.links.open(secret)).toMatchObject({ task: 'reconnect', connection: { id: connection.id } });
    const stranger = emulator.accounts[1]!.reportingToken;
    for (const way of ['check', 'submit'] as const)
      await expect(gateway.links[way](secret, { reporting: stranger }, caller)).rejects.toMatchObject({
        ...{ code: 'different_account', field: 'reporting' },
      });
    const done = await gateway.links.submit(secret, { reporting: emulator.reportingToken }, caller);
    expect(done.connection.id).toBe(connection.id);
    await expect(gateway.links.submit(secret, { reporting: emulator.reportingToken }, caller)).rejects.toMatchObject({
      code: 'link_used',
    });
  });

  test('gets a key for another API', async () => {
    const { connection } = await connectAcme();
    const { secret } = await gateway.links.create({ connection: 'acme', keys: ['scim'] }, null);
    expect(await gateway.links.open(secret)).toMatchObject({ task: 'add_key', keys: ['scim'] });
    await expect(gateway.links.submit(secret, {}, caller)).rejects.toMatchObject({ field: 'scim' });
    const scim = { token: emulator.tokens.scim, url: emulator.addresses.scim };
    expect((await gateway.links.check(secret, { scim }, caller)).region).toBe(connection.region);
    const done = await gateway.links.submit(secret, { scim }, caller);
    expect(done.connection.id).toBe(connection.id);
    expect(done.connection.tokens.map(({ kind }) => kind).toSorted()).toEqual(['reporting', 'scim']);
    expect(done.link.state).toBe('used');
  });

  test('that is removed ends its links', async () => {
    await connectAcme();
    const { secret } = await gateway.links.create({ connection: 'acme' }, null);
    await gateway.connections.remove('acme', { purge: true });
    expect((await gateway.links.open(secret)).state).toBe('ended');
    await expect(gateway.links.submit(secret, good(), caller)).rejects.toMatchObject({ code: 'link_revoked' });
  });
});

describe('a link does no more than its maker', () => {
  test('dies with the token that made it', async () => {
    const { maker, id } = await makerOf();
    const { secret, link } = await gateway.links.create({ tenant: 'Acme' }, maker);
    await gateway.tokens.revoke(id);
    expect((await gateway.links.open(secret)).state).toBe('ended');
    await expect(gateway.links.submit(secret, good(), caller)).rejects.toMatchObject({ code: 'link_revoked' });
    expect((await gateway.links.get(link.id, null)).state).toBe('ended');
    const { maker: brief } = await makerOf({ expiresAt: new Date(now.getTime() + HOUR).toISOString() });
    const second = await gateway.links.create({ tenant: 'Acme' }, brief);
    expect(second.link.expiresAt).toBe(new Date(now.getTime() + HOUR).toISOString());
  });

  test('needs the scope, and a reach that the new connection falls into', async () => {
    const { maker: reader } = await makerOf({ scopes: ['directory'] });
    await expect(gateway.links.create({}, reader)).rejects.toMatchObject({ code: 'scope_missing' });
    const { connection } = await connectAcme();
    const { maker: bound } = await makerOf({ connections: [connection.id] });
    await expect(gateway.links.create({}, bound)).rejects.toMatchObject({ code: 'connection_not_allowed' });
    await gateway.links.create({ connection: 'acme' }, bound);
    const { maker: tagged } = await makerOf({ tags: ['emea', 'apac'] });
    await expect(gateway.links.create({ connection: 'acme' }, tagged)).rejects.toMatchObject({
      code: 'connection_not_allowed',
    });
    await expect(gateway.links.create({ connection: 'none' }, tagged)).rejects.toMatchObject({
      code: 'connection_not_allowed',
    });
    expect((await gateway.links.create({ tags: ['west'] }, tagged)).link.tags).toEqual(['west', 'emea', 'apac']);
    const { secret, link } = await gateway.links.create({ tags: ['apac'], name: 'new one' }, tagged);
    expect(link.tags).toEqual(['apac']);
    const made = await gateway.links.submit(secret, good(), caller);
    expect((await gateway.tokens.standing(tagged.id)).connections).toEqual([made.connection.id]);
  });

  test('is seen by its maker and by whoever reaches everything', async () => {
    const { maker: one } = await makerOf({ tags: ['emea'] });
    const { maker: two } = await makerOf({ tags: ['emea'] });
    const { maker: all } = await makerOf();
    const { link } = await gateway.links.create({}, one);
    expect(await gateway.links.list({}, one)).toHaveLength(1);
    expect(await gateway.links.list({}, two)).toEqual([]);
    expect(await gateway.links.list({ kind: 'link_token', state: 'open' }, all)).toHaveLength(1);
    expect(await gateway.links.list({ state: 'used' }, null)).toEqual([]);
    await expect(gateway.links.get(link.id, two)).rejects.toMatchObject({ code: 'not_found' });
    await expect(gateway.links.revoke(link.id, two)).rejects.toMatchObject({ code: 'not_found' });
    expect((await gateway.links.get(link.id, all)).id).toBe(link.id);
  });
});

describe('what a program says of a link', () => {
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };
  test.each([
    [{ context: { host: 'a' } }, 'context.host'],
    [{ context: { deep: [{ baseUrl: 'a' }] } }, 'context.deep.0.baseUrl'],
    [{ context: { api_key: 'a' } }, 'context.api_key'],
    [{ context: { deep: deep(12) } }, 'context'],
    [{ context: { deep: deep(100_000) } }, 'context'],
    [{ tenant: 'a\nb' }, 'tenant'],
    [{ tenant: 'a\u202eb' }, 'tenant'],
    [{ context: { note: 'see https://elsewhere.example.com' } }, 'context.note'],
    [{ context: { text: 'x'.repeat(9000) } }, 'context'],
    [{ redirectUri: 'javascript:alert(1)' }, 'redirect_uri'],
    [{ redirectUri: 'http://app.example.com/' }, 'redirect_uri'],
    [{ redirectUri: 'https://user:pass@app.example.com/' }, 'redirect_uri'],
    [{ requester: 'a\nb' }, 'requester'],
    [{ region: 'mars' }, 'region'],
    [{ streamsOff: ['nothing'] }, 'streams_off'],
    [{ name: 'con_x' }, 'name'],
  ] satisfies readonly (readonly [NewLink, string])[])('is refused where it cannot be (%#)', async (input, field) => {
    await expect(gateway.links.create(input, null)).rejects.toMatchObject({ code: 'invalid_request', field });
  });

  test('it returns to the redirect’s origin, which is the operator’s where there are some', async () => {
    const redirectUri = 'https://app.example.com/done?x=1';
    expect((await created({ redirectUri })).link).toMatchObject({ redirectUri, origins: ['https://app.example.com'] });
    expect((await created({ redirectUri: 'http://localhost:5173/done' })).link.origins).toEqual([
      'http://localhost:5173',
    ]);
    await gateway.close();
    const allowedOrigins = ['https://portal.example.com', 'https://other.example.com/'];
    gateway = await open({ links: { allowedOrigins, requester: 'Portal', publicUrl: 'https://gw.example.com/' } });
    await expect(created({ redirectUri })).rejects.toMatchObject({ code: 'origin_not_allowed' });
    const { link, url, secret } = await created({ redirectUri: 'https://other.example.com/back' });
    expect(link).toMatchObject({
      requester: 'Portal',
      origins: ['https://portal.example.com', 'https://other.example.com'],
    });
    expect(url).toBe(`https://gw.example.com/connect-account?link_token=${secret}`);
    expect((await gateway.links.open(secret)).gatewayHost).toBe('gw.example.com');
    await gateway.close();
    const wrong = open({ links: { allowedOrigins: ['https://a.example.com/path'] } });
    await expect(wrong).rejects.toMatchObject({ code: 'config_invalid', field: 'connect.allowed_origins' });
    gateway = await open();
  });
});
