import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { aConnection } from '../store/contract/builders.ts';
import { openStore } from '../store/store.ts';
import { type Scope, scopes } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string };

let reportingToken: string;
let folder: string;
let gateway: Gateway;
let emulator: Emulator;
let door: Awaited<ReturnType<typeof openDoor>>;
let sink: Server;
let target: string;
let received: Received[] = [];
let token: string;
let acme: string;
let beta: string;

beforeAll(async () => {
  emulator = await startEmulator({ people: 12, limits: false });
  ({ reportingToken } = emulator.accounts[0]!);
  sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/in`;
  folder = mkdtempSync(join(tmpdir(), 'foreknow-truto-'));
  gateway = await openGateway({ folder, allowBaseUrls: true, webhooks: { allowHosts: ['127.0.0.1'] } });
  gateway.startWork({ scheduled: false });
  door = await openDoor({ gateway });
  const connect = async (name: string): Promise<string> => {
    const settings = { limits: { perSecond: null, perMinute: null } };
    const { region } = emulator.accounts[0]!;
    const account = { tenant: `${name}-tenant`, region, reportingUrl: emulator.url, reportingToken };
    const made = await gateway.connections.connect({ name, ...account, settings });
    return made.connection.id;
  };
  acme = await connect('acme');
  beta = await connect('beta');
  token = await tokenWith(scopes);
}, 120_000);
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  sink.closeAllConnections();
  sink.close();
  rmSync(folder, { recursive: true });
});

const tokenWith = async (some: readonly Scope[], connections?: readonly string[]): Promise<string> =>
  (await gateway.tokens.create({ name: 'test', scopes: some, ...(connections ? { connections } : {}) })).secret;
/** A gateway that takes orders and does nothing. */
async function openIdle() {
  const place = mkdtempSync(join(tmpdir(), 'foreknow-idle-'));
  const store = await openStore({ folder: place });
  await store.createConnection(aConnection({ id: 'con_a', name: 'a' }), []);
  await store.createConnection(aConnection({ id: 'con_b', name: 'b' }), []);
  await store.close();
  const idle = await openGateway({ folder: place });
  const { call, close } = await openDoor({ gateway: idle });
  const tokenOf = async (some: readonly Scope[], connections?: readonly string[]) =>
    (await idle.tokens.create({ name: 'test', scopes: some, ...(connections ? { connections } : {}) })).secret;
  return {
    ...{ call, tokenOf, token: await tokenOf(scopes) },
    async close() {
      await close();
      await idle.close();
      rmSync(place, { recursive: true });
    },
  };
}

const get = (path: string, as = token) => door.call(path, { token: as });
const send = (method: string, path: string, json?: unknown, as = token) => door.call(path, { method, json, token: as });
const arrivals = (count: number) =>
  vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
const events = () =>
  received.map(({ body }) => JSON.parse(body) as { event: string; payload: Record<string, unknown> });

describe('webhooks with Truto’s names', () => {
  test('are made, listed, changed and removed; the secret is shown once', async () => {
    const made = await send('POST', '/webhook', { target_url: target, event_types: ['record:*'], is_active: false });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      target_url: target,
      is_active: false,
      event_types: ['record:*'],
      secret: expect.stringMatching(/^whsec_/),
    });
    const { id } = made.body;
    const { secret: _, ...shown } = made.body;
    expect((await get(`/webhook/${id}`)).body).toEqual(shown);
    expect((await get('/webhook?is_active=false')).body.result).toContainEqual(shown);
    const changed = await send('PATCH', `/webhook/${id}`, { event_types: ['sync_job_run:failed'], is_active: true });
    expect(changed.body).toMatchObject({ id, is_active: true, event_types: ['sync_job_run:failed'] });
    expect((await send('DELETE', `/webhook/${id}`)).body).toEqual({ id });
    expect((await get(`/webhook/${id}`)).status).toBe(404);
  });

  test('refuse what never happens here in Truto’s shape, and leave other endpoints to their own address', async () => {
    const refused = await send('POST', '/webhook', {
      target_url: target,
      event_types: ['integrated_account:post_install_error'],
    });
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.objectContaining({
        statusCode: 400,
        details: expect.objectContaining({ field: 'event_types', hint: expect.stringContaining('record:created') }),
      }),
    ]);
    const plain = await send('POST', '/api/v1/webhooks', { url: target, types: ['user.*'] });
    expect((await get(`/webhook/${plain.body.endpoint.id}`)).status).toBe(404);
    await send('DELETE', `/api/v1/webhooks/${plain.body.endpoint.id}`);
    const bound = await tokenWith(['webhooks', 'directory'], [acme]);
    const all = await send('POST', '/webhook', { target_url: target, event_types: ['*'] });
    expect((await get('/webhook', bound)).body.result).toEqual([]);
    expect((await send('DELETE', `/webhook/${all.body.id}`, undefined, bound)).status).toBe(404);
    await send('DELETE', `/webhook/${all.body.id}`);
  });

  test('are sent the test event, and events of accounts and runs, signed as Truto does', async () => {
    const types = ['integrated_account:updated', 'integrated_account:active', 'sync_job_run:*'];
    const { body: made } = await send('POST', '/webhook', { target_url: target, event_types: types });
    expect((await send('POST', '/webhook/test', { id: made.id })).body).toEqual({
      success: true,
      x_status: 200,
      x_error: null,
    });
    expect(events()[0]).toMatchObject({ event: 'test' });
    await send('POST', `/api/v1/connections/${acme}/token`, { reporting_token: reportingToken });
    await arrivals(3);
    expect(events().slice(1, 3)).toMatchObject([
      { event: 'integrated_account:updated', payload: { id: acme, tenant_id: 'acme-tenant', status: 'active' } },
      { event: 'integrated_account:active', payload: { id: acme } },
    ]);
    const run = await send('POST', '/sync-job-run', {
      sync_job_id: 'directory',
      integrated_account_id: acme,
      status: 'created',
    });
    expect(run.status).toBe(201);
    expect(run.body).toMatchObject({ sync_job_id: 'directory', integrated_account_id: acme, status: 'created' });
    await arrivals(6);
    expect(events().slice(3)).toMatchObject(
      ['created', 'started', 'completed'].map((name) => ({
        event: `sync_job_run:${name}`,
        payload: { id: run.body.id },
      })),
    );
    for (const { headers, body } of received) {
      const hex = createHmac('sha256', made.secret).update(body).digest('hex');
      expect(headers['x-truto-signature']).toBe(`format=sha256,v=${hex}`);
    }
    const log = (await get(`/log?log_type=webhook&log_type_filter[webhook_id]=${made.id}&limit=4`)).body;
    expect(log.result).toHaveLength(4);
    const rest = (
      await get(`/log?log_type=webhook&log_type_filter[webhook_id]=${made.id}&limit=4&next_cursor=${log.next_cursor}`)
    ).body;
    expect([...log.result, ...rest.result].map(({ event, status }) => [event, status])).toEqual(
      events()
        .map(({ event }) => [event, 200])
        .reverse(),
    );
    expect(rest.next_cursor).toBeNull();
    // The endpoint reaches further than the token.
    const auditor = await tokenWith(['audit'], [acme]);
    expect((await get('/log?log_type=webhook', auditor)).body.result).toEqual([]);
    expect((await get(`/log?log_type=webhook&integrated_account_id=${beta}`)).body.result).toEqual([]);
    await send('DELETE', `/webhook/${made.id}`);
  });
});

describe('an Idempotency-Key', () => {
  test('makes one webhook of two calls, whose secret is kept sealed alone', async () => {
    const make = () =>
      door.call('/webhook', {
        ...{ method: 'POST', token, headers: { 'idempotency-key': '5f1c' } },
        json: { target_url: target, event_types: ['record:*'] },
      });
    const [first, second] = [await make(), await make()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect((await get('/webhook')).body.result.map(({ id }: { id: string }) => id)).toEqual([first.body.id]);
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    for (const file of files) expect(file.includes(first.body.secret.slice('whsec_'.length))).toBe(false);
    await send('DELETE', `/webhook/${first.body.id}`);
  });

  test('at Truto’s addresses another body under it is told in Truto’s shape', async () => {
    const make = (types: readonly string[]) =>
      door.call('/webhook', {
        ...{ method: 'POST', token, headers: { 'idempotency-key': '5f1d' } },
        json: { target_url: target, event_types: types, is_active: false },
      });
    const first = await make(['record:*']);
    const other = await make(['record:deleted']);
    expect([other.status, other.body]).toEqual([
      422,
      expect.objectContaining({
        ...{ statusCode: 422, error: 'Unprocessable Entity' },
        details: expect.objectContaining({ code: 'idempotency_key_reused' }),
      }),
    ]);
    await send('DELETE', `/webhook/${first.body.id}`);
  });
});

describe('runs with Truto’s names', () => {
  test('one that is under way is stopped after the page it is at', async () => {
    emulator.addFault({ kind: 'slow', delayMs: 300, count: 'always' });
    const { body } = await send('POST', '/sync-job-run', { sync_job_id: 'full', integrated_account_id: beta });
    await vi.waitFor(async () => expect((await get(`/sync-job-run/${body.id}`)).body.status).toBe('running'), {
      ...{ timeout: 20_000 },
    });
    await send('DELETE', `/sync-job-run/${body.id}`);
    emulator.clearFaults();
    expect((await get(`/sync-job-run/${body.id}`)).body).toMatchObject({ status: 'stopped', x_status: 'interrupted' });
  });

  test('another run is a conflict, unless it is forced; a stopped one stays stopped', async () => {
    const idle = await openIdle();
    const start = (fields: object = {}) =>
      idle.call('/sync-job-run', {
        ...{ method: 'POST', token: idle.token },
        json: { sync_job_id: 'full', integrated_account_id: 'con_b', ...fields },
      });
    const ask = async (path: string, as = idle.token) => idle.call(path, { token: as });
    const stop = (id: string) => idle.call(`/sync-job-run/${id}`, { method: 'DELETE', token: idle.token });
    const first = await start();
    expect(first.status).toBe(201);
    for (const _ of [1, 2]) expect((await start()).status).toBe(409);
    const second = await start({ force: true });
    expect(second.status).toBe(201);
    expect((await ask(`/sync-job-run/${first.body.id}`)).body).toMatchObject({
      ...{ status: 'stopped', x_status: 'interrupted' },
    });
    for (const _ of [1, 2]) expect((await stop(second.body.id)).body).toEqual({ id: second.body.id });
    expect((await ask(`/sync-job-run/${second.body.id}`)).body.status).toBe('stopped');
    await idle.call('/sync-job-run', {
      ...{ method: 'POST', token: idle.token, json: { sync_job_id: 'refresh', integrated_account_id: 'con_a' } },
    });
    const pages = [];
    for (let cursor = ''; ; ) {
      const { body } = await ask(`/sync-job-run?integrated_account_id=con_b&limit=1&next_cursor=${cursor}`);
      pages.push(...body.result.map(({ id }: { id: string }) => id));
      if (body.next_cursor === null) break;
      cursor = body.next_cursor;
    }
    expect(pages.toSorted()).toEqual([first.body.id, second.body.id].toSorted());
    const some = async (query: string) =>
      ((await ask(`/sync-job-run?${query}`)).body.result as { id: string }[] | undefined)?.length;
    expect([await some('status=created'), await some('status=stopped'), await some('sync_job_id=full')]).toEqual([
      1, 2, 2,
    ]);
    expect((await ask('/sync-job-run?state=stopped')).status).toBe(400);
    const bound = await idle.tokenOf(['sync'], ['con_a']);
    expect((await ask(`/sync-job-run/${first.body.id}`, bound)).status).toBe(404);
    const seen = (await ask('/sync-job-run', bound)).body.result;
    expect(seen.map((run: { integrated_account_id: string }) => run.integrated_account_id)).toEqual(['con_a']);
    await idle.close();
  });

  test('what the graph language would take is refused by name', async () => {
    for (const [field, value] of [
      ['args', { users: [] }],
      ['resources', []],
      ['mutex_key', 'x'],
      ['ignore_previous_run', true],
      ['sync_job_id', 'mine'],
      ['events_to_send', ['sync_job_run:record']],
    ] as const) {
      const answer = await send('POST', '/sync-job-run', {
        sync_job_id: 'directory',
        integrated_account_id: beta,
        [field]: value,
      });
      expect([field, answer.status, answer.body.details.field.split(/[.[]/)[0]]).toEqual([field, 400, field]);
    }
    expect((await send('POST', '/sync-job', { label: 'mine' })).status).toBe(405);
  });

  test('jobs are fixed; triggers are the settings of the connection; states are its streams', async () => {
    expect((await get('/sync-job')).body.result.map(({ id }: { id: string }) => id).toSorted()).toEqual([
      'directory',
      'full',
      'refresh',
    ]);
    expect((await get('/sync-job/full')).body).toMatchObject({ id: 'full', integration_name: 'knowbe4' });
    const settings = { ...(await gateway.connections.get(beta)).settings, directoryEveryMinutes: null };
    await gateway.connections.update(beta, { settings });
    await vi.waitFor(async () => {
      const { result } = (await get(`/sync-job-cron-trigger?integrated_account_id=${beta}`)).body;
      expect(
        result
          .map(({ sync_job_id: id, status, cron_expression: cron }: Record<string, string>) => [id, status, cron])
          .toSorted(),
      ).toEqual([
        ['directory', 'inactive', null],
        ['full', 'active', '0 0 * * 0'],
        ['refresh', 'active', null],
      ]);
    });
    expect((await send('POST', `/sync-job-cron-trigger/${beta}:directory/schedule`)).body).toEqual({ success: true });
    expect((await get(`/sync-job-cron-trigger/${beta}:directory`)).body).toMatchObject({
      status: 'active',
      cron_expression: '*/15 * * * *',
    });
    const every = async (json: object, method = 'PATCH', path = `/${beta}:directory`) => {
      const { status, body } = await send(method, `/sync-job-cron-trigger${path}`, json);
      return [status, body.cron_expression ?? body.details?.field ?? null, body.x_every_minutes ?? null];
    };
    expect(await every({ cron_expression: '0 */6 * * *' })).toEqual([200, '0 */6 * * *', 360]);
    expect((await gateway.connections.get(beta)).settings).toMatchObject({ directoryEveryMinutes: 360 });
    const made = { sync_job_id: 'refresh', integrated_account_id: beta };
    expect(await every({ ...made, cron_expression: '0 * * * *' }, 'POST', '')).toEqual([201, '0 */1 * * *', 60]);
    expect(await every({ status: 'inactive' })).toEqual([200, null, null]);
    expect(await every({ status: 'active' })).toEqual([200, '*/15 * * * *', 15]);
    expect((await send('DELETE', `/sync-job-cron-trigger/${beta}:directory`)).body).toEqual({
      id: `${beta}:directory`,
    });
    expect((await get(`/sync-job-cron-trigger/${beta}:directory`)).body.status).toBe('inactive');
    for (const cron of ['0 3 * * *', '*/7 * * * *', '*/1 * * * *', '0 0 1 * *', 'hourly', '0 */5 * * *']) {
      expect([cron, ...(await every({ cron_expression: cron }))]).toEqual([cron, 400, 'cron_expression', null]);
    }
    expect((await every({ status: 'inactive' }, 'PATCH', `/${beta}:full`))[0]).toBe(400);
    const states = (await get(`/sync-job-run-state?state_key=${acme}:users`)).body;
    expect(states.result).toMatchObject([{ state_key: `${acme}:users`, value: { status: expect.any(String) } }]);
  });
});

describe('the log', () => {
  test('has the calls of data, by connection, status and time; a bound token sees its own', async () => {
    const reader = await tokenWith(['directory', 'proxy']);
    await get(`/unified/user-directory/users?integrated_account_id=${acme}&limit=3`, reader);
    await get(`/proxy/users?integrated_account_id=${acme}`, reader);
    await get(`/unified/user-directory/users/nobody?integrated_account_id=${beta}`, reader);
    const ask = async (query: string, as = token) => (await get(`/log?log_type=unified_proxy_api&${query}`, as)).body;
    await vi.waitFor(async () => expect((await ask('')).result.length).toBeGreaterThanOrEqual(3), { timeout: 10_000 });
    expect((await ask(`integrated_account_id=${beta}`)).result).toMatchObject([
      { resource: 'user-directory/users', method: 'get', status: 404, status_class: '4xx', error: 'not_found' },
    ]);
    expect((await ask('log_type_filter[status]=200&log_type_filter[resource]=users')).result).toMatchObject([
      {
        request_type: 'proxy',
        verb: 'GET',
        upstream_ms: expect.any(Number),
        result_count: expect.any(Number),
        needs_reauth: false,
      },
    ]);
    const auditor = await tokenWith(['audit'], [acme]);
    expect(
      (await ask('', auditor)).result.map((one: { integrated_account_id: string }) => one.integrated_account_id),
    ).toEqual([acme, acme]);
    expect((await get('/log?log_type=mcp', auditor)).body.result).toEqual([]);
    expect((await get('/log?log_type=mcp', reader)).status).toBe(403);
    const page = await ask('limit=2');
    const rest = await ask(`limit=2&next_cursor=${page.next_cursor}`);
    expect([page.result.length, rest.result.length]).toEqual([2, 1]);
    expect((await ask('created_at[lt]=2020-01-01T00:00:00Z')).result).toEqual([]);
  });

  test('is asked about a month at most, by filters that it has', async () => {
    const status = async (query: string) => (await get(`/log?${query}`)).status;
    expect(await status('log_type=mcp&created_at[gt]=2020-01-01T00:00:00Z')).toBe(400);
    expect(await status('log_type=mcp&created_at[gt]=2020-01-01&created_at[lt]=2020-01-20')).toBe(200);
    expect(await status('log_type=mcp&created_at[gt]=yesterday')).toBe(400);
    expect(await status('log_type=mcp&created_at[near]=2020-01-01')).toBe(400);
    expect(await status('log_type=mcp&limit=101')).toBe(400);
    expect(await status('log_type=workflow')).toBe(400);
    expect(await status('log_type=mcp&log_type_filter[email]=a')).toBe(400);
    expect(await status('log_type=webhook&log_type_filter[state]=lost')).toBe(400);
    const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const place of [[9e15, 'a'], [-1, 'a'], [1.5, 'a'], [1, 2], 'a', null]) {
      expect([place, await status(`log_type=rapid_bridge&next_cursor=${cursor(place)}`)]).toEqual([place, 400]);
    }
    expect(await status('log_type=mcp&next_cursor=nonsense')).toBe(400);
  });

  test('has the runs, and those that the schedule began apart', async () => {
    expect((await get(`/log?log_type=rapid_bridge&integrated_account_id=${acme}`)).body.result[0]).toMatchObject({
      ...{ log_type: 'rapid_bridge', sync_job_id: 'full', status: 'completed', integrated_account_id: acme },
    });
    expect((await get('/log?log_type=sync_job_cron_trigger')).body.result).toEqual([]);
  });
});
