import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { NewToken } from '../tokens/new-token.ts';
import { openDoor } from './contract/door.ts';

const MADE_UP = 'made-up-token-of-nobody';

let emulator: Emulator;
let gateway: Gateway;
let folder: string;
let door: Awaited<ReturnType<typeof openDoor>>;
let admin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreknow-truto-'));
  emulator = await startEmulator({
    ...{ people: 12, limits: false },
    accounts: [{ name: 'Beta Works', people: 8, seed: 23, region: 'eu' }],
  });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  door = await openDoor({ gateway, limits: { livePerTenSeconds: 10_000, failuresPerMinute: 10_000 } });
  admin = await tokenOf({ scopes: ['admin'] });
}, 60_000);
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const { id } of await gateway.connections.list()) await gateway.connections.remove(id, { purge: true });
});

const tokenOf = async (fields: Partial<NewToken>): Promise<string> =>
  (await gateway.tokens.create({ name: 'test', scopes: ['directory'], ...fields })).secret;

const send = (method: string, path: string, json?: unknown, token = admin) => door.call(path, { method, token, json });
const get = (path: string, token = admin) => door.call(path, { token });

const contextOf = (index: number) => {
  const { region, reportingToken, addresses } = emulator.accounts[index]!;
  return { region, api_token: reportingToken, base_url: addresses.reporting };
};
const imported = async (tenant: string, context: object = {}, index = 0) => {
  const answer = await send('POST', '/integrated-account', {
    ...{ tenant_id: tenant, context: { ...contextOf(index), ...context } },
  });
  expect([answer.status, answer.body.message]).toEqual([201, undefined]);
  return answer.body;
};
const codeOf = ({ status, body }: Awaited<ReturnType<typeof get>>) => [status, body.details?.code];

