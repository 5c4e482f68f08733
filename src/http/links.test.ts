import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callServer } from '../cli/remote/call-server.ts';
import { remoteWrites } from '../cli/remote/use-cases.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { COMMAND_TOKEN } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';

/* Links by the addresses of the API, against a real gateway. */

let emulator: Emulator;
let gateway: Gateway;
let folder: string;
let door: Awaited<ReturnType<typeof openDoor>>;
let admin: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-http-links-'));
  emulator = await startEmulator({ people: 20, limits: false });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  door = await openDoor({ gateway });
  admin = await tokenOf({ scopes: ['admin'] });
});
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const tokenOf = async (fields: Partial<Parameters<Gateway['tokens']['create']>[0]>): Promise<string> =>
  (await gateway.tokens.create({ name: 'portal', scopes: ['connections'], ...fields })).secret;
const post = (path: string, json: unknown, token = admin) => door.call(path, { method: 'POST', token, json });
const caller = { from: '192.0.2.7', requestId: null };
const submit = (secret: string) =>
  gateway.links.submit(
    secret,
    { region: emulator.region, baseUrl: emulator.url, reporting: emulator.reportingToken },
    caller,
  );

describe('/link-token', () => {
  test('gives a token that connects one account, as Truto’s clients ask for it', async () => {
    const made = await post('/link-token', {
      ...{ tenant_id: 'acme', redirect_uri: 'https://app.example.com/done', context: { Plan_Name: 'gold' } },
      ...{ environment_id: 'env', environment_unified_model_id: 'm', scopes: ['a'], region: 'eu-west-1', unknown: 1 },
    });
    expect(made.status).toBe(200);
    expect(Object.keys(made.body)).toEqual(['link_token']);
    const { connection, link } = await submit(made.body.link_token);
    expect(connection).toMatchObject({ tenant: 'acme', name: 'acme', state: 'active' });
    expect(link).toMatchObject({ context: { Plan_Name: 'gold' }, origins: ['https://app.example.com'] });
    const account = await door.call(`/integrated-account/${connection.id}`, { token: admin });
    expect(account.body).toMatchObject({ id: connection.id, tenant_id: 'acme', status: 'active' });

    const again = await post('/link-token', { integrated_account_id: 'acme', persist_previous_context: true });
    const done = await submit(again.body.link_token);
    expect([done.link.task, done.connection.id]).toEqual(['reconnect', connection.id]);
  });

  test.each([
    [{}, 'tenant_id'],
    [{ tenant_id: 'a', context: { base_url: 'x' } }, 'context.base_url'],
    [{ tenant_id: 'a', context: { apiToken: 'x' } }, 'context.apiToken'],
    [{ tenant_id: 'a', redirect_uri: 'javascript:alert(1)' }, 'redirect_uri'],
    [{ tenant_id: 'a', x_keys: ['other'] }, 'x_keys[0]'],
  ])('refuses %j in Truto’s words', async (body, field) => {
    const refused = await post('/link-token', body);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ statusCode: 400, error: 'Bad Request', details: { field } });
  });

  test('refuses a context of any depth', async () => {
    const body = `{"tenant_id":"a","context":{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    const refused = await door.call('/link-token', { method: 'POST', token: admin, body });
    expect([refused.status, refused.body.details.field]).toEqual([400, 'context']);
  });

  test('needs the scope, and a connection within reach', async () => {
    expect((await post('/link-token', { tenant_id: 'a' }, await tokenOf({ scopes: ['directory'] }))).status).toBe(403);
    const bound = await tokenOf({ tags: ['nowhere'] });
    expect((await post('/link-token', { integrated_account_id: 'acme' }, bound)).status).toBe(403);
    const { link_token: link } = (await post('/link-token', { tenant_id: 'tagged' }, bound)).body;
    const { url: base_url, region, reportingToken: reporting } = emulator;
    const form = new URLSearchParams({ link, region, base_url, reporting, step: 'connect' });
    const page = await fetch(`${door.url}/connect-account`, { method: 'POST', body: form });
    expect(page.status).toBe(200);
    const reached = await door.call('/api/v1/connections', { token: bound });
    expect(reached.body.result).toMatchObject([{ name: 'tagged', tags: ['nowhere'] }]);
  });
});

describe('/api/v1/invitations', () => {
  test('are made, listed, shown, sent again and withdrawn; link and code are shown once', async () => {
    const made = await post('/api/v1/invitations', {
      address: 'priya@example.com',
      requester: 'Foods',
      keys: ['scim'],
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      invitation: { state: 'open', keys: ['reporting', 'scim'], sent_at: null },
      code: expect.stringMatching(/^KB-\w{4}-\w{4}$/),
      mailed: false,
    });
    expect(made.body.url.startsWith(`${door.url}/connect-account?link_token=fkl_`)).toBe(true);
    const path = `/api/v1/invitations/${made.body.invitation.id}`;
    expect(made.headers.get('location')).toBe(path);
    const shown = await door.call(path, { token: admin });
    expect(shown.body).toEqual(made.body.invitation);
    const again = await post(`${path}/resend`, undefined);
    expect(again.body.code).not.toBe(made.body.code);
    const list = async (query: string) =>
      (await door.call(`/api/v1/invitations?${query}`, { token: admin })).body.result;
    expect(await list('state=open')).toHaveLength(1);
    expect((await list('kind=link_token&limit=2')).length).toBe(2);
    const gone = await door.call(path, { method: 'DELETE', token: admin });
    expect(gone.body.state).toBe('revoked');
    expect(await list('state=open')).toEqual([]);
    for (const answer of [
      await post(`${path}/resend`, undefined),
      await door.call(path, { method: 'DELETE', token: admin }),
    ])
      expect([answer.status, answer.body.code]).toEqual([410, 'link_revoked']);
    const text = JSON.stringify(await list(''));
    for (const secret of [made.body.code, again.body.code, 'fkl_']) expect(text).not.toContain(secret);
  });

  test('are those of the token that asks, unless it reaches everything', async () => {
    const [one, two] = [await tokenOf({ tags: ['a'] }), await tokenOf({ tags: ['a'] })];
    const { id } = (await post('/api/v1/invitations', { address: 'x' }, one)).body.invitation;
    expect((await door.call(`/api/v1/invitations/${id}`, { token: two })).status).toBe(404);
    expect((await door.call('/api/v1/invitations', { token: two })).body.result).toEqual([]);
    expect((await door.call(`/api/v1/invitations/${id}`, { token: one })).body.tags).toEqual(['a']);
  });

  test.each([[{}], [{ address: ' ' }], [{ address: 'x', region: 'mars' }], [{ address: 'x', other: 1 }]])(
    'refuses %j',
    async (body) => {
      expect((await post('/api/v1/invitations', body)).status).toBe(400);
    },
  );

  test('are made by commands beside the server as well, and outlive the token of that server', async () => {
    const { secret: token, token: ofServer } = await gateway.tokens.create({
      ...{ name: COMMAND_TOKEN, scopes: ['admin'], forCommands: true },
    });
    const server = callServer({ address: door.url, token, operator: 'mara' });
    const { links } = remoteWrites(server.call);
    try {
      const made = await links.invite({ address: 'jonas@example.com', tenant: 'Foods' }, null);
      expect((await gateway.links.open(made.secret)).tenant).toBe('Foods');
      const again = await links.resend(made.link.id, null);
      const other = await links.invite({ address: 'ines@example.com' }, null);
      expect((await links.revoke(other.link.id, null)).state).toBe('revoked');
      await gateway.tokens.revoke(ofServer.id);
      const { secret } = await gateway.links.byCode(again.code, caller);
      expect(await gateway.links.open(secret)).toMatchObject({ id: made.link.id, state: 'open' });
    } finally {
      await server.close();
    }
  });
});
