import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Server, startServer } from '../../src/main/index.ts';
import { verifyTrutoSignature } from '../../src/webhooks/index.ts';
import { openSink } from '../support/sink.ts';
import { type Page, type TrutoClient, trutoClient } from '../support/truto-client.ts';
import { TrutoError } from '../support/truto-wire.ts';

/* Programs written for Truto's API, against a listening server: every address that they use, written as they write it. */

const folder = mkdtempSync(join(tmpdir(), 'foreknow-truto-'));
let emulator: Emulator;
let server: Server;
let sink: Awaited<ReturnType<typeof openSink>>;
let truto: TrutoClient;
let account: string;
const waits: number[] = [];
const WAIT = { timeout: 20_000, interval: 100 };
type Fields = Readonly<Record<string, unknown>>;
const pause = async (ms: number) => void waits.push(ms);

beforeAll(async () => {
  emulator = await startEmulator({ people: 60, limits: false });
  sink = await openSink();
  server = await startServer({
    ...{ folder, port: 0, allowBaseUrls: true, scheduler: false, webhooks: { allowHosts: ['127.0.0.0/8'] } },
  });
  const { connection } = await server.gateway.connections.connect({
    ...{ name: 'acme', tenant: 'tenant-7', region: emulator.region },
    ...{ reportingToken: emulator.reportingToken, reportingUrl: emulator.url },
    settings: { limits: { perSecond: null, perMinute: null } },
  });
  account = connection.id;
  await server.gateway.sync.run('acme', { level: 'full' });
  const { secret } = await server.gateway.tokens.create({ name: 'truto', scopes: ['admin'] });
  truto = trutoClient(`${server.url}/`, secret, pause);
}, 120_000);

afterAll(async () => {
  await server.close();
  await sink.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  emulator.clearFaults();
  emulator.resetRequests();
  truto.seen.length = 0;
  waits.length = 0;
});