describe('importing', () => {
  test('proves the token, keeps it sealed, and answers the account with every field and no secret', async () => {
    const body = await imported('acme-1', { name: 'acme', settings: { time_zone: 'Europe/Berlin' } });
    expect(body).toMatchObject({
      id: expect.stringMatching(/^con_/),
      tenant_id: 'acme-1',
      environment_id: 'default',
      environment_integration_id: 'envint_knowbe4',
      status: 'active',
      ...{ is_blocked: false, last_error: null, is_sandbox: false, authentication_method: 'api_key' },
      region: emulator.accounts[0]!.region,
      context: { name: 'acme', base_url: contextOf(0).base_url, settings: { time_zone: 'Europe/Berlin' } },
      ...{ object_store_context_fields: [], tags: [] },
      integration: { id: 'int_knowbe4', name: 'knowbe4', category: 'security' },
    });
    expect(body.last_action_result.checked_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    const seen = await get(`/integrated-account/${body.id}`);
    expect(seen.body).toEqual(body);
    expect(seen.text).not.toContain(emulator.accounts[0]!.reportingToken);
  });

  test('without a name takes one from tenant and token', async () => {
    const { context } = await imported('Acme & Söhne / 1');
    expect(context.name).toMatch(/^Acme - Söhne - 1 [0-9a-f]{8}$/);
    for (const tenant of ['con_1', '***', 'x'.repeat(200), '日本'])
      expect((await imported(tenant)).context.name.length).toBeLessThan(65);
  });

  test('twice makes one: the second is a 409, on each try and beside the first', async () => {
    const body = { tenant_id: 'acme-1', context: contextOf(0) };
    const tries = await Promise.all([1, 2, 3].map(() => send('POST', '/integrated-account', body)));
    expect(tries.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    for (let again = 0; again < 2; again += 1)
      expect(codeOf(await send('POST', '/integrated-account', body))).toEqual([409, 'conflict']);
    const renamed = { ...body, context: { ...body.context, name: 'another name' } };
    expect(codeOf(await send('POST', '/integrated-account', renamed))).toEqual([409, 'conflict']);
    expect(await gateway.connections.list()).toHaveLength(1);
    // Several accounts of one tenant, and one account of several tenants, are no repetition.
    await imported('acme-1', {}, 1);
    await imported('acme-2');
    expect(await gateway.connections.list()).toHaveLength(3);
  });

  test('with a token that KnowBe4 refuses keeps nothing and says whose word it is', async () => {
    const answer = await send('POST', '/integrated-account', {
      ...{ tenant_id: 'acme-1', context: { ...contextOf(0), api_token: MADE_UP } },
    });
    expect(answer.body).toMatchObject({ statusCode: 401, error: 'Unauthorized', truto_is_remote_error: true });
    expect(answer.text).not.toContain(MADE_UP);
    expect(await gateway.connections.list()).toEqual([]);
  });

  test('says what is wrong with what was sent', async () => {
    const context = contextOf(0);
    for (const [body, field] of [
      [{ context }, 'tenant_id'],
      [{ tenant_id: 'a', context: { region: 'us' } }, 'context.api_token'],
      [{ tenant_id: 'a', context: { api_token: 'x' } }, 'context.region'],
      [{ tenant_id: 'a', context: { ...context, token: 'x' } }, 'context.api_token'],
      [{ tenant_id: 'a', context: { ...context, zendesk_subdomain: 'x' } }, 'context.zendesk_subdomain'],
      [{ tenant_id: 'a', context, authentication_method: 'oauth2' }, 'authentication_method'],
      [{ tenant_id: 'a', context: { ...context, base_url: 'http://10.0.0.1' } }, 'reportingUrl'],
    ] as const) {
      const answer = await send('POST', '/integrated-account', body);
      expect([answer.status, answer.body.details.field], JSON.stringify(field)).toEqual([400, field]);
    }
  });

  test('is not for a token that is bound to accounts', async () => {
    const { id } = await imported('acme-1');
    const bound = await tokenOf({ scopes: ['connections'], connections: [id] });
    const body = { tenant_id: 'a', context: contextOf(1) };
    expect(codeOf(await send('POST', '/integrated-account', body, bound))).toEqual([403, 'connection_not_allowed']);
  });
});

describe('listing', () => {
  test('filters by plain values and by operators, and goes on with the cursor, empty at first', async () => {
    const ids = [];
    for (const tenant of ['a', 'b', 'c']) ids.push((await imported(tenant)).id);
    const listed = async (query: string) => {
      const { status, body } = await get(`/integrated-account?${query}`);
      expect(status, query).toBe(200);
      return body.result.map(({ tenant_id: tenant }: { tenant_id: string }) => tenant).toSorted();
    };
    expect(await listed('')).toEqual(['a', 'b', 'c']);
    expect(await listed('next_cursor=&tenant_id=b&integration=knowbe4&status=active&is_sandbox=false')).toEqual(['b']);
    expect(await listed('tenant_id%5Bin%5D%5B0%5D=a&tenant_id%5Bin%5D%5B1%5D=c')).toEqual(['a', 'c']);
    expect(await listed('tenant_id[in]=a,c&environment_id=default')).toEqual(['a', 'c']);
    expect(await listed('created_at[gt]=2020-01-01&updated_at[lt]=2099-01-01T00:00:00Z')).toEqual(['a', 'b', 'c']);
    expect(await listed('created_at=2020-01-01')).toEqual([]);
    expect(await listed('integration=zendesk')).toEqual([]);
    expect(await listed('is_sandbox=true')).toEqual([]);
    const first = await get('//integrated-account?limit=2&next_cursor=');
    expect(first.body).toMatchObject({ limit: 2, next_cursor: expect.any(String) });
    const rest = await get(`/integrated-account/?limit=2&next_cursor=${first.body.next_cursor}`);
    expect(rest.body).toMatchObject({ limit: 2, next_cursor: null });
    const seen = [...first.body.result, ...rest.body.result].map(({ id }: { id: string }) => id);
    expect(seen).toEqual(ids);
  });

  test('refuses a filter that it does not know, rather than showing more than was asked for', async () => {
    for (const [query, field] of [
      ['tenantId=a', 'tenantId'],
      ['limit=0', 'limit'],
      ['limit=many', 'limit'],
      ['created_at[near]=2020-01-01', 'created_at[near]'],
      ['created_at=soon', 'created_at'],
      ['is_sandbox=perhaps', 'is_sandbox'],
    ]) {
      const { status, body } = await get(`/integrated-account?${query}`);
      expect([status, body.details.field]).toEqual([400, field]);
    }
    for (const cursor of ['nonsense', Buffer.from('[1]').toString('base64url'), 'a&next_cursor=b'])
      expect(codeOf(await get(`/integrated-account?next_cursor=${cursor}`))).toEqual([400, 'invalid_cursor']);
  });
});

describe('a token that is bound', () => {
  test('sees its own accounts alone, and cannot tell the others from what is not there', async () => {
    const mine = await imported('a');
    const other = await imported('b');
    const bound = await tokenOf({ scopes: ['connections', 'proxy'], connections: [mine.id] });
    expect((await get('/integrated-account', bound)).body.result).toMatchObject([{ id: mine.id }]);
    const same = async (method: string, path: string, body?: unknown) => {
      const of = async (id: string) => {
        const answer = await send(
          method,
          path.replace('ID', id),
          body && JSON.parse(JSON.stringify(body).replace('ID', id)),
          bound,
        );
        return [answer.status, answer.text.replaceAll(id, 'ID').replace(/"request_id":"[^"]*"/, '')];
      };
      const [hidden, missing] = [await of(other.id), await of('con_aaaaaaaaaaaaaaaa')];
      expect(hidden[0]).toBe(403);
      expect(hidden, path).toEqual(missing);
    };
    await same('GET', '/integrated-account/ID');
    await same('PATCH', '/integrated-account/ID', { tenant_id: 'x' });
    await same('DELETE', '/integrated-account/ID');
    await same('PATCH', '/integrated-account/ID/credentials', { api_token: MADE_UP });
    await same('POST', '/integrated-account/refresh-credentials', { id: 'ID' });
    await same('POST', '/integrated-account/bulk-delete', { ids: ['ID'] });
    await same('POST', '/integrated-account/token', { integrated_account_id: 'ID' });
    await same('GET', '/integrated-account/ID/capabilities');
    await same('GET', '/integrated-account/ID/tools');
    await same('GET', '/integrated-account/ID/mcp');
    await same('POST', '/integrated-account/ID/mcp', { name: 'agent' });
    expect(await gateway.connections.list()).toHaveLength(2);
  });

  test('lacks what its scopes do not open', async () => {
    const { id } = await imported('a');
    const reader = await tokenOf({ scopes: ['directory'] });
    for (const [method, path] of [
      ...[
        ['GET', '/integrated-account'],
        ['GET', `/integrated-account/${id}`],
        ['PATCH', `/integrated-account/${id}`],
      ],
      ...[
        ['DELETE', `/integrated-account/${id}`],
        ['GET', `/integrated-account/${id}/mcp`],
        ['GET', '/api-token'],
      ],
      ...[
        ['GET', `/integrated-account/${id}/tools`],
        ['GET', '/integrated-account/me'],
      ],
    ] as const) {
      const answer = await send(method!, path!, undefined, reader);
      expect(codeOf(answer), path).toEqual([403, 'scope_missing']);
      expect(answer.body.truto_error_insight.forbidden_error.value, path).toHaveLength(1);
    }
    expect((await get(`/integrated-account/${id}/capabilities`, reader)).status).toBe(200);
  });
});

describe('changing', () => {
  test('merges: what is not named stays, the secret too', async () => {
    const made = await imported('a', { name: 'acme', settings: { time_zone: 'Europe/Berlin' } });
    const path = `/integrated-account/${made.id}`;
    const renamed = await send('PATCH', path, { context: { name: 'acme two' }, tags: ['emea'] });
    expect(renamed.body).toMatchObject({
      ...{ tenant_id: 'a', tags: ['emea'] },
      context: { name: 'acme two', settings: { time_zone: 'Europe/Berlin' }, base_url: contextOf(0).base_url },
    });
    expect((await send('PATCH', path, { tenant_id: null, name: 'three' })).body).toMatchObject({
      ...{ tenant_id: null, tags: ['emea'], context: { name: 'three' } },
    });
    expect((await send('PATCH', path, { context: { settings: {} } })).body.context.settings).toEqual({});
    // What was read can be sent back.
    const { context } = (await get(path)).body;
    expect((await send('PATCH', path, { context })).status).toBe(200);
    expect((await send('POST', '/integrated-account/refresh-credentials', { id: made.id })).body).toEqual({
      success: true,
    });
  });

  test('moves no token to another host, takes no secret, and tells what cannot be changed', async () => {
    const { id } = await imported('a');
    for (const [body, field] of [
      [{ context: { region: 'ca' } }, 'context.region'],
      [{ context: { base_url: 'https://elsewhere.example' } }, 'context.base_url'],
      [{ context: { api_token: MADE_UP } }, 'context.api_token'],
      [{ status: 'active' }, 'status'],
    ] as const) {
      const answer = await send('PATCH', `/integrated-account/${id}`, body);
      expect([answer.status, answer.body.details.field]).toEqual([400, field]);
    }
  });

  test('of credentials proves the new token, which has to be of the same account', async () => {
    const { id } = await imported('a');
    const path = `/integrated-account/${id}/credentials`;
    const { api_token: token } = contextOf(0);
    expect((await send('PATCH', path, { api_key: token })).body).toMatchObject({ id, status: 'active' });
    const other = await send('PATCH', path, { token: contextOf(1).api_token });
    expect(other.status).toBeGreaterThan(400);
    expect(codeOf(await send('PATCH', path, { token: MADE_UP }))).toEqual([401, 'connection_unauthorized']);
    expect(codeOf(await send('PATCH', path, {}))).toEqual([400, 'invalid_request']);
    expect((await get(`/integrated-account/${id}`)).body.status).toBe('active');
  });

  test('a refused token shows in the account, and proving one that works again mends it', async () => {
    const { id } = await imported('a');
    emulator.addFault({ kind: 'token-disabled' });
    const refused = await send('POST', '/integrated-account/refresh-credentials', { id });
    expect(refused.body).toMatchObject({ statusCode: 401, truto_is_remote_error: true });
    const { body } = await get(`/integrated-account/${id}`);
    expect(body).toMatchObject({ status: 'needs_reauth', last_error: expect.stringContaining('KnowBe4') });
    expect((await get('/integrated-account?status=needs_reauth')).body.result).toHaveLength(1);
    emulator.clearFaults();
    expect((await send('POST', '/integrated-account/refresh-credentials', { id })).body).toEqual({ success: true });
    expect((await get(`/integrated-account/${id}`)).body).toMatchObject({ status: 'active', last_error: null });
  });

  test('a paused connection is a blocked account', async () => {
    const { id } = await imported('a');
    await send('POST', `/api/v1/connections/${id}/pause`);
    expect((await get(`/integrated-account/${id}`)).body).toMatchObject({ is_blocked: true, status: 'active' });
    expect((await get(`/integrated-account/${id}/capabilities`)).body.account).toEqual({
      ...{ id, status: 'active', authentication_method: 'api_key', is_blocked: true },
    });
  });
});

describe('removing', () => {
  test('one, and several by id or by tenant', async () => {
    const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((tenant) => imported(tenant)));
    const left = async () => (await gateway.connections.list()).map(({ tenant }) => tenant).toSorted();
    expect((await send('DELETE', `/integrated-account/${a.id}`)).body).toEqual({ id: a.id });
    const one = await send('POST', '/integrated-account/bulk-delete', { ids: [b.id, 'con_aaaaaaaaaaaaaaaa'] });
    expect(one.status).toBe(404);
    expect(await left()).toEqual(['b', 'c', 'd']);
    const two = await send('POST', '/integrated-account/bulk-delete', { ids: [b.id, b.id, c.id] });
    expect(two.body).toEqual({ success: true, ids: [b.id, c.id] });
    for (const body of [{}, { ids: [d.id], tenant_id: 'd' }, { ids: [] }])
      expect((await send('POST', '/integrated-account/bulk-delete', body)).status).toBe(400);
    expect((await send('POST', '/integrated-account/bulk-delete', { tenant_id: 'd' })).body.ids).toEqual([d.id]);
    expect(await left()).toEqual([]);
    expect(codeOf(await get(`/integrated-account/${d.id}`))).toEqual([404, 'not_found']);
  });
});

describe('an account token', () => {
  const accountToken = async (id: string) =>
    (await send('POST', '/integrated-account/token', { integrated_account_id: id })).body.integrated_account_token;

  test('reads and names its own account, and reaches nothing else here', async () => {
    const { id } = await imported('a');
    await imported('b');
    const token = await accountToken(id);
    expect((await get('/integrated-account/me', token)).body.id).toBe(id);
    const named = await send('PATCH', '/integrated-account/me', { name: 'mine', tags: ['x'] }, token);
    expect(named.body).toMatchObject({ id, tags: ['x'], context: { name: 'mine' } });
    for (const [body, field] of [
      [{ tenant_id: 'b' }, 'tenant_id'],
      [{ context: { base_url: 'https://elsewhere.example' } }, 'context.base_url'],
      [{ context: { settings: {} } }, 'context.settings'],
      [{ region: 'eu' }, 'region'],
    ] as const) {
      const answer = await send('PATCH', '/integrated-account/me', body, token);
      expect([answer.status, answer.body.details.failures[0].field]).toEqual([400, field]);
    }
    for (const [method, path] of [
      ...[
        ['GET', '/integrated-account'],
        ['GET', `/integrated-account/${id}`],
        ['DELETE', `/integrated-account/${id}`],
      ],
      ...[
        ['GET', `/integrated-account/${id}/tools`],
        ['GET', `/integrated-account/${id}/capabilities`],
      ],
      ...[
        ['GET', `/integrated-account/${id}/mcp`],
        ['GET', '/integration'],
        ['GET', '/api-token'],
      ],
      ...[
        ['POST', '/integrated-account/token'],
        ['DELETE', `/integrated-account/${id}/mcp/tok_1`],
      ],
    ] as const) {
      const answer = await send(method!, path!, method === 'POST' ? { integrated_account_id: id } : undefined, token);
      expect(codeOf(answer), path).toEqual([403, 'token_kind_not_allowed']);
    }
    const wrong = await get('/integrated-account/me?integrated_account_id=con_aaaaaaaaaaaaaaaa', token);
    expect(codeOf(wrong)).toEqual([403, 'connection_not_allowed']);
  });

  test('changes nothing that the token which made it could not change', async () => {
    const { id } = await imported('a');
    const reader = await tokenOf({ scopes: ['directory'], connections: [id] });
    const { body } = await send('POST', '/integrated-account/token', { integrated_account_id: id }, reader);
    const token = body.integrated_account_token;
    expect((await get('/integrated-account/me', token)).body.id).toBe(id);
    expect(codeOf(await send('PATCH', '/integrated-account/me', { tags: ['x'] }, token))).toEqual([
      403,
      'scope_missing',
    ]);
  });
});

describe('errors', () => {
  test('have Truto’s shape on every address of its own, known or not', async () => {
    const { id } = await imported('a');
    const shape = async (expected: number, method: string, path: string, token?: string) => {
      const answer = await door.call(path, { method, ...(token && { token }) });
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        ...[path, expected, 'application/json; charset=utf-8'],
      ]);
      expect(answer.body, path).toMatchObject({
        ...{ statusCode: expected, error: expect.stringMatching(/^[A-Z]/), message: expect.stringMatching(/\.$/) },
        details: { code: expect.any(String), request_id: expect.any(String) },
      });
    };
    for (const first of ['integrated-account', 'integration', 'environment', 'environment-integration', 'api-token']) {
      await shape(401, 'GET', `/${first}`);
      await shape(401, 'GET', `//${first}?`);
      await shape(405, 'PUT', `/${first}`, admin);
      await shape(404, 'GET', `/${first}/x/y/z/nothing`, admin);
      await shape(404, 'GET', `/${first}/nothing`, admin);
    }
    for (const first of [
      'webhook',
      'log',
      'sync-job',
      'sync-job-run',
      'sync-job-cron-trigger',
      'link-token',
      'batch-request',
    ])
      await shape(404, 'GET', `/${first}/x/y/z/nothing`, admin);
    await shape(400, 'POST', `/integrated-account/refresh-credentials`, admin);
    await shape(405, 'PUT', `/integrated-account/${id}`, admin);
    const other = await door.call('/integrated-accounts', { token: admin });
    expect(other.headers.get('content-type')).toContain('problem+json');
  });

  test('of a limit say when to come back', async () => {
    const narrow = await openDoor({ gateway, limits: { readsPerMinute: 1 } });
    const token = await tokenOf({ scopes: ['connections'] });
    await narrow.call('/integrated-account', { token });
    const answer = await narrow.call('/integrated-account', { token });
    expect(answer.body).toMatchObject({ statusCode: 429, error: 'Too Many Requests' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'])
      expect(Number(answer.headers.get(name)), name).toBeGreaterThanOrEqual(0);
    await narrow.close();
  });

  test('the tokens of one account share its limit, those of another have their own', async () => {
    const narrow = await openDoor({ gateway, limits: { readsPerMinute: 2 } });
    const tokens: string[] = [];
    for (const tenant of ['a', 'a', 'b']) {
      const id =
        (await gateway.connections.list()).find((one) => one.tenant === tenant)?.id ?? (await imported(tenant)).id;
      const { body } = await send('POST', '/integrated-account/token', { integrated_account_id: id });
      tokens.push(body.integrated_account_token);
    }
    const ask = async (index: number) => (await narrow.call('/integrated-account/me', { token: tokens[index] })).status;
    expect([await ask(0), await ask(1), await ask(0), await ask(1), await ask(2)]).toEqual([200, 200, 429, 429, 200]);
    await narrow.close();
  });
});

test('clients that send JSON as text, double slashes and a trailing question mark are understood', async () => {
  const { id } = await imported('a');
  const response = await fetch(`${door.url}//integrated-account/refresh-credentials`, {
    ...{ method: 'POST', body: JSON.stringify({ id }) },
    headers: {
      authorization: `Bearer ${admin}`,
      'content-type': 'text/plain;charset=UTF-8',
      accept: 'application/json',
    },
  });
  expect([response.status, await response.json()]).toEqual([200, { success: true }]);
  expect((await get(`//integrated-account/${encodeURIComponent(id)}?`)).body.id).toBe(id);
});
