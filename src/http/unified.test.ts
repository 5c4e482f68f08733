import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupsSpec } from '../directory/groups.ts';
import { licensesSpec } from '../directory/licenses.ts';
import { organizationsSpec } from '../directory/organizations.ts';
import { peopleSpec } from '../directory/people.ts';
import { roleAssignmentsSpec, rolesSpec } from '../directory/roles.ts';
import { usersSpec } from '../directory/users.ts';
import { rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import type { Scope } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';

const root = '/unified/user-directory';
let clock = new Date('2026-11-20T09:00:00.000Z');
let mirrored: Awaited<ReturnType<typeof mirroredGateway>>;
let door: Awaited<ReturnType<typeof openDoor>>;
let both: string;
let acme: string;

const token = async (scopes: readonly Scope[], connections?: readonly string[], expiresAt?: string) =>
  (
    await mirrored.gateway.tokens.create({
      name: 'test',
      scopes,
      ...(connections ? { connections } : {}),
      ...(expiresAt ? { expiresAt } : {}),
    })
  ).secret;

beforeAll(async () => {
  const people = Array.from({ length: 25 }, (_, index) =>
    rawUser(index + 1, { groups: [7], department: index % 2 === 0 ? 'Sales' : 'Ops', current_risk_score: index }),
  );
  mirrored = await mirroredGateway(
    {
      acme: {
        account: [rawAccount({ admins: [{ id: 3, first_name: 'A', last_name: 'B', email: 'a@example.com' }] })],
        groups: [rawGroup(7, { member_count: 25 }), rawGroup(8)],
        users: people,
        removedUsers: ['25'],
      },
      beta: { account: [rawAccount({ name: 'Beta' })], users: [rawUser(1, { first_name: 'Beta' })] },
    },
    () => clock,
  );
  door = await openDoor({ gateway: mirrored.gateway, now: () => clock, limits: { failuresPerMinute: 1000 } });
  both = await token(['directory']);
  acme = await token(['directory'], ['con_1']);
});
afterAll(async () => {
  await door.close();
  await mirrored.close();
});

const get = (path: string, secret = acme) => door.call(`${root}${path}`, { token: secret });
const idsOf = (body: { result: { id: string }[] }) => body.result.map(({ id }) => id);

test('a first page with an empty cursor is followed to the end, and every record comes once', async () => {
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await get(`/users?limit=10&next_cursor=${encodeURIComponent(cursor)}`);
    expect(page.status).toBe(200);
    expect(page.body.result_count).toBe(page.body.result.length);
    expect(page.body.x_freshness.source).toBe('mirror');
    seen.push(...idsOf(page.body));
    cursor = page.body.next_cursor;
  }
  expect(seen).toHaveLength(24);
  expect(new Set(seen).size).toBe(24);
});

test('the way back over prev_cursor shows the page before', async () => {
  const first = await get('/users?limit=10&sort_by[name]=desc');
  const second = await get(`/users?limit=10&sort_by%5Bname%5D=desc&next_cursor=${first.body.next_cursor}`);
  const back = await get(`/users?limit=10&sort_by[name]=desc&prev_cursor=${second.body.prev_cursor}`);
  expect(idsOf(back.body)).toEqual(idsOf(first.body));
});

test('a get answers the object itself, and a question mark alone or a repeated id does not matter', async () => {
  const plain = await get('/users/3?');
  expect(plain.body).toMatchObject({
    id: '3',
    type: 'admin',
    status: 'active',
    groups: [{ id: '7', name: 'Group 7' }],
  });
  expect(plain.body.remote_data.id).toBe(3);
  expect(plain.headers.get('x-foreknow-source')).toBe('mirror');
  expect(plain.headers.get('x-foreknow-as-of')).toBe((await get('/users?limit=1')).body.x_freshness.as_of);
  expect((await get('/users/3?id=3')).body).toEqual(plain.body);
});

test('leading slashes are collapsed and ids are decoded', async () => {
  expect((await door.call(`/${root}/users?`, { token: acme })).status).toBe(200);
  expect((await get('/users/%33')).body.id).toBe('3');
  expect((await get('/users/a%2Fb')).status).toBe(404);
  expect((await get('/role_assignments')).body.result).toHaveLength(1);
});

test('lists are understood with brackets, with numbers and with commas', async () => {
  for (const query of [
    'truto_exclude_fields[]=emails&truto_exclude_fields[]=remote_data',
    'truto_exclude_fields%5B0%5D=emails&truto_exclude_fields%5B1%5D=remote_data',
    'truto_exclude_fields=emails,remote_data',
  ]) {
    const [user] = (await get(`/users?limit=1&${query}`)).body.result;
    expect(user.id).toBeDefined();
    expect(user.emails).toBeUndefined();
    expect(user.remote_data).toBeUndefined();
  }
});