const failure = async (work: Promise<unknown>): Promise<TrutoError> => {
  const error = await work.then(
    () => expect.unreachable('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TrutoError);
  return error as TrutoError;
};
const mine = () => ({ integrated_account_id: account });
const pagesOf = async (pages: AsyncIterable<Page>): Promise<Page[]> => {
  const found: Page[] = [];
  for await (const page of pages) found.push(page);
  return found;
};

test('users are listed through their pages to the end, the first one being asked for with an empty cursor', async () => {
  const users = truto.unified('user-directory', 'users');
  const pages = await pagesOf(users.pages({ ...mine(), limit: 25 }));
  expect(truto.seen[0]!.path).toBe(
    `/unified/user-directory/users?integrated_account_id=${account}&limit=25&next_cursor=`,
  );
  const rows = pages.flatMap(({ result }) => result);
  const living = emulator.truth().users.filter((user) => !('deleted' in user));
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(living.map(({ id }) => String(id))));
  expect(rows).toHaveLength(new Set(rows.map(({ id }) => id)).size);
  expect(pages.at(-1)!.next_cursor).toBeNull();
  expect(pages.slice(0, -1).every((page) => page.result_count === 25)).toBe(true);

  const found = await users.get(rows[0]!.id, mine());
  expect(found).toEqual(rows[0]);
});

test('a question without a word ends in a question mark, and arrays, objects and ids are percent-encoded', async () => {
  await truto.get('/integrated-account');
  expect(truto.seen.at(-1)!.path).toBe('/integrated-account?');
  const [first] = await truto.unified('user-directory', 'users').list({
    ...{ ...mine(), limit: 500, truto_exclude_fields: ['remote_data', 'emails'] },
    created_at: { gt: '2000-01-01T00:00:00.000Z' },
    sort_by: { name: 'asc' },
  });
  expect(truto.seen.at(-1)!.path).toContain(
    'truto_exclude_fields%5B0%5D=remote_data&truto_exclude_fields%5B1%5D=emails&created_at%5Bgt%5D=2000-01-01T00%3A00%3A00.000Z&sort_by%5Bname%5D=asc',
  );
  expect(first).toHaveProperty('name');
  expect(first).not.toHaveProperty('remote_data');
  expect(first).not.toHaveProperty('emails');

  const [role] = await truto.unified('user-directory', 'role_assignments').list(mine());
  expect(role!.id).toContain(':');
  expect(await truto.unified('user-directory', 'role_assignments').get(role!.id, mine())).toEqual(role);
  expect(truto.seen.at(-1)!.path).toContain(encodeURIComponent(role!.id));
  const odd = await failure(truto.unified('user-directory', 'users').get('a/b ü', mine()));
  expect([odd.status, truto.seen.at(-1)!.path]).toEqual([404, expect.stringContaining('/users/a%2Fb%20%C3%BC?')]);
});

test('created_at is taken as a plain time and as an object with operators', async () => {
  const users = truto.unified('user-directory', 'users');
  const [one] = await users.list({ ...mine(), limit: 500 });
  const at = (one as unknown as { created_at: string }).created_at;
  const same = await users.list({ ...mine(), created_at: at });
  expect(same.map(({ id }) => id)).toContain(one!.id);
  const later = await users.list({ ...mine(), created_at: { gt: at } });
  expect(later.map(({ id }) => id)).not.toContain(one!.id);
});

test('the other resources of the directory and of training are listed and got alike', async () => {
  for (const [model, resource] of [
    ...['groups', 'roles', 'role_assignments', 'organizations'].map((name) => ['user-directory', name] as const),
    ...['courses', 'course-items', 'course-enrollments', 'users'].map((name) => ['lms', name] as const),
  ]) {
    const rows = await truto.unified(model, resource).list(mine());
    expect(rows.length, resource).toBeGreaterThan(0);
    expect(await truto.unified(model, resource).get(rows[0]!.id, mine()), resource).toEqual(rows[0]);
  }
  expect(await truto.get('/unified/user-directory/me', mine())).toHaveProperty('id');
});

test('lists and records of KnowBe4 come through the proxy; an id that is said twice is said to KnowBe4 once', async () => {
  const users = truto.proxy('users');
  const pages = await pagesOf(users.pages({ ...mine(), limit: 50 }));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages[0]).toMatchObject({ prev_cursor: null, result_count: pages[0]!.result.length });
  const id = String(pages[0]!.result[0]!.id);
  const direct = await fetch(`${emulator.url}/v1/users/${id}`, {
    headers: { authorization: `Bearer ${emulator.reportingToken}` },
  });
  emulator.resetRequests();
  expect(await users.get(id, mine())).toEqual(await direct.json());
  expect(truto.seen.at(-1)!.path).toContain(`/proxy/users/${id}?integrated_account_id=${account}&id=${id}`);
  expect(emulator.requests().recent.at(-1)!.path).not.toContain('id=');
  const refused = await failure(users.update(id, { first_name: 'X' }, mine()));
  expect(refused.status).toBe(403);
});

test('custom calls have no slash in front and their JSON is called text', async () => {
  const read = (await truto.custom('POST', 'users', mine(), {
    methodConfig: { method: 'get', query: { status: 'active' } },
  })) as Page;
  expect(truto.seen.at(-1)!.path).toBe(`custom/users?integrated_account_id=${account}`);
  expect(read.result.length).toBeGreaterThan(0);
  const group = (await truto.custom('GET', 'groups', mine())) as Page;
  expect(group).toHaveProperty('next_cursor');
  const write = await failure(truto.custom('POST', 'users', mine(), { first_name: 'X' }));
  expect(write.status).toBe(403);
});

test('an error is the words of the status line, and ours are in its data', async () => {
  const error = await failure(truto.unified('user-directory', 'users').get('none', mine()));
  expect(error.message).toBe('Not Found');
  expect(error.data).toMatchObject({ statusCode: 404, error: 'Not Found', message: expect.stringMatching(/./) });
  const wrong = await failure(trutoClient(`${server.url}/`, 'fk_wrong', pause).admin('integrated-account').list());
  expect([wrong.status, wrong.message]).toEqual([401, 'Unauthorized']);
  expect(wrong.data).toMatchObject({ statusCode: 401, message: expect.stringMatching(/./) });
  const bad = await failure(truto.unified('user-directory', 'users').list({ ...mine(), limit: 'many' }));
  expect(bad.data).toMatchObject({ statusCode: 400, details: { failures: [{ field: 'limit' }] } });
});

