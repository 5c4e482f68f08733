import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReportingClient, noLimits } from '../client/client.ts';
import { ForeknowError } from '../errors/errors.ts';
import { randomId } from '../lib/random-id.ts';
import { aPage, aPass, aRow, aRun, aUser } from '../store/contract/builders.ts';
import { filesHolding, openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import { tokenRoom } from '../tokens/tokens.ts';
import type { AccountRecord } from '../wire/records.ts';
import type { Region } from '../wire/regions.ts';
import { isKnowBe4Url } from './base-url.ts';
import type { ConnectInput } from './connect.ts';
import { connectionRoom } from './connections.ts';
import { openKeyRing } from './key-ring.ts';
import type { KeyTarget } from './keys.ts';
import type { ProbeTarget } from './ports.ts';
import { createVault } from './vault.ts';

const streams = ['users', 'groups', 'recipients'];
const anAccount = (changes: Partial<AccountRecord> = {}): AccountRecord => ({
  name: 'Example Foods',
  type: 'paid',
  domains: ['example.com', 'example.org'],
  admins: [{ id: '1', firstName: 'Ines', lastName: 'Okafor', email: 'ines.okafor@example.com' }],
  subscriptionLevel: 'Diamond',
  subscriptionEndDate: null,
  seats: 1200,
  riskScore: 38.4,
  ...changes,
});
const refused = () => new ForeknowError('connection_unauthorized', { detail: 'KnowBe4 answered 401.', hint: 'Token?' });
/** A token as KnowBe4 makes them: a JWT whose payload names a scope. Signed by nobody. */
const jwt = (payload: object) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

let temp: TempStore;
/** What KnowBe4 would say, by region and token; anything else is refused. */
let accounts: Map<string, AccountRecord | ForeknowError>;
let asked: ProbeTarget[];
let users: readonly string[];
let keysAsked: KeyTarget[];
/** Of the account that other keys belong to. */
let keyDomains: readonly string[];
let now: Date;

beforeEach(async () => {
  temp = await openTempStore();
  accounts = new Map([['eu good-token-1', anAccount()]]);
  asked = [];
  users = ['1'];
  keysAsked = [];
  keyDomains = ['example.com'];
  now = new Date('2026-03-02T08:00:00.000Z');
});
afterEach(() => temp.remove());

function room(options: { allowBaseUrls?: boolean } = {}) {
  return connectionRoom({
    store: temp.store,
    vault: createVault(openKeyRing({ folder: temp.folder, text: null, hasSecrets: false })),
    probeAccount: async (target) => {
      asked.push(target);
      const answer = accounts.get(`${target.region} ${target.token}`) ?? refused();
      if (answer instanceof ForeknowError) throw answer;
      return answer;
    },
    probeUsers: async () => users,
    probeKey: async (target) => {
      keysAsked.push(target);
      if (target.token.startsWith('bad')) throw refused();
      return { domains: keyDomains, warnings: [] };
    },
    isAllowedUrl: options.allowBaseUrls ? () => true : isKnowBe4Url,
    streams,
    now: () => now,
    newId: () => randomId('con_'),
  });
}

const input = (changes: Partial<ConnectInput> = {}): ConnectInput => ({
  name: 'foods',
  region: 'eu',
  reportingToken: 'good-token-1',
  ...changes,
});

describe('connecting', () => {
  test('proves the token, keeps what the account said, and makes an active connection', async () => {
    const { connection, capabilities, warnings } = await room().connect(input({ tenant: 'Foods', tags: ['west'] }));
    expect(connection).toMatchObject({
      name: 'foods',
      tenant: 'Foods',
      tags: ['west'],
      state: 'active',
      region: 'eu',
      lastError: null,
      account: { name: 'Example Foods', seats: 1200, admins: 1, checkedAt: now.toISOString() },
      tokens: [{ kind: 'reporting', fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) }],
    });
    expect(connection.id).toMatch(/^con_[a-z0-9]{16}$/);
    expect(warnings).toEqual([]);
    expect(capabilities.filter((capability) => capability.available).map((capability) => capability.name)).toEqual([
      'read_directory',
      'read_risk',
      'read_training',
      'read_phishing',
    ]);
    const stored = await temp.store.getConnection('foods');
    expect(await room().openToken(stored!)).toBe('good-token-1');
    expect(JSON.stringify(connection)).not.toContain('good-token-1');
  });

  test('takes the region from the address of the console', async () => {
    const { connection } = await room().connect(input({ region: 'https://eu.knowbe4.com/ui/dashboard' }));
    expect(connection.region).toBe('eu');
    await expect(room().connect(input({ name: 'b', region: 'https://example.com' }))).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'region',
    });
  });

  test('keeps nothing when the token is refused', async () => {
    await expect(room().connect(input({ reportingToken: 'wrong' }))).rejects.toMatchObject({
      code: 'connection_unauthorized',
      hint: 'Token? The other regions can be tried when asked to.',
    });
    expect(await temp.store.listConnections()).toEqual([]);
    expect(await temp.store.listSecrets()).toEqual([]);
  });

  test('asks the other regions only when told to, and says where the token belongs', async () => {
    accounts = new Map([['ca good-token-1', anAccount()]]);
    await expect(room().connect(input())).rejects.toMatchObject({ code: 'connection_unauthorized' });
    expect(asked.map((target) => target.region)).toEqual(['eu']);
    const { connection, warnings } = await room().connect(input({ probeRegions: true }));
    expect(connection.region).toBe('ca');
    expect(warnings).toEqual(['The token belongs to region ca, not eu: the connection uses ca.']);
    await expect(room().connect(input({ name: 'c', reportingToken: 'x', probeRegions: true }))).rejects.toMatchObject({
      hint: 'Token? The other regions refused it as well.',
    });
  });

  test('tells a token of another product or region apart where the token says so', async () => {
    const product = jwt({ scope: 'public_kmsat' });
    await expect(room().connect(input({ reportingToken: product }))).rejects.toMatchObject({ code: 'wrong_product' });
    const region = jwt({ scope: 'elvis', iss: 'https://de.knowbe4.com' });
    await expect(room().connect(input({ reportingToken: region }))).rejects.toMatchObject({
      code: 'wrong_region',
      hint: 'Connect with region de (de.knowbe4.com).',
    });
    const expired = jwt({ scope: 'public_kmsat', exp: 1_700_000_000 });
    await expect(room().connect(input({ reportingToken: expired }))).rejects.toMatchObject({
      code: 'connection_unauthorized',
    });
  });

  test('passes on what is not a refusal, such as maintenance, without asking anywhere else', async () => {
    accounts.set('eu good-token-1', new ForeknowError('remote_maintenance', { detail: 'Later.' }));
    await expect(room().connect(input({ probeRegions: true }))).rejects.toMatchObject({ code: 'remote_maintenance' });
    expect(asked).toHaveLength(1);
  });

  test('warns of a trial, of an account without domains, and of one with seats and nobody in it', async () => {
    const warningsOf = async (name: string, account: AccountRecord) => {
      accounts.set('eu good-token-1', account);
      return (await room().connect(input({ name }))).warnings;
    };
    expect(await warningsOf('trial', anAccount({ type: 'trial', seats: null }))).toEqual([
      expect.stringContaining('trial account'),
    ]);
    expect(await warningsOf('bare', anAccount({ domains: [] }))).toEqual([expect.stringContaining('no domain')]);
    users = [];
    expect(await warningsOf('empty', anAccount({ domains: ['example.net'] }))).toEqual([
      expect.stringContaining('1200 seats and lists no user'),
    ]);
  });

  test('of one account twice gives both the same budget key and says so', async () => {
    const first = await room().connect(input());
    accounts.set('eu good-token-2', anAccount({ domains: ['EXAMPLE.org', 'example.com'] }));
    const second = await room().connect(input({ name: 'again', reportingToken: 'good-token-2' }));
    expect(second.connection.accountKey).toBe(first.connection.accountKey);
    expect(second.connection.accountKey).toMatch(/^eu:[0-9a-f]{32}$/);
    expect(second.warnings).toEqual([expect.stringContaining('Connection foods reads the same account')]);
  });

  test('under a taken name is refused before a request is spent', async () => {
    await room().connect(input());
    asked = [];
    await expect(room().connect(input())).rejects.toMatchObject({ code: 'conflict', field: 'name' });
    expect(asked).toEqual([]);
  });

  test('refuses names, labels, tokens and settings that cannot be', async () => {
    const refusedField = async (changes: Partial<ConnectInput>) =>
      (await room()
        .connect(input(changes))
        .catch((error: ForeknowError) => error)) as ForeknowError;
    expect(await refusedField({ name: '' })).toMatchObject({ code: 'invalid_request', field: 'name' });
    expect(await refusedField({ name: 'con_x' })).toMatchObject({ field: 'name' });
    expect(await refusedField({ tags: [''] })).toMatchObject({ field: 'tags' });
    expect(await refusedField({ reportingToken: 'two words' })).toMatchObject({ field: 'token' });
    expect(await refusedField({ settings: { timeZone: 'Mars/Olympus' } })).toMatchObject({
      field: 'settings.timeZone',
    });
    expect(await refusedField({ settings: { streamsOff: ['nothing'] } })).toMatchObject({
      field: 'settings.streamsOff.0',
    });
    expect(await refusedField({ settings: { limits: { perDay: -1 }, streamOff: [] } as object })).toMatchObject({
      issues: [{ field: 'settings.limits.perDay' }, { field: 'settings' }],
    });
    expect(asked).toEqual([]);
  });
});