test('a time is understood plain and with operators', async () => {
  const all = await get('/users?created_at%5Bgt%5D=2020-01-01&limit=500');
  expect(all.body.result).toHaveLength(24);
  expect((await get('/users?created_at[lt]=2020-01-01')).body.result).toEqual([]);
  expect((await get('/users?created_at=2024-02-12T08:30:00.000Z')).body.result).toHaveLength(24);
});

test('records keep their documented shape, and flags change it', async () => {
  const plain = await get('/users?limit=2');
  expect(Array.isArray(plain.body.result)).toBe(true);
  expect(plain.body.result[0].remote_data).toBeDefined();
  expect((await get('/users?limit=2&truto_ignore_remote_data=true')).body.result[0].remote_data).toBeUndefined();
  const keyed = await get('/users?limit=2&truto_key_by=id');
  expect(Object.keys(keyed.body.result)).toEqual(idsOf(plain.body));
  const raw = await get('/users?limit=1&truto_response_format=raw');
  expect(raw.body.result[0].first_name).toBe('Amara');
  expect(raw.body.result[0].emails).toBeUndefined();
});

test('records and lists that no flag changed are exactly as documented', async () => {
  for (const [path, name] of [
    ['users', 'User'],
    ['groups', 'Group'],
    ['roles', 'Role'],
    ['role_assignments', 'RoleAssignment'],
    ['organizations', 'Organization'],
    ['licenses', 'License'],
  ] as const) {
    const list = (await get(`/${path}`)).body;
    door.conforms.schema(`${name}List`, list);
    const record = (await get(`/${path}/${encodeURIComponent(list.result[0].id)}`)).body;
    door.conforms.schema(name, record);
    expect(record).toEqual(list.result[0]);
  }
  door.conforms.schema('User', (await get('/me')).body);
});

test('every filter and sort that the directory reads is documented, and no other', () => {
  const described = [
    'integrated_account_id',
    'connection_id',
    'x_source',
    'expand',
    'limit',
    'next_cursor',
    'prev_cursor',
    'sort_by',
  ];
  for (const [path, spec] of [
    [`${root}/users`, usersSpec],
    [`${root}/groups`, groupsSpec],
    [`${root}/roles`, rolesSpec],
    [`${root}/role_assignments`, roleAssignmentsSpec],
    [`${root}/organizations`, organizationsSpec],
    [`${root}/licenses`, licensesSpec],
    ['/api/v1/people', peopleSpec],
  ] as const) {
    const parameters = parametersOf(path);
    const filters = parameters.filter(({ name }) => !described.includes(name) && !name.startsWith('truto_'));
    expect(filters.map(({ name }) => name).sort(), path).toEqual(Object.keys(spec.filters).sort());
    const sort = parameters.find(({ name }) => name === 'sort_by')!;
    expect(sort.schema.propertyNames?.enum?.toSorted(), path).toEqual(Object.keys(spec.sorts).sort());
  }
});

type Parameter = { name: string; schema: { propertyNames?: { enum?: string[] } } };
const parametersOf = (path: string): Parameter[] =>
  (door.document.paths[path]!.get as unknown as { parameters: Parameter[] }).parameters;

test('deleted people are hidden unless asked for', async () => {
  expect(idsOf((await get('/users?x_deleted=only')).body)).toEqual(['25']);
  expect((await get('/users?status=deleted')).body.result[0].status).toBe('deleted');
});

test('groups, roles, organizations and me are served', async () => {
  expect(idsOf((await get('/groups')).body)).toEqual(['7', '8']);
  expect((await get('/groups/7')).body).toMatchObject({ id: '7', group_type: 'group', x_member_count: 25 });
  expect(idsOf((await get('/groups?user_id=3')).body)).toEqual(['7']);
  const roles = await get('/roles');
  expect(idsOf(roles.body)).toEqual(['kb4:admin', 'kb4:user']);
  expect(roles.body.is_partial_response).toBe(true);
  expect((await get('/roles/kb4%3Aadmin')).body.id).toBe('kb4:admin');
  const [assignment] = (await get('/role_assignments')).body.result;
  expect((await get(`/role_assignments/${encodeURIComponent(assignment.id)}`)).body.user_id).toBe('3');
  expect((await get('/organizations')).body.result).toHaveLength(1);
  expect((await get('/organizations/con_1')).body.pricing_plan).toBe('Diamond');
  expect((await get('/licenses')).body.result).toMatchObject([
    { available_quantity: 100, assigned_quantity: 24, is_paid: true },
  ]);
  expect((await get('/me')).body.type).toBe('service-account');
});