test('what is tried again without a pause takes effect once, and is refused alike each time', async () => {
  const webhook = { target_url: sink.url, event_types: ['record:*'] };
  const import_ = {
    tenant_id: 'tenant-7',
    context: { name: 'acme', region: emulator.region, api_token: emulator.reportingToken, base_url: emulator.url },
  };
  const before = await truto.admin('integrated-account').list();
  const conflict = await failure(truto.admin('integrated-account').create(import_));
  expect([conflict.status, truto.seen.filter(({ status }) => status === 409).length]).toEqual([409, 3]);
  expect(await truto.admin('integrated-account').list()).toEqual(before);

  const key = { 'idempotency-key': 'one-webhook' };
  const one = (await truto.post('/webhook', webhook, key)) as { id: string };
  const again = (await truto.post('/webhook', webhook, key)) as { id: string };
  expect(again).toEqual(one);
  expect((await truto.admin('webhook').list()).map(({ id }) => id)).toEqual([one.id]);
  await truto.admin('webhook').remove(one.id);
});

test('an account is listed, got, changed and proven again; its token opens its data and nothing else', async () => {
  const accounts = truto.admin('integrated-account');
  const rows = await accounts.list({ tenant_id: 'tenant-7', status: 'active' });
  expect(rows.map(({ id }) => id)).toEqual([account]);
  expect(await accounts.get(account)).toMatchObject({ id: account, tenant_id: 'tenant-7', status: 'active' });
  expect(await accounts.update(account, { tags: ['emea'] })).toMatchObject({ id: account, tags: ['emea'] });
  expect(await truto.refreshCredentials(account)).toEqual({ success: true });
  expect(truto.seen.at(-1)!.path).toBe('integrated-account/refresh-credentials');

  const made = (await truto.post('/integrated-account/token', { integrated_account_id: account })) as Fields;
  const own = trutoClient(`${server.url}/`, String(made.integrated_account_token), pause);
  expect((await own.unified('user-directory', 'users').list()).length).toBeGreaterThan(0);
  expect((await own.proxy('groups').list()).length).toBeGreaterThan(0);
  expect(await own.get('/integrated-account/me')).toMatchObject({ id: account });
  expect(await own.patch('/integrated-account/me', { tags: [] })).toMatchObject({ id: account, tags: [] });
  for (const refused of ['/integrated-account', '/webhook', '/log']) {
    expect((await failure(own.get(refused))).status, refused).toBe(403);
  }
});

test('tools and capabilities are told, filters joined by commas and empty ones left out', async () => {
  const { result: tools } = (await truto.tools(account, { methods: ['read'], tags: [] })) as unknown as {
    result: { name: string; method: string; required: unknown; query_schema: Fields | null }[];
  };
  expect(truto.seen.at(-1)!.path).toBe(`/integrated-account/${account}/tools?methods=read`);
  expect(tools.map(({ name }) => name)).toContain('list_all_knowbe4_users');
  for (const { name, method, required, query_schema } of tools) {
    expect(required, name).toBeInstanceOf(Array);
    // Without `id` in the schema a model could not say whom it means.
    if (method === 'get' && !/account/.test(name)) expect(JSON.stringify(query_schema), name).toContain('"id"');
  }
  await truto.tools(account, { methods: ['list', 'get'], tags: ['directory'] });
  expect(truto.seen.at(-1)!.path).toContain('?methods=list%2Cget&tags=directory');
  const capabilities = (await truto.get(`/integrated-account/${account}/capabilities`, { type: 'all' })) as Fields;
  expect(capabilities).toMatchObject({ account: { id: account, status: 'active', is_blocked: false } });
  for (const part of ['integration', 'proxy', 'unified', 'auth', 'ai_readiness'])
    expect(capabilities).toHaveProperty(part);
});