describe('another address than KnowBe4’s own', () => {
  const connectTo = (reportingUrl: string, allowBaseUrls = true) =>
    room({ allowBaseUrls }).connect(input({ name: `n${asked.length}`, reportingUrl }));

  test('is refused unless the operator allows it', async () => {
    await expect(connectTo('https://proxy.example.com', false)).rejects.toMatchObject({ code: 'host_not_allowed' });
    expect(asked).toEqual([]);
  });

  test('is needed for nothing under KnowBe4’s own domain, on https', async () => {
    for (const url of ['https://eu.api.knowbe4.com/v1', 'https://kb4.knowbe4.com./']) await connectTo(url, false);
    expect(asked.map((target) => target.baseUrl)).toEqual(['https://eu.api.knowbe4.com', 'https://kb4.knowbe4.com.']);
    const others = [
      'http://eu.api.knowbe4.com',
      'https://eu.api.knowbe4.com:8443',
      'https://eu.api.knowbe4.com.example.com',
      'https://evilknowbe4.com',
      'https://example.com/knowbe4.com',
    ];
    for (const url of others) {
      await expect(connectTo(url, false)).rejects.toMatchObject({ code: 'host_not_allowed', field: 'reportingUrl' });
    }
    await expect(connectTo('https://x@knowbe4.com', false)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('is used without its trailing slash and version', async () => {
    for (const url of ['https://proxy.example.com/kb4/v1/', 'http://127.0.0.1:9000', 'http://[::1]:9000/v1']) {
      await connectTo(url);
    }
    expect(asked.map((target) => target.baseUrl)).toEqual([
      'https://proxy.example.com/kb4',
      'http://127.0.0.1:9000',
      'http://[::1]:9000',
    ]);
  });

  test('must not send the token in the clear or carry anything else', async () => {
    const bad = [
      'http://proxy.example.com',
      'http://127.0.0.1.example.com',
      'ftp://127.0.0.1',
      'https://user:pw@proxy.example.com',
      'https://proxy.example.com/?a=b',
      'nonsense',
    ];
    for (const url of bad) {
      await expect(connectTo(url)).rejects.toMatchObject({ code: 'invalid_request', field: 'reportingUrl' });
    }
    expect(asked).toEqual([]);
  });
});

describe('another key', () => {
  const scim = { token: 'good-scim', url: 'https://eu.knowbe4.com/scim/v2/t-1/' };
  beforeEach(async () => {
    await room().connect(input());
  });

  test('is proven, sealed and listed by its fingerprint, with the address that it belongs to', async () => {
    const { connection, capabilities } = await room().addKey('foods', 'scim', scim);
    expect(keysAsked).toMatchObject([{ kind: 'scim', url: 'https://eu.knowbe4.com/scim/v2/t-1', token: 'good-scim' }]);
    expect(connection.baseUrls).toEqual({ scim: 'https://eu.knowbe4.com/scim/v2/t-1' });
    expect(connection.tokens.map(({ kind }) => kind).toSorted()).toEqual(['reporting', 'scim']);
    expect(capabilities).toHaveLength(1);
    expect(await room().openKey(connection, 'scim')).toBe('good-scim');
    expect(filesHolding(temp.folder, 'good-scim')).toEqual([]);
  });

  test('goes to KnowBe4’s host of the region unless it says otherwise, and one of the same kind is replaced', async () => {
    await room({ allowBaseUrls: true }).addKey('foods', 'events', { token: 'one', url: 'https://proxy.example.com' });
    const { connection } = await room().addKey('foods', 'events', { token: 'two' });
    expect(keysAsked.map(({ url }) => url)).toEqual(['https://proxy.example.com', null]);
    expect(connection.baseUrls).toEqual({});
    expect(await room().openKey(connection, 'events')).toBe('two');
    expect(connection.tokens).toHaveLength(2);
  });

  test('is not kept when it is refused, belongs to another account, or would be sent elsewhere', async () => {
    await expect(room().addKey('foods', 'product', { token: 'bad' })).rejects.toMatchObject({
      code: 'connection_unauthorized',
    });
    await expect(room().addKey('foods', 'scim', { token: 'x' })).rejects.toMatchObject({ field: 'url' });
    const elsewhere = { token: 'x', url: 'https://knowbe4.example.com/scim' };
    await expect(room().addKey('foods', 'scim', elsewhere)).rejects.toMatchObject({ code: 'host_not_allowed' });
    expect(keysAsked).toHaveLength(1);
    keyDomains = ['example.net'];
    await expect(room().addKey('foods', 'product', { token: 'x' })).rejects.toMatchObject({
      code: 'different_account',
    });
    expect((await room().get('foods')).tokens).toHaveLength(1);
    await expect(room().openKey(await room().get('foods'), 'product')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is removed with its address, and only once', async () => {
    await room().addKey('foods', 'scim', scim);
    const view = await room().removeKey('foods', 'scim');
    expect([view.baseUrls, view.tokens.map(({ kind }) => kind)]).toEqual([{}, ['reporting']]);
    await expect(room().removeKey('foods', 'scim')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('does not follow the connection into another region, unless its address is its own', async () => {
    await room().addKey('foods', 'scim', scim);
    await room().addKey('foods', 'product', { token: 'p' });
    await room({ allowBaseUrls: true }).addKey('foods', 'events', { token: 'e', url: 'https://proxy.example.com' });
    accounts.set('us good-token-2', anAccount());
    const { connection } = await room().replaceToken('foods', { reportingToken: 'good-token-2', region: 'us' });
    expect(connection.tokens.map(({ kind }) => kind).toSorted()).toEqual(['events', 'reporting', 'scim']);
    accounts.set('us good-token-3', anAccount());
    await room().addKey('foods', 'product', { token: 'p' });
    const again = await room().replaceToken('foods', { reportingToken: 'good-token-3' });
    expect(again.connection.tokens.map(({ kind }) => kind)).toContain('product');
  });
});

describe('a connection in use', () => {
  test('gets a new token of the same account, keeps its id and forgets its error', async () => {
    const { connection } = await room().connect(input());
    await room().noteFailure(connection.id, refused());
    expect(await room().get('foods')).toMatchObject({ state: 'needs_reauth', lastError: { hint: 'Token?' } });
    accounts.set('eu good-token-2', anAccount({ domains: ['example.org', 'new.example.net'] }));
    const replaced = await room().replaceToken('foods', { reportingToken: 'good-token-2' });
    expect(replaced.connection).toMatchObject({ id: connection.id, state: 'active', lastError: null });
    expect(replaced.connection.tokens[0]!.fingerprint).not.toBe(connection.tokens[0]!.fingerprint);
    expect(await room().openToken(replaced.connection)).toBe('good-token-2');
  });

  const moved = { domains: ['example.net'] };
  const other = 'different_account';
  test.each([
    ['shows nobody of the mirror, although a domain is the same', ['77', '78'], {}, other],
    ['shows people of the mirror under its name, although all domains are new', ['77', '7'], moved, null],
    ['shows few people of the mirror under its name, and all domains are new', ['77', '78', '7'], moved, other],
    ['shows people of the mirror, but domains and name are others', ['7'], { ...moved, name: 'Other' }, other],
    ['shows people of the mirror and names no domain', ['7', '77'], { domains: [], name: 'Other' }, null],
    ['shows nobody and has a domain in common', [], {}, null],
    ['shows nobody and has no domain in common', [], moved, other],
    ['shows nobody, names no domain, and has another name', [], { domains: [], name: 'Other' }, other],
    ['shows nobody and names neither domain nor name', [], { domains: [], name: null }, null],
  ] as const)('is told from another account: a token that %s', async (_, seen, account, code) => {
    const { connection } = await room().connect(input());
    const { id: connectionId } = connection;
    await temp.store.startRun(aRun({ connectionId }));
    await temp.store.beginPass(aPass({ connectionId }));
    await temp.store.commitPage(aPage({ connectionId, rows: [aRow(aUser('7'))] }));
    users = seen;
    accounts.set('eu good-token-2', anAccount(account));
    const replaced = room().replaceToken('foods', { reportingToken: 'good-token-2' });
    if (code === null) expect((await replaced).connection.id).toBe(connectionId);
    else await expect(replaced).rejects.toMatchObject({ code });
    expect(await room().openToken(connection)).toBe(code === null ? 'good-token-2' : 'good-token-1');
  });

  test('refuses a token of another account and keeps its own', async () => {
    const { connection } = await room().connect(input());
    accounts.set('eu good-token-2', anAccount({ domains: ['example.net'] }));
    await expect(room().replaceToken('foods', { reportingToken: 'good-token-2' })).rejects.toMatchObject({
      code: 'different_account',
    });
    expect(await room().openToken(connection)).toBe('good-token-1');
    expect((await room().get('foods')).state).toBe('active');
  });

  test('is checked again on demand: the state follows what KnowBe4 says', async () => {
    await room().connect(input());
    accounts.set('eu good-token-1', new ForeknowError('connection_forbidden', { detail: 'No API in this plan.' }));
    await expect(room().check('foods')).rejects.toMatchObject({ code: 'connection_forbidden' });
    expect(await room().get('foods')).toMatchObject({
      state: 'validation_error',
      lastError: { code: 'connection_forbidden', at: now.toISOString() },
    });
    accounts.set('eu good-token-1', anAccount({ seats: 1300 }));
    now = new Date('2026-03-03T08:00:00.000Z');
    const { connection } = await room().check('foods');
    expect(connection).toMatchObject({
      state: 'active',
      lastError: null,
      account: { seats: 1300, checkedAt: now.toISOString() },
    });
  });

  test('keeps its state when a call fails for a passing reason', async () => {
    const { connection } = await room().connect(input());
    for (const code of ['remote_unavailable', 'quota_exhausted', 'remote_rate_limited'] as const) {
      await room().noteFailure(connection.id, new ForeknowError(code, { detail: 'Later.' }));
    }
    await room().noteFailure(connection.id, new Error('a bug'));
    await room().noteFailure('con_gone', refused());
    expect(await room().get('foods')).toMatchObject({ state: 'active', lastError: null });
  });

  test('is paused and resumed; pausing twice keeps the first time', async () => {
    await room().connect(input());
    const first = await room().pause('foods');
    now = new Date('2026-03-03T08:00:00.000Z');
    expect((await room().pause('foods')).pausedAt).toBe(first.pausedAt);
    expect((await room().resume('foods')).pausedAt).toBeNull();
  });

  test('keeps what several callers change of it at the same moment', async () => {
    const { connection } = await room().connect(input());
    const [one, two] = [room(), room()];
    await Promise.all([
      one.pause(connection.id),
      two.update(connection.id, { tags: ['west'] }),
      one.update(connection.id, { tenant: 'Example Foods' }),
      two.noteAccount(connection.id, anAccount({ seats: 1300 })),
      one.noteFailure(connection.id, refused()),
    ]);
    expect(await one.get(connection.id)).toMatchObject({
      pausedAt: now.toISOString(),
      tags: ['west'],
      tenant: 'Example Foods',
      account: { seats: 1300 },
      state: 'needs_reauth',
    });
  });

  test('is renamed and set up; an account key of the operator wins', async () => {
    const { connection } = await room().connect(input());
    const updated = await room().update(connection.id, {
      name: 'Foods West',
      tenant: null,
      settings: { accountKey: 'foods-west', streamsOff: ['recipients'], limits: { perDay: null } },
    });
    expect(updated).toMatchObject({ name: 'Foods West', accountKey: 'foods-west', tenant: null });
    await room().check('Foods West');
    expect((await room().get('Foods West')).accountKey).toBe('foods-west');
    await expect(room().update('foods', {})).rejects.toMatchObject({ code: 'not_found' });
    expect((await room().update('Foods West', { settings: {} })).accountKey).toBe(connection.accountKey);
  });

  test('is removed with its token, and a person is erased from it', async () => {
    const { connection } = await room().connect(input());
    const connectionId = connection.id;
    await temp.store.startRun(aRun({ connectionId }));
    await temp.store.beginPass(aPass({ connectionId }));
    await temp.store.commitPage(aPage({ connectionId, rows: [aRow(aUser('1')), aRow(aUser('2'))] }));
    expect(await room().erasePerson('foods', '1')).toEqual({ rows: 1, changes: 0 });
    expect(await room().remove('foods', { purge: true })).toEqual({ id: connectionId });
    expect(await room().list()).toEqual([]);
    expect(await temp.store.liveRows(connectionId, 'users', null, 9)).toEqual([]);
    await expect(room().openToken(connection)).rejects.toMatchObject({ code: 'not_found' });
  });
});

test('what a removed connection left behind is purged by its id, and only that', async () => {
  const { connection } = await room().connect(input());
  const connectionId = connection.id;
  await temp.store.startRun(aRun({ connectionId }));
  await temp.store.beginPass(aPass({ connectionId }));
  await temp.store.commitPage(aPage({ connectionId, rows: [aRow(aUser('1'))] }));
  await room().remove('foods', { purge: false });
  await expect(room().remove(connectionId, { purge: false })).rejects.toMatchObject({ code: 'not_found' });
  await expect(room().remove('con_other', { purge: true })).rejects.toMatchObject({ code: 'not_found' });
  expect(await temp.store.liveRows(connectionId, 'users', null, 9)).toHaveLength(1);
  expect(await room().remove(connectionId, { purge: true })).toEqual({ id: connectionId });
  expect(await temp.store.liveRows(connectionId, 'users', null, 9)).toEqual([]);
  await expect(room().remove(connectionId, { purge: true })).rejects.toMatchObject({ code: 'not_found' });
});

test('no secret is readable in the files of the folder, in errors or in what is shown', async () => {
  const secrets = ['rep-SECRET-first-4711', 'rep-SECRET-second-4712', 'rep-SECRET-refused-4713'] as const;
  const said: unknown[] = [];
  /** A vendor that repeats the token in its answers. */
  const probing = connectionRoom({
    store: temp.store,
    vault: createVault(openKeyRing({ folder: temp.folder, text: null, hasSecrets: false })),
    probeAccount: async ({ region, token }: { region: Region; token: string }) => {
      const client = createReportingClient({
        region,
        token,
        limits: noLimits,
        fetch: async () =>
          token === secrets[2]
            ? new Response(JSON.stringify({ message: `bad token ${token}` }), { status: 401 })
            : new Response(JSON.stringify({ name: 'Example Foods', domains: ['example.com'], admins: [] })),
      });
      return (await client.account.get()).record;
    },
    probeUsers: async () => ['1'],
    probeKey: async () => ({ domains: [], warnings: [] }),
    isAllowedUrl: isKnowBe4Url,
    streams,
    now: () => now,
    newId: () => randomId('con_'),
  });
  const tokens = tokenRoom({
    store: temp.store,
    now: () => now,
    newId: () => randomId('tok_'),
    tagged: async () => [],
  });
  const say = async (work: Promise<unknown>) => said.push(await work.catch((error: unknown) => error));

  await say(probing.connect(input({ reportingToken: secrets[0] })));
  await say(probing.connect(input({ name: 'b', reportingToken: secrets[2] })));
  await say(probing.replaceToken('foods', { reportingToken: secrets[2] }));
  await say(probing.replaceToken('foods', { reportingToken: secrets[1] }));
  await say(probing.connect(input({ name: 'c', reportingToken: `${secrets[2]} with a space` })));
  const { secret, token } = await tokens.create({ name: 'reports', scopes: ['directory'] });
  await tokens.verify(secret);
  await tokens.revoke(token.id);
  await say(tokens.verify(secret));
  await say(tokens.verify(`${secret}x`));
  await temp.store.saveRun(aRun({ status: 'failed' }));

  const words = said.map((value) => inspect(value, { depth: 20 }) + JSON.stringify(value)).join('\n');
  const everySecret = [...secrets, secret, secret.slice(3)];
  for (const hidden of everySecret) {
    expect(words).not.toContain(hidden);
    expect(filesHolding(temp.folder, hidden)).toEqual([]);
    expect(filesHolding(temp.folder, Buffer.from(hidden).toString('base64').slice(0, -4))).toEqual([]);
  }
  // The search finds what is there: the name of the connection is no secret.
  expect(filesHolding(temp.folder, 'foods')).not.toEqual([]);
});
