import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Server, startServer } from '../../src/main/index.ts';
import { type ApiError, type Client, createClient, type EventOf } from '../../src/sdk/index.ts';
import { verifyWebhook } from '../../src/webhooks/index.ts';
import { openSink } from '../support/sink.ts';

/* The SDK against a listening server that mirrors the emulator. */

const folder = mkdtempSync(join(tmpdir(), 'foreknow-sdk-'));
const WAIT = { timeout: 20_000, interval: 50 };
let emulator: Emulator;
let server: Server;
let sink: Awaited<ReturnType<typeof openSink>>;
let client: Client;

beforeAll(async () => {
  emulator = await startEmulator({ people: 60, limits: false });
  sink = await openSink();
  server = await startServer({
    ...{ folder, port: 0, allowBaseUrls: true, scheduler: false, webhooks: { allowHosts: ['127.0.0.0/8'] } },
  });
  const { secret } = await server.gateway.tokens.create({ name: 'sdk', scopes: ['admin'] });
  client = createClient({ baseUrl: server.url, token: secret });
}, 60_000);
afterAll(async () => {
  await server.close();
  await sink.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const failure = async (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error as ApiError,
  );
const textId = ({ id }: { id: number | string }) => String(id);

test('an account is connected and synced, once however often the call is repeated under its key', {
  timeout: 60_000,
}, async () => {
  const input = {
    ...{ name: 'acme', region: emulator.region, reporting_token: emulator.reportingToken, reporting_url: emulator.url },
    settings: { limits: { per_second: null, per_minute: null } },
  };
  const wrong = await failure(client.connections.connect({ ...input, reporting_token: 'not-a-token' }));
  expect(wrong).toMatchObject({ code: 'connection_unauthorized', status: 401, hint: expect.any(String) });
  expect(wrong.requestId).toMatch(/./);

  const idempotencyKey = 'connect-acme-1';
  const { connection } = await client.connections.connect(input, { idempotencyKey });
  expect((await client.connections.connect(input, { idempotencyKey })).connection.id).toBe(connection.id);
  expect(await failure(client.connections.connect(input))).toMatchObject({ code: 'conflict', status: 409 });
  const other = await failure(client.connections.connect({ ...input, name: 'other' }, { idempotencyKey }));
  expect(other.status).toBe(422);

  const started = await client.connections.sync('acme', { level: 'full' });
  const id = 'run_id' in started ? started.run_id : started.id;
  await vi.waitFor(async () => expect((await client.runs.get(id)).status).toBe('done'), WAIT);
  expect((await client.runs.list({ connection_id: 'acme' }).all()).map((run) => run.id)).toContain(id);
  expect((await client.connections.status('acme')).connection.id).toBe(connection.id);
  expect((await client.connections.estimate('acme', { level: 'refresh' })).requests).toBeGreaterThan(0);
});

test('lists are read to their end, in pages of any size', async () => {
  const { users, groups } = emulator.truth();
  const all = await client.users.list({ limit: 7 }).all();
  expect(all.map(textId).toSorted()).toEqual(users.map(textId).toSorted());
  expect((await client.groups.list({ limit: 2 }).all()).map(textId).toSorted()).toEqual(groups.map(textId).toSorted());
  const active = await client.users.list({ status: 'active', sort_by: { name: 'desc' } }).all();
  expect(active.length).toBe(users.filter(({ status }) => status === 'active').length);
  expect(await client.users.get(all[0]!.id)).toEqual(all[0]);
  const [page] = [await client.people.list({ limit: 5, sort_by: { risk_score: 'desc' } }).first()];
  expect(page.result).toHaveLength(5);
  expect((await client.people.get(page.result[0]!.id)).id).toBe(page.result[0]!.id);
  expect(await client.people.list({ limit: 500 }).all(9)).toHaveLength(9);
  expect((await client.lms.courses.list().all()).length).toBeGreaterThan(0);
  expect((await client.licenses.list().all()).length).toBe(1);
  const bad = await failure(client.users.list({ limit: 0 }).all());
  expect(bad).toMatchObject({ code: 'invalid_request', status: 400, field: 'limit' });
});

test('logs are read to where they are now, and followed from there', async () => {
  const events = await client.events.list({ limit: 2 }).all();
  expect(events.map(({ type }) => type)).toContain('connection.created');
  expect(await client.events.get(events[0]!.id)).toEqual(events[0]);
  expect((await client.events.types().all()).length).toBeGreaterThan(20);
  const changes = await client.changes.list({ limit: 3 }).all();
  const audit = await client.audit.list({ limit: 2 }).all();
  expect(audit.map(({ seq }) => seq)).toEqual(audit.map((_, index) => index + 1));

  const stop = new AbortController();
  const followed: string[] = [];
  const following = (async () => {
    for await (const { rows } of client.events.follow({ after: events.at(-1)!.id, signal: stop.signal })) {
      followed.push(...rows.map(({ type }) => type));
    }
  })();
  await client.connections.pause('acme');
  await client.connections.resume('acme');
  await vi.waitFor(
    () => expect(followed).toEqual(expect.arrayContaining(['connection.paused', 'connection.resumed'])),
    WAIT,
  );
  stop.abort();
  await following;
  const later = await client.changes.list({ after: changes.at(-1)!.seq }).all();
  expect(later.map(({ kind }) => kind)).toEqual(['connection.paused', 'connection.resumed']);
});

test('a delivery of the gateway is verified, and is the event that the API tells', async () => {
  const { secret, endpoint } = await client.webhooks.create({ url: sink.url, types: ['connection.*'] });
  const { id } = endpoint;
  expect(await client.webhooks.test(id)).toMatchObject({ attempts: expect.any(Array) });
  await client.connections.pause('acme');
  await client.connections.resume('acme');
  const verified = () => Promise.all(sink.arrivals.map((one) => verifyWebhook({ ...one, secret })));
  await vi.waitFor(
    async () => expect((await verified()).map(({ type }) => type)).toContain('connection.resumed'),
    WAIT,
  );
  const { truncated, ...event } = (await verified()).find(({ type }) => type === 'connection.paused')!;
  expect(truncated).toBe(false);
  expect(await client.events.get(event.id)).toEqual(event as EventOf);

  const { secret: renewed } = await client.webhooks.rotateSecret(id, { overlap_hours: 1 });
  sink.arrivals.length = 0;
  await client.webhooks.test(id);
  const [arrival] = sink.arrivals;
  for (const known of [secret, renewed, [secret, renewed]]) await verifyWebhook({ ...arrival!, secret: known });
  await expect(verifyWebhook({ ...arrival!, secret: `whsec_${btoa('another')}` })).rejects.toThrow('signature');
  expect((await client.webhooks.deliveries.list(id, { limit: 1 }).all()).length).toBeGreaterThan(2);
  await client.webhooks.remove(id);
});

test('a token of one account opens its data and the proxy, and nothing else', async () => {
  const account = client.account(await client.tokens.forConnection('acme'));
  expect((await account.users.list().all()).length).toBe((await client.users.list().all()).length);
  const rows = await account.proxy.list('users', { limit: 25 }).all();
  expect(rows.length).toBe(emulator.truth().users.length);
  expect(await account.proxy.get(`users/${String(rows[0]!.id)}`)).toMatchObject({ id: rows[0]!.id });
  expect(await failure(account.proxy.get('users/1'))).toMatchObject({ status: 404, remote: expect.anything() });
  expect(await failure(account.call('listTokens', {}))).toMatchObject({ status: 403 });
});

test('invitations and tokens are made, listed and withdrawn', async () => {
  const made = await client.invitations.create({ address: 'priya@example.com', requester: 'Example Foods IT' });
  expect(made.code).toMatch(/^KB-/);
  expect((await client.invitations.list().all()).map(({ id }) => id)).toEqual([made.invitation.id]);
  expect((await client.invitations.resend(made.invitation.id)).code).not.toBe(made.code);
  expect(await client.invitations.revoke(made.invitation.id)).toMatchObject({ state: 'revoked' });
  expect(await client.links.create({ tenant_id: 't-1' })).toMatch(/^fkl_/);

  const { token, secret } = await client.tokens.create({ name: 'reports', scopes: ['directory'] });
  const reports = createClient({ baseUrl: `${server.url}/`, token: () => secret });
  expect((await reports.groups.list().all()).length).toBeGreaterThan(0);
  expect(await failure(reports.tokens.list().all())).toMatchObject({ code: 'scope_missing', status: 403 });
  await client.tokens.revoke(token.id);
  expect(await failure(reports.groups.list().all())).toMatchObject({ code: 'unauthenticated', status: 401 });
});

test('what a sync found changed is among the activities, once each', { timeout: 60_000 }, async () => {
  emulator.advance(7 * 24 * 3_600_000);
  await client.connections.sync('acme', { level: 'full', wait: true });
  const activities = await client.activities.list({ limit: 2 }).all();
  expect(activities.length).toBeGreaterThan(2);
  expect(new Set(activities.map(({ id }) => id)).size).toBe(activities.length);
  expect(await client.activities.get(activities[0]!.id)).toEqual(activities[0]);
});
