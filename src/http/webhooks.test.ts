import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { aConnection } from '../store/contract/builders.ts';
import { openStore } from '../store/store.ts';
import { type Scope, scopes } from '../tokens/token.ts';
import { type Call, openDoor } from './contract/door.ts';

type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };

const CON = 'con_aaaaaaaaaaaaaaaa';
let folder: string;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let sink: Server;
let sinkUrl: string;
let received: Received[];
let status: number;
let token: string;
let time: number;

beforeEach(async () => {
  received = [];
  status = 200;
  sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status).end('noted');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/in`;
  folder = mkdtempSync(join(tmpdir(), 'foreknow-webhooks-'));
  const store = await openStore({ folder });
  time = Date.now();
  const today = { createdAt: new Date(time).toISOString(), updatedAt: new Date(time).toISOString() };
  await store.createConnection(aConnection(today), []);
  await store.createConnection(aConnection({ id: 'con_b', name: 'other', ...today }), []);
  await store.close();
  gateway = await openGateway({ folder, now: () => new Date(time), webhooks: { allowHosts: ['127.0.0.1'] } });
  gateway.startWork({ scheduled: false });
  door = await openDoor({ gateway });
  token = await tokenWith(scopes);
});

afterEach(async () => {
  await door.close();
  await gateway.close();
  sink.closeAllConnections();
  sink.close();
  rmSync(folder, { recursive: true });
});

const tokenWith = async (some: readonly Scope[], connections?: readonly string[]): Promise<string> =>
  (await gateway.tokens.create({ name: 'test', scopes: some, ...(connections ? { connections } : {}) })).secret;

const call: Call = (path, init = {}) => door.call(path, { token, ...init });
const post = (path: string, json: unknown, as = token) => call(path, { method: 'POST', json, token: as });
const create = async (fields: object = {}, as = token) => {
  const { status: code, body } = await post('/api/v1/webhooks', { url: sinkUrl, ...fields }, as);
  expect(code).toBe(201);
  return body as { endpoint: { id: string; connections: string[] | null; families: string[] }; secret: string };
};
/** Something that makes one event. */
const pause = (connection = CON) => post(`/api/v1/connections/${connection}/pause`, undefined);
const resume = (connection = CON) => post(`/api/v1/connections/${connection}/resume`, undefined);
const arrivals = (count: number) => vi.waitFor(() => expect(received).toHaveLength(count), { timeout: 15_000 });
const types = () => received.map(({ body }) => (JSON.parse(body) as { type: string }).type);

describe('an endpoint', () => {
  test('is sent what happens, signed so that the verifier of Standard Webhooks accepts it', async () => {
    const { endpoint, secret } = await create({ types: ['connection.*'] });
    await pause();
    await arrivals(1);
    const [{ headers, body }] = received as [Received];
    const event = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(event).toMatchObject({ type: 'connection.paused', connection_id: CON, webhook_id: endpoint.id });
    expect(headers['x-truto-signature']).toMatch(/^format=sha256,v=[0-9a-f]{64}$/);
    const { body: page } = await call(`/api/v1/webhooks/${endpoint.id}/deliveries`);
    expect(page.result).toMatchObject([{ state: 'delivered', type: 'connection.paused', last_status: 200 }]);
    const id = page.result[0].event_id;
    const { body: delivery } = await call(`/api/v1/webhooks/${endpoint.id}/deliveries/${id}/attempts`);
    expect(delivery.attempts).toMatchObject([{ status: 200, answer: 'noted', error: null }]);
    expect(delivery.attempts[0].request.headers).toMatchObject({ 'webhook-id': id });
    expect((await call(`/api/v1/events/${id}`)).body).toMatchObject({ id, type: 'connection.paused' });
  });

  test('keeps its secret sealed: no file of the folder and no answer but the first holds it', async () => {
    const { endpoint, secret } = await create();
    const rotated = await post(`/api/v1/webhooks/${endpoint.id}/rotate-secret`, {});
    await pause();
    await arrivals(1);
    const answers = await Promise.all(
      ['', `/${endpoint.id}`, `/${endpoint.id}/deliveries`].map(
        async (path) => (await call(`/api/v1/webhooks${path}`)).text,
      ),
    );
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    for (const one of [secret, rotated.body.secret as string]) {
      for (const text of [...answers, ...files]) {
        expect(text).not.toContain(one);
        expect(text).not.toContain(one.slice('whsec_'.length));
      }
    }
  });

  test('changes its secret with an overlap in which both are signed with', async () => {
    const { endpoint, secret } = await create({ types: ['connection.*'] });
    const { body: renewed } = await post(`/api/v1/webhooks/${endpoint.id}/rotate-secret`, { overlap_hours: 1 });
    await pause();
    await arrivals(1);
    const verify = (index: number, key: string) =>
      new Webhook(key).verify(received[index]!.body, received[index]!.headers as Record<string, string>);
    verify(0, secret);
    verify(0, renewed.secret);
    time += 3_600_001;
    await resume();
    await arrivals(2);
    const signatures = String(received[1]!.headers['webhook-signature']).split(' ');
    expect(signatures).toHaveLength(1);
    expect(String(received[0]!.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  test('is sent what the token that made it may read, of the connections that it reaches', async () => {
    const bound = await tokenWith(['webhooks', 'directory', 'connections'], ['con_b']);
    const { endpoint } = await create({}, bound);
    expect(endpoint).toMatchObject({ connections: ['con_b'], families: ['directory', 'connections'] });
    const few = await tokenWith(['webhooks', 'directory']);
    const { endpoint: quiet } = await create({}, few);
    expect(quiet).toMatchObject({ connections: null, families: ['directory'] });
    await pause();
    await pause('con_b');
    await arrivals(1);
    expect(JSON.parse(received[0]!.body)).toMatchObject({ webhook_id: endpoint.id, connection_id: 'con_b' });
  });

  test('is not to be seen with a token that reaches less than it does', async () => {
    const { endpoint } = await create();
    const bound = await tokenWith(['webhooks', 'connections'], ['con_b']);
    expect((await call('/api/v1/webhooks', { token: bound })).body.result).toEqual([]);
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/enable'],
      ['POST', '/rotate-secret'],
      ['GET', '/deliveries'],
      ['GET', '/deliveries/evt_1/attempts'],
    ] as const) {
      const json = method === 'PATCH' ? { json: {} } : {};
      const answer = await call(`/api/v1/webhooks/${endpoint.id}${path}`, { method, token: bound, ...json });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    const { status: code } = await post(`/api/v1/webhooks`, { url: sinkUrl, connections: [CON] }, bound);
    expect(code).toBe(403);
  });

  test('needs the scope webhooks, and directory for names', async () => {
    const without = await tokenWith(['directory', 'connections']);
    expect((await call('/api/v1/webhooks', { token: without })).body).toMatchObject({ code: 'scope_missing' });
    const nameless = await tokenWith(['webhooks', 'phishing.identified']);
    const refused = await post('/api/v1/webhooks', { url: sinkUrl, names: true }, nameless);
    expect(refused.body).toMatchObject({ code: 'scope_missing', field: 'names' });
    const { endpoint } = await create({ names: true });
    const changed = await call(`/api/v1/webhooks/${endpoint.id}`, {
      method: 'PATCH',
      json: { description: 'x' },
      token: nameless,
    });
    expect(changed.status).toBe(403);
    const own = await call(`/api/v1/webhooks/${endpoint.id}`, {
      method: 'PATCH',
      json: { names: false },
      token: nameless,
    });
    expect(own.body).toMatchObject({ names: false, families: ['phishing.aggregate', 'phishing.identified'] });
  });

  test('is not made for an address that is not public, not https, or not an address', async () => {
    for (const url of [
      'https://10.0.0.1/',
      'https://[::1]/',
      'https://127.0.0.2/',
      'https://169.254.169.254/latest',
      'http://example.com/',
    ]) {
      const { status: code, body } = await post('/api/v1/webhooks', { url });
      expect([url, code, body.code, body.field]).toEqual([url, 422, 'host_not_allowed', 'url']);
    }
    for (const bad of [
      { url: 'nonsense' },
      { url: 1 },
      {},
      { url: sinkUrl, types: ['nope.*'] },
      { url: sinkUrl, types: [] },
      { url: sinkUrl, x: 1 },
    ]) {
      expect((await post('/api/v1/webhooks', bad)).status).toBe(400);
    }
  });

  test('is tested at once with a signed event, whatever its state, and shows the answer', async () => {
    const { endpoint, secret } = await create();
    await call(`/api/v1/webhooks/${endpoint.id}`, { method: 'PATCH', json: { state: 'paused' } });
    const { body } = await post(`/api/v1/webhooks/${endpoint.id}/test`, undefined);
    expect(body).toMatchObject({
      state: 'delivered',
      connection_id: null,
      attempts: [{ status: 200, answer: 'noted' }],
    });
    new Webhook(secret).verify(received[0]!.body, received[0]!.headers as Record<string, string>);
    expect(JSON.parse(received[0]!.body)).toMatchObject({
      type: 'test',
      event: 'test',
      event_type: 'test',
      connection_id: null,
    });
    status = 500;
    const failed = await post(`/api/v1/webhooks/${endpoint.id}/test`, undefined);
    expect(failed.body).toMatchObject({ state: 'dead', next_at: null, attempts: [{ status: 500, next_at: null }] });
  });

  test('that is paused gets nothing, and what happened meanwhile when it goes on', async () => {
    const { endpoint } = await create({ types: ['connection.paused', 'connection.resumed'] });
    await call(`/api/v1/webhooks/${endpoint.id}`, { method: 'PATCH', json: { state: 'paused' } });
    await pause();
    await resume();
    const { body } = await call(`/api/v1/webhooks/${endpoint.id}`, { method: 'PATCH', json: { state: 'active' } });
    expect(body).toMatchObject({ state: 'active', state_reason: null });
    await arrivals(2);
    expect(types()).toEqual(['connection.paused', 'connection.resumed']);
  });

  test('that answers 410 is off at once, and goes on where it stood when it is switched on again', async () => {
    const { endpoint } = await create({ types: ['connection.*'] });
    status = 410;
    await pause();
    await vi.waitFor(async () => {
      expect((await call(`/api/v1/webhooks/${endpoint.id}`)).body).toMatchObject({ state: 'off' });
    });
    status = 200;
    await post(`/api/v1/webhooks/${endpoint.id}/enable`, undefined);
    await arrivals(2);
    expect(types()).toEqual(['connection.paused', 'connection.paused']);
    expect(received[0]!.headers['webhook-id']).toBe(received[1]!.headers['webhook-id']);
    const { body } = await call('/api/v1/events?types=endpoint.*');
    expect(body.result.map((event: { type: string }) => event.type)).toEqual(['endpoint.disabled', 'endpoint.enabled']);
  });

  test('that is removed leaves nothing', async () => {
    const { endpoint } = await create();
    await call(`/api/v1/webhooks/${endpoint.id}`, { method: 'DELETE' });
    expect((await call(`/api/v1/webhooks/${endpoint.id}`)).status).toBe(404);
    expect((await call('/api/v1/webhooks')).body.result).toEqual([]);
  });
});

describe('a replay', () => {
  test('is counted first, then sends what was asked for again with its ids', async () => {
    time += 120_000; // what was before is not asked for
    const { endpoint } = await create({ types: ['connection.*'] });
    await pause();
    await resume();
    await arrivals(2);
    const path = `/api/v1/webhooks/${endpoint.id}/replay`;
    const from = new Date(time - 60_000).toISOString();
    expect((await post(path, { from, dry_run: true })).body).toEqual({ events: 2, at_least: false, dry_run: true });
    expect((await post(path, { from, connection_id: 'other', dry_run: true })).body).toMatchObject({ events: 0 });
    expect((await post(path, { dead: true, dry_run: true })).body).toMatchObject({ events: 0 });
    expect(received).toHaveLength(2);
    await post(path, { from });
    await arrivals(4);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
    await post(path, { event_ids: [ids[1]] });
    await arrivals(5);
    expect(received[4]!.headers['webhook-id']).toBe(ids[1]);
    for (const wrong of [{ event_ids: ['evt_000000000000999'] }, { event_ids: ['nope'] }])
      expect((await post(path, wrong)).status).toBe(404);
    for (const wrong of [{}, { dead: true, from }, { from: 'yesterday' }])
      expect((await post(path, wrong)).status).toBe(400);
  });
});

test('deliveries are listed in pages, newest first', async () => {
  const { endpoint } = await create();
  for (let index = 0; index < 5; index += 1) {
    time += 1000;
    await post(`/api/v1/webhooks/${endpoint.id}/test`, undefined);
  }
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await call(`/api/v1/webhooks/${endpoint.id}/deliveries?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.result.map((one: { first_at: string }) => one.first_at));
    if (body.next_cursor === null) break;
    cursor = body.next_cursor;
  }
  expect(seen).toHaveLength(5);
  expect(seen).toEqual(seen.toSorted().toReversed());
  for (const cursor of ['x', 'bm9wZQ', Buffer.from('1 ../x').toString('base64url')]) {
    const answer = await call(`/api/v1/webhooks/${endpoint.id}/deliveries?cursor=${cursor}`);
    expect(answer.body).toMatchObject({ code: 'invalid_cursor', status: 400 });
  }
});

test('what administrators do with endpoints stands in the audit log, without secrets and paths', async () => {
  const { endpoint, secret } = await create();
  await post(`/api/v1/webhooks/${endpoint.id}/rotate-secret`, {});
  await post(`/api/v1/webhooks/${endpoint.id}/test`, undefined);
  const entries = await gateway.audit.entries({ after: 0, limit: 100 } as never);
  expect(entries.map(({ action }) => action)).toEqual(['webhook.created', 'webhook.secret_rotated', 'webhook.tested']);
  expect(entries.every(({ target }) => target === endpoint.id)).toBe(true);
  expect(JSON.stringify(entries)).not.toContain(secret);
  expect(JSON.stringify(entries)).not.toContain('/in');
});