test('a webhook is made, tried and verified by its signature, and the runs of a sync arrive there', async () => {
  const webhooks = truto.admin('webhook');
  const made = (await webhooks.create({ target_url: sink.url, event_types: ['*'] })) as Fields & { id: string };
  const secret = String(made.secret);
  expect(await webhooks.get(made.id)).not.toHaveProperty('secret');
  sink.arrivals.length = 0;
  expect(await truto.testWebhook(made.id)).toMatchObject({ success: true });
  expect(truto.seen.at(-1)!.path).toBe('webhook/test');
  const { headers, body } = sink.arrivals.at(-1)!;
  expect(await verifyTrutoSignature({ headers, body, secret })).toMatchObject({ event: 'test', webhook_id: made.id });
  await expect(verifyTrutoSignature({ headers, body: `${body} `, secret })).rejects.toThrow('signature');

  const run = (await truto.admin('sync-job-run').create({
    ...{ sync_job_id: 'directory', integrated_account_id: account, status: 'created' },
  })) as unknown as { id: string; status: string };
  const runs = truto.admin('sync-job-run');
  await vi.waitFor(async () => expect(await runs.get(run.id)).toMatchObject({ status: 'completed' }), {
    timeout: 8000,
  });
  const events = async () =>
    Promise.all(
      sink.arrivals.map(async (one) => (await verifyTrutoSignature({ ...one, secret })).event_type as string),
    );
  await vi.waitFor(async () => expect(await events()).toContain('sync_job_run:completed'), { timeout: 8000 });
  expect((await runs.list({ integrated_account_id: account, limit: 1 })).map(({ id }) => id)).toContain(run.id);
  expect((await truto.admin('sync-job').list()).map(({ id }) => id)).toContain('directory');
  expect(await webhooks.update(made.id, { is_active: false })).toMatchObject({ is_active: false });
  expect(await webhooks.remove(made.id)).toEqual({ id: made.id });
});

test('the log tells what was called, page by page', async () => {
  await truto.unified('user-directory', 'groups').list(mine());
  const log = (query: Fields) => truto.admin('log').list({ log_type: 'unified_proxy_api', ...query });
  await vi.waitFor(async () => expect(JSON.stringify(await log({ limit: 3 }))).toContain('groups'), WAIT);
  const month = { created_at: { gt: new Date(Date.now() - 86_400_000).toISOString() }, limit: 10 };
  const rows = await log(month);
  expect(rows.length).toBeGreaterThan(10);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect((await failure(log({ limit: 1, created_at: { gt: '2020-01-01T00:00:00Z' } }))).status).toBe(400);
});

test('an agent’s address answers clients that leave out jsonrpc, the id of initialize and half of what they accept', async () => {
  const tokens = truto.admin(`integrated-account/${account}/mcp`);
  const made = (await tokens.create({
    name: 'agent',
    config: { methods: ['read'], tags: ['directory'] },
  })) as Fields & {
    id: string;
  };
  const secret = String(made.token);
  expect(made.url).toBe(`${server.url}/mcp/${secret}`);
  const initialize = {
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'truto', version: '1' } },
  };
  expect(await truto.mcp(secret, initialize)).toMatchObject({ result: { serverInfo: { name: expect.any(String) } } });
  expect(truto.seen.at(-1)!.path).toBe(`mcp/${secret}`);
  const listed = (await truto.mcp(secret, { id: 1, method: 'tools/list', params: {} })) as unknown as {
    result: { tools: { name: string }[] };
  };
  expect(listed.result.tools.length).toBeGreaterThan(0);
  const called = (await truto.mcp(secret, {
    ...{ id: 2, method: 'tools/call' },
    params: { name: listed.result.tools[0]!.name, arguments: {} },
  })) as unknown as { result: Fields };
  expect(called.result).toHaveProperty('content');
  expect((await failure(truto.get(`/mcp/${secret}`))).status).toBe(405);

  expect((await tokens.list()).map(({ id }) => id)).toEqual([made.id]);
  expect(await tokens.update(made.id, { name: 'agent 2' })).toMatchObject({ name: 'agent 2' });
  expect(await tokens.remove(made.id)).toEqual({ id: made.id });
  expect((await failure(truto.mcp(secret, initialize))).status).toBe(401);
  const none = await failure(tokens.create({ name: 'none', config: { methods: ['no_such_tool'] } }));
  expect(none.status).toBe(400);
});

