import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { eventTypes } from '../events/catalog.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { Scope } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';

/* The feed over the whole gateway and the emulator: every answer is held against the OpenAPI document. */
let emulator: Emulator;
let gateway: Gateway;
let folder: string;
let door: Awaited<ReturnType<typeof openDoor>>;
let con: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreknow-events-'));
  emulator = await startEmulator({ people: 40, limits: false });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  gateway.startWork({ scheduled: false });
  door = await openDoor({ gateway });
  const { region, reportingToken } = emulator.accounts[0]!;
  const settings = { limits: { perSecond: null, perMinute: null } };
  const input = { name: 'acme', region, reportingUrl: emulator.url, reportingToken, settings };
  con = (await gateway.connections.connect(input)).connection.id;
  await gateway.sync.run('acme', { level: 'full' });
  const { users } = emulator.truth();
  emulator.mutate({ kind: 'change-user', user: users[0]!.id, fields: { department: 'Salt' } });
  emulator.mutate({ kind: 'archive-user', user: users[1]!.id });
  emulator.advance(30 * 24 * 3600_000);
  await gateway.sync.run('acme', { level: 'full' });
}, 120_000);
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

const tokenOf = async (scopes: readonly Scope[], connections?: readonly string[]) =>
  (await gateway.tokens.create({ name: 'events', scopes, ...(connections ? { connections } : {}) })).secret;

const all = async (token: string, query = '') => {
  const events = [];
  for (let after = ''; ; ) {
    const { status, body } = await door.call(`/api/v1/events?limit=50&after=${after}${query}`, { token });
    expect(status).toBe(200);
    events.push(...body.result);
    after = body.next_cursor;
    if (!body.has_more) return { events, after };
  }
};

test('calls that wait, one after another over one connection, leave nothing behind', async () => {
  const token = await tokenOf(['admin']);
  const listeners: number[] = [];
  door.app.server.on('request', ({ socket }) => listeners.push(socket.listenerCount('close')));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const poll = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      get(`${door.url}/api/v1/events?wait=5&limit=1`, { agent, headers }, (answer) => {
        answer.resume().once('end', resolve);
      }).once('error', reject);
    });
  for (let count = 0; count < 12; count += 1) await poll();
  agent.destroy();
  expect(listeners).toHaveLength(12);
  expect(new Set(listeners).size).toBe(1);
});

test('events come in order, each once, and the same one by its id', async () => {
  const token = await tokenOf(['admin']);
  const { events } = await all(token);
  expect(events[0]).toMatchObject({ type: 'connection.created', data: { connection: { id: con, name: 'acme' } } });
  expect(events.map(({ id }) => id)).toEqual([...new Set(events.map(({ id }) => id))].toSorted());
  const changed = events.find(({ type, data }) => type === 'user.updated' && data.attributes.department === 'Salt');
  expect(changed).toBeDefined();
  expect((await door.call(`/api/v1/events/${changed.id}`, { token })).body).toEqual(changed);
  const { events: newest } = await all(token, '&order=desc');
  expect(newest.toReversed()).toEqual(events);
  const { events: users } = await all(token, `&types=user.*&connection_id=acme`);
  expect(users).toEqual(events.filter(({ type }) => type.startsWith('user.')));
  const after = await door.call(`/api/v1/events?limit=3&after=${events[4].id}`, { token });
  expect(after.body.result).toEqual(events.slice(5, 8));
});

test('a token sees the families of its scopes, and names with the scope directory alone', async () => {
  const { events } = await all(await tokenOf(['phishing.identified', 'training']));
  const families = new Set(events.map(({ type }) => type.split('.')[0]));
  expect(families.has('user')).toBe(false);
  const aboutPeople = events.filter(({ data }) => data.user);
  expect(aboutPeople.length).toBeGreaterThan(0);
  for (const { data } of aboutPeople) expect(Object.keys(data.user)).toEqual(['id']);
  const named = (await all(await tokenOf(['phishing.identified', 'training', 'directory']))).events;
  expect(named.find(({ id }) => id === aboutPeople[0].id).data.user.email).toContain('@');
  const refused = await door.call('/api/v1/events?types=user.created', { token: await tokenOf(['risk']) });
  expect(refused.body).toMatchObject({ code: 'scope_missing', issues: [{ reason: 'directory' }] });
  const none = await door.call('/api/v1/events', { token: await tokenOf(['sync']) });
  expect(none.body.code).toBe('scope_missing');
});

