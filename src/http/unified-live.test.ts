import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../emulator/index.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { openDoor } from './contract/door.ts';
import { openEmulated } from './contract/emulated.contract.ts';

/* People and groups read from KnowBe4 at the moment of the call, beside the mirror. */

const root = '/unified/user-directory';
let ms = Date.parse('2026-03-02T09:00:00.000Z');
let close: () => Promise<void>;
let emulator: Emulator;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;

beforeAll(async () => {
  const now = () => new Date(ms);
  ({ emulator, gateway, close } = await openEmulated({ people: 120, maxPerPage: 20, perDay: 400, now }));
  await gateway.sync.run('acme', { level: 'directory', streams: ['account', 'groups', 'users'] });
  door = await openDoor({ gateway, now, limits: { livePerTenSeconds: 1000 } });
  token = (await gateway.tokens.create({ name: 'reader', scopes: ['directory'] })).secret;
}, 60_000);
afterAll(async () => {
  await door.close();
  await close();
});

const get = (path: string) => door.call(root + path, { token });
type Row = { id: string; [field: string]: unknown };

async function pages(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await get(`${path}&next_cursor=${encodeURIComponent(cursor)}`);
    expect(status).toBe(200);
    rows.push(...body.result);
    cursor = body.next_cursor;
  }
  return rows;
}
const byId = (one: Row, other: Row) => (one.id < other.id ? -1 : 1);

test('live pages hold everybody once, each record as the mirror shows it', async () => {
  for (const resource of ['users', 'groups']) {
    const live = await pages(`/${resource}?x_source=live&limit=50`);
    const kept = await pages(`/${resource}?limit=500`);
    expect(live.toSorted(byId)).toEqual(kept.toSorted(byId));
    door.conforms.schema(resource === 'users' ? 'User' : 'Group', live[0]);
    expect((await get(`/${resource}/${live[3]!.id}?x_source=live`)).body).toEqual(live[3]);
  }
});

test('what has changed since the last sync is seen live, and the mirror stays as it is', async () => {
  const user = emulator.truth().users[5]!;
  const group = emulator.truth().groups[0]!;
  emulator.mutate({ kind: 'change-user', user: user.id, fields: { location: 'Elsewhere' } });
  emulator.mutate({ kind: 'delete-group', group: group.id });
  const live = await get(`/users/${user.id}?x_source=live`);
  expect([live.body.x_location, live.headers.get('x-foreknow-source')]).toEqual(['Elsewhere', 'live']);
  expect(live.headers.get('ratelimit-limit')).toBe('400');
  expect((await get(`/users/${user.id}`)).body.x_location).toBe(user.location);

  const gone = await get(`/groups/${group.id}?x_source=live`);
  expect(gone.body).toMatchObject({ statusCode: 404, truto_is_remote_error: true });
  const groups = await pages('/groups?x_source=live&limit=500');
  expect(groups.map(({ id }) => id)).not.toContain(String(group.id));
  const kept = await get(`/groups/${group.id}`);
  expect([kept.status, kept.body.x_deleted_at]).toEqual([200, null]);
});

test('filters that KnowBe4 can answer are asked of it, others name the mirror', async () => {
  const archived = await pages('/users?x_source=live&limit=500&status=inactive');
  const wanted = emulator.truth().users.filter(({ status }) => status === 'archived');
  expect(archived.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => String(id)).toSorted());
  const group = emulator.truth().groups.find(({ member_count }) => member_count > 3)!;
  const members = await pages(`/users?x_source=live&limit=500&group_id=${group.id}`);
  for (const { groups } of members) expect((groups as Row[]).map(({ id }) => id)).toContain(String(group.id));
  for (const [query, field] of [
    ['first_name=A', 'first_name'],
    ['sort_by[name]=asc', 'sort_by'],
    ['status=deleted', 'status'],
    ['status[like]=a', 'status'],
    ['x_deleted=show', 'x_deleted'],
    ['truto_super_query=wnam', 'x_source'],
    ['frist_name=A', 'frist_name'],
    ['next_cursor=forged', 'next_cursor'],
  ]) {
    const { status, body } = await get(`/users?x_source=live&${query}`);
    expect([query, status, body.details.field]).toEqual([query, 400, field]);
  }
  expect((await get('/users?x_source=vendor')).body.details.field).toBe('x_source');
  expect((await get('/organizations?x_source=live')).body.details.hint).toBe('Leave x_source out.');
  expect((await get('/users/none?x_source=live')).status).toBe(404);
});

test('a cursor of the live list is none of the mirror, nor of another filter', async () => {
  const cursor = (await get('/users?x_source=live&limit=10')).body.next_cursor;
  expect((await get(`/users?limit=10&next_cursor=${cursor}`)).body.details.code).toBe('invalid_cursor');
  const other = await get(`/users?x_source=live&status=active&next_cursor=${cursor}`);
  expect(other.body.details.code).toBe('invalid_cursor');
});

test('formats hold live as well: KnowBe4’s objects, and what lies behind', async () => {
  const raw = await get('/users?x_source=live&limit=1&truto_response_format=raw');
  expect(raw.body.result[0].emails).toBeUndefined();
  const { body } = await get('/users?x_source=live&limit=2&status=active&truto_response_format=debug');
  expect(body.debug).toMatchObject({ requestUrl: '/v1/users?status=active', resultCount: 2, isEmptyResult: false });
  expect(body.debug.data[0].id).toBe(Number(body.result[0].id));
  const [person] = body.result;
  const one = await get(`/users/${person.id}?x_source=live&truto_response_format=debug`);
  expect(one.body).toMatchObject({ result: person, debug: { requestUrl: `/v1/users/${person.id}` } });
  const kept = await get(`/users/${person.id}?truto_response_format=debug`);
  expect(kept.body).toMatchObject({ result: person, debug: { requestUrl: null, requestOptions: null } });
});

test('who was erased is not shown live either', async () => {
  const { id } = emulator.truth().users[9]!;
  await gateway.connections.erasePerson('acme', String(id));
  expect((await get(`/users/${id}?x_source=live`)).status).toBe(404);
  expect((await pages('/users?x_source=live&limit=500')).map((one) => one.id)).not.toContain(String(id));
});

test('a spent budget is told with the time of its end, which is true, and with the age of the mirror', async () => {
  const kept = (await get('/users?limit=1')).body.x_freshness.as_of;
  let answer = await get('/groups?x_source=live&limit=1');
  for (let calls = 0; answer.status === 200 && calls < 500; calls += 1)
    answer = await get('/groups?x_source=live&limit=1');
  expect(answer.body).toMatchObject({ statusCode: 429, details: { code: 'quota_exhausted' } });
  expect(answer.body.details.hint).toContain('x_source=live');
  expect((await get('/users?x_source=live')).body.details.hint).toContain(kept);
  expect(answer.headers.get('ratelimit-remaining')).toBe('0');
  expect((await get('/groups?limit=1')).status).toBe(200);
  const seconds = Number(answer.headers.get('retry-after'));
  const start = ms;
  ms = start + (seconds - 61) * 1000;
  expect((await get('/groups?x_source=live&limit=1')).status).toBe(429);
  ms = start + seconds * 1000;
  expect((await get('/groups?x_source=live&limit=1')).status).toBe(200);
});