test('a link token opens the connect page once, and a reconnect keeps the account', async () => {
  const submit = async (link: string) => {
    const page = await fetch(`${server.url}/connect-account?link_token=${link}&no_back=true&skip_rapid_form=true`);
    expect([page.status, page.headers.get('referrer-policy')]).toEqual([200, 'no-referrer']);
    const fields = { link, region: emulator.region, base_url: emulator.url, reporting: emulator.reportingToken };
    const answer = await fetch(`${server.url}/connect-account`, { method: 'POST', body: new URLSearchParams(fields) });
    return answer.status;
  };
  const linkOf = async (body: object) => ((await truto.post('/link-token', body)) as { link_token: string }).link_token;
  const again = await linkOf({ integrated_account_id: account, persist_previous_context: true });
  expect(await submit(again)).toBe(200);
  expect(await truto.admin('integrated-account').get(account)).toMatchObject({ id: account, status: 'active' });
  expect((await fetch(`${server.url}/connect-account?link_token=${again}`)).status).toBe(410);
  const neither = await failure(truto.post('/link-token', {}));
  expect([neither.status, neither.data.details]).toEqual([400, expect.objectContaining({ field: 'tenant_id' })]);
  expect(
    (await failure(truto.post('/link-token', { tenant_id: 't', context: { base_url: 'https://x.example' } }))).status,
  ).toBe(400);
});

test('changes of the directory that an observed account refuses are never tried again', async () => {
  const users = truto.unified('user-directory', 'users');
  const made = await failure(users.create({ first_name: 'X', emails: [{ email: 'x@example.com' }] }, mine()));
  expect([made.status, made.data.details]).toEqual([403, expect.objectContaining({ code: 'observe_mode' })]);
  expect(truto.seen).toHaveLength(1);
  const nobody = await failure(truto.remove(`/unified/user-directory/users/1?integrated_account_id=${account}`));
  expect(nobody.status).toBe(404);
});

test('several resources are asked for at once, and what there is to ask for is told', async () => {
  const answer = (await truto.post('/batch-request', {
    integrated_account_id: account,
    resources: [
      { resource: 'user-directory/users', method: 'list' },
      { resource: 'user-directory/groups', method: 'list' },
    ],
  })) as unknown as { result: Record<string, unknown[]>; errors: object };
  const users = await truto.unified('user-directory', 'users').list(mine());
  expect(answer.result['user-directory/users']).toHaveLength(users.length);
  expect(answer.result['user-directory/groups']!.length).toBeGreaterThan(0);
  for (const path of ['/unified/user-directory/users/meta/list', '/unified/meta/user-directory/knowbe4']) {
    expect(await truto.get(path, path.endsWith('list') ? mine() : { format: 'json' }), path).toBeTypeOf('object');
  }
  for (const resource of [
    'integration',
    'environment',
    'environment-integration',
    'api-token',
    'sync-job-cron-trigger',
  ]) {
    const rows = await truto.admin(resource).list();
    expect(rows.length, resource).toBeGreaterThan(0);
    expect(await truto.admin(resource).get(rows[0]!.id), resource).toMatchObject({ id: rows[0]!.id });
  }
});

test('KnowBe4 in maintenance is told at once, three times alike, and long before a client gives up', async () => {
  emulator.addFault({ kind: 'maintenance', count: 'always' });
  const began = performance.now();
  const away = await failure(truto.proxy('users').list(mine()));
  expect([away.status, away.data.truto_is_remote_error]).toEqual([503, true]);
  expect(away.data.details).toMatchObject({ code: 'remote_maintenance' });
  expect(truto.seen.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(waits).toEqual([]);
  const times = [began, ...truto.seen.map(({ at }) => at)];
  for (const [index, at] of truto.seen.map((one) => one.at).entries()) expect(at - times[index]!).toBeLessThan(30_000);
});

test('KnowBe4 that asks to slow down is a 429 with a true Retry-After, which is waited for', async () => {
  emulator.addFault({ kind: 'rate-limited', retryAfterS: 90 });
  const limited = await failure(truto.proxy('users').list(mine()));
  expect([limited.status, limited.message]).toEqual([429, 'Too Many Requests']);
  expect(limited.data).toMatchObject({ statusCode: 429, details: { code: 'remote_rate_limited' } });
  expect(truto.seen.map(({ status }) => status)).toEqual([429, 429, 429]);
  // Nothing but the wait that was asked for, told anew each time; KnowBe4 is asked once.
  for (const ms of waits) expect(ms).toSatisfy((asked: number) => asked > 60_000 && asked <= 91_000);
  expect(waits).toHaveLength(2);
  expect(emulator.requests().total).toBe(1);
});