test('integrated_account_id says which connection, and may be left out where there is one', async () => {
  const missing = await get('/users', both);
  expect(missing.status).toBe(400);
  expect(missing.body.truto_error_insight.missing_required_query_parameters.value).toEqual(['integrated_account_id']);
  expect((await get('/users?integrated_account_id=con_2', both)).body.result[0].first_name).toBe('Beta');
  expect((await get('/users?integrated_account_id=beta', both)).body.result).toHaveLength(1);
  expect((await get('/users?integrated_account_id=con_none', both)).status).toBe(404);
  const twice = await get('/users?integrated_account_id=con_1&integrated_account_id=con_2', both);
  expect(twice.body.details.field).toBe('integrated_account_id');
});

test('a bound token reaches nothing beside its connection, whether it exists or not', async () => {
  const other = await get('/users?integrated_account_id=con_2');
  const none = await get('/users?integrated_account_id=con_none');
  expect([other.status, none.status]).toEqual([403, 403]);
  const shown = (body: { message: string }) => body.message.replace(/"con_\w+"/, '');
  expect(shown(other.body)).toBe(shown(none.body));
});

test('errors have the unified shape: status, name, message, code, failures', async () => {
  const none = await get('/users/none');
  expect(none.body).toMatchObject({ statusCode: 404, error: 'Not Found', details: { code: 'not_found' } });
  expect(none.headers.get('content-type')).toContain('application/json');
  const anonymous = await door.call(`${root}/users`);
  expect(anonymous.body).toMatchObject({ statusCode: 401, error: 'Unauthorized' });
  const refused = await get('/users', await token(['sync']));
  expect(refused.body.truto_error_insight.forbidden_error.value).toEqual(['directory']);
  const limit = await get('/users?limit=9999');
  expect(limit.body).toMatchObject({ statusCode: 400, details: { code: 'invalid_request', field: 'limit' } });
  expect(limit.body.details.failures[0].field).toBe('limit');
  const typo = await get('/users?first_nam=A');
  expect(typo.body.details.hint).toContain('first_name');
  expect((await get('/users?next_cursor=forged')).body.details.code).toBe('invalid_cursor');
  const cursor = (await get('/users?limit=1')).body.next_cursor;
  expect((await get(`/users?limit=1&status=active&next_cursor=${cursor}`)).body.details.code).toBe('invalid_cursor');
});

test('a method that no address of the kind has is 405 and says what is allowed', async () => {
  const answer = await door.call(`${root}/users`, { method: 'PUT', token: acme, json: {} });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD, PATCH, POST');
  expect(answer.body.statusCode).toBe(405);
});

test('a token stops at its expiry and when it is revoked', async () => {
  const brief = await token(['directory'], ['con_1'], '2026-11-20T10:00:00.000Z');
  expect((await get('/users', brief)).status).toBe(200);
  clock = new Date('2026-11-20T10:00:00.000Z');
  expect((await get('/users', brief)).status).toBe(401);
  const revoked = await token(['directory'], ['con_1']);
  const { id } = (await mirrored.gateway.tokens.list()).at(-1)!;
  await mirrored.gateway.tokens.revoke(id);
  expect((await get('/users', revoked)).status).toBe(401);
});

test('people of all connections come in one list, with the parts that the token may see', async () => {
  const people = (query: string, secret: string) => door.call(`/api/v1/people${query}`, { token: secret });
  const list = await people('?limit=500', both);
  expect(new Set(list.body.result.map((one: { connection_id: string }) => one.connection_id)).size).toBe(2);
  expect(list.body.result[0].risk).toBeUndefined();
  const all = await token(['directory', 'risk', 'training', 'phishing.identified'], ['con_1']);
  const risky = await people('?risk_above=20&sort_by[risk_score]=desc&department=Sales', all);
  expect(risky.body.result.map((one: { risk: { score: number } }) => one.risk.score)).toEqual([22]);
  const hidden = await people('?risk_above=20', both);
  expect(hidden.status).toBe(403);
  expect(hidden.body.detail).toContain('risk');
  expect((await people('?connection_id=con_2', acme)).status).toBe(403);
});

test('one person is found in one connection, and an id in several asks which', async () => {
  const all = await token(['directory', 'risk', 'training', 'phishing.identified']);
  const person = (path: string, secret = all) => door.call(`/api/v1/people/${path}`, { token: secret });
  expect((await door.call('/api/v1/people?connection_id=', { token: all })).body.result_count).toBe(25);
  expect((await person('3')).body).toMatchObject({ id: '3', connection_id: 'con_1', training: { current: [] } });
  expect((await person('1')).body).toMatchObject({ status: 400, field: 'connection_id' });
  expect((await person('1?connection_id=beta')).body.connection_id).toBe('con_2');
  expect((await person('none')).body.code).toBe('not_found');
  const history = await person('3/risk-history?connection_id=acme');
  expect(history.body.result).toEqual([{ date: '2026-11-01', risk_score: 31.5 }]);
  for (const lacking of [both, await token(['risk'])]) {
    expect((await person('3/risk-history?connection_id=acme', lacking)).status).toBe(403);
  }
});