test('a bound token sees its own connections alone', async () => {
  const bound = await tokenOf(['admin'], ['con_0000000000000000']);
  expect((await all(bound)).events).toEqual([]);
  const other = await door.call(`/api/v1/events?connection_id=${con}`, { token: bound });
  expect(other.body.code).toBe('connection_not_allowed');
  const mine = await tokenOf(['admin'], [con]);
  const [first] = (await all(mine)).events;
  expect((await door.call(`/api/v1/events/${first.id}`, { token: bound })).body.code).toBe('not_found');
});

test('a reader at the end waits until something happens', async () => {
  const token = await tokenOf(['admin']);
  const { after } = await all(token);
  const waiting = door.call(`/api/v1/events?after=${after}&wait=20`, { token });
  await gateway.connections.pause('acme');
  const { body } = await waiting;
  expect(body.result.map(({ type }: { type: string }) => type)).toEqual(['connection.paused']);
  await gateway.connections.resume('acme');
});

test('bad questions are answered in words', async () => {
  const token = await tokenOf(['admin']);
  const code = async (query: string) => (await door.call(`/api/v1/events?${query}`, { token })).body.code;
  expect(await code('after=nonsense')).toBe('invalid_cursor');
  for (const query of [
    'types=nope',
    'wait=26',
    'wait=x',
    'limit=0',
    'order=up',
    'from=yesterday',
    'until=2026-13-01T00:00:00Z',
  ]) {
    expect(await code(query), query).toBe('invalid_request');
  }
  expect((await door.call('/api/v1/events/evt_1', { token })).body.code).toBe('not_found');
});

test('every type is described with its schema and an example', async () => {
  const { body } = await door.call('/api/v1/events/types', { token: await tokenOf(['risk']) });
  expect(body.result.map(({ type }: { type: string }) => type)).toEqual(eventTypes);
  const failed = body.result.find(({ type }: { type: string }) => type === 'phishing.failed');
  expect(failed).toMatchObject({
    scope: 'phishing.identified',
    schema: { type: 'object' },
    example: { type: 'phishing.failed' },
  });
});

test('alerts are listed for those who look after connections', async () => {
  const { body } = await door.call('/api/v1/alerts?open=true', { token: await tokenOf(['connections']) });
  expect(body).toEqual({ result: [] });
  expect((await door.call('/api/v1/alerts', { token: await tokenOf(['directory']) })).status).toBe(403);
});

test('the directory is served as WorkOS does, below /workos and at the root', async () => {
  const token = await tokenOf(['directory']);
  const get = async (path: string) => (await door.call(`/workos${path}`, { token })).body;
  const { data } = await get('/directories');
  expect(data).toMatchObject([{ id: `directory_${con}`, state: 'active', name: 'acme' }]);
  const users = await get(`/directory_users?directory=${data[0].id}&limit=100`);
  expect(users.data.length).toBeGreaterThan(30);
  expect(await get(`/directory_users/${users.data[0].id}`)).toEqual(users.data[0]);
  const groups = await get(`/directory_groups?directory=${data[0].id}`);
  expect(await get(`/directory_groups/${groups.data[0].id}`)).toEqual(groups.data[0]);
  expect(await get(`/directories/${data[0].id}`)).toEqual(data[0]);
  const events = await get('/events?events=dsync.activated,dsync.user.created&limit=3');
  expect(events.data.map(({ event }: { event: string }) => event)).toEqual([
    'dsync.activated',
    'dsync.user.created',
    'dsync.user.created',
  ]);
  expect(events.list_metadata.after).toBe(events.data[2].id);
  const root = await fetch(`${door.url}/directory_users?directory=${data[0].id}&limit=100`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await root.json()).toEqual(users);
  expect((await door.call('/workos/directory_users', { token })).body.code).toBe('invalid_request');
  expect((await door.call('/workos/events', { token })).body.code).toBe('invalid_request');
  const bound = await tokenOf(['directory'], ['con_0000000000000000']);
  const hidden = await door.call(`/workos/directory_users/${users.data[0].id}`, { token: bound });
  expect(hidden.body.code).toBe('not_found');
  const foreign = await door.call(`/workos/events?events=dsync.user.created&organization_id=org_${con}`, {
    token: bound,
  });
  expect(foreign.body.data).toEqual([]);
});

test('what is removed is told, also to those who ask for the connection that is gone', async () => {
  const token = await tokenOf(['admin']);
  const { after } = await all(token);
  await gateway.connections.remove('acme', { purge: false });
  const { body } = await door.call(`/api/v1/events?after=${after}&connection_id=${con}`, { token });
  expect(body.result.map(({ type }: { type: string }) => type)).toContain('connection.removed');
  const events = await door.call('/workos/events?events=dsync.deleted', { token });
  expect(events.body.data).toMatchObject([{ event: 'dsync.deleted', data: { id: `directory_${con}`, name: 'acme' } }]);
});
