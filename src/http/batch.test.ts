import { afterAll, beforeAll, expect, test } from 'vitest';
import { strictestPolicy } from '../model/field-policy.ts';
import { rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import type { NewToken } from '../tokens/new-token.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';

let mirrored: Awaited<ReturnType<typeof mirroredGateway>>;
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  const users = Array.from({ length: 12 }, (_, index) =>
    rawUser(index + 1, { groups: [index % 2 === 0 ? 7 : 8], last_name: 'Zqplanted', comment: 'zqplanted' }),
  );
  mirrored = await mirroredGateway({
    acme: { account: [rawAccount()], groups: [rawGroup(7), rawGroup(8)], users },
    beta: { account: [rawAccount()], users: [rawUser(1, { first_name: 'Beta' })] },
  });
  door = await openDoor({ gateway: mirrored.gateway });
});
afterAll(async () => {
  await door.close();
  await mirrored.close();
});

const tokenOf = async (fields: Partial<NewToken> = {}) =>
  (await mirrored.gateway.tokens.create({ name: 'test', scopes: ['directory'], connections: ['con_1'], ...fields }))
    .secret;
const send = (json: object, token: string, headers = {}) =>
  door.call('/batch-request', { method: 'POST', token, json: { integrated_account_id: 'acme', ...json }, headers });
const users = { resource: 'user-directory/users', method: 'list' };
const groups = { resource: 'user-directory/groups', method: 'list' };
type Row = { id: string; groups: { id: string }[] };

test('several reads come in one answer, lists from their first page to their last', async () => {
  const { status, body } = await send(
    {
      resources: [
        {
          ...users,
          query: { limit: 5, truto_exclude_fields: ['remote_data', 'phones'], created_at: { gt: '2020-01-01' } },
        },
        { resource: 'user-directory/users', method: 'get', id: '{{args.id}}' },
        { ...groups, response_format: 'raw' },
        { resource: 'user-directory/me', method: 'get' },
      ],
      args: { id: 3 },
    },
    await tokenOf(),
  );
  expect(status).toBe(200);
  expect(body.errors).toEqual({});
  expect(body.result['user-directory/users'].map(({ id }: Row) => id).toSorted()).toHaveLength(13);
  expect(body.result['user-directory/users'][0].remote_data).toBeUndefined();
  expect(body.result['user-directory/groups'][0].group_type).toBe('console_group');
  expect(body.result['user-directory/me'][0].type).toBe('service-account');
  expect(body.is_partial_response).toBeUndefined();
});

test('members of each group are asked for by what the list of groups brought', async () => {
  const resources = [
    { ...users, depends_on: 'user-directory/groups', query: { group_id: '{{resources.user-directory.groups.id}}' } },
    { ...groups, persist: false },
  ];
  const { body } = await send({ resources }, await tokenOf());
  expect(Object.keys(body.result)).toEqual(['user-directory/users']);
  expect(body.result['user-directory/users'].map((row: Row) => row.groups[0]!.id)).toEqual([
    ...Array<string>(6).fill('7'),
    ...Array<string>(6).fill('8'),
  ]);
});

test('what a token may not read stands among the errors, and the rest is answered', async () => {
  const resources = [groups, { resource: 'lms/courses', method: 'list' }, { ...users, query: { limit: 9999 } }];
  const { status, body } = await send({ resources }, await tokenOf());
  expect(status).toBe(200);
  expect(body.result['user-directory/groups']).toHaveLength(2);
  expect(body.errors['lms/courses']).toMatchObject([{ statusCode: 403, details: { code: 'scope_missing' } }]);
  expect(body.errors['user-directory/users']).toMatchObject([{ statusCode: 400, details: { field: 'limit' } }]);
});

test('a batch is about one connection, which the token must reach', async () => {
  const bound = await tokenOf();
  expect((await send({ integrated_account_id: 'beta', resources: [groups] }, bound)).status).toBe(403);
  const both = await tokenOf({ connections: ['con_1', 'con_2'] });
  const missing = await send({ integrated_account_id: '', resources: [groups] }, both);
  expect([missing.status, missing.body.details.field]).toEqual([400, 'integrated_account_id']);
  const astray = { ...users, query: { integrated_account_id: 'con_2', id: '1' } };
  const { body } = await send({ resources: [astray] }, both);
  expect(body.result['user-directory/users'][0].first_name).toBe('Amara');
});

test.each([
  [[{ ...users, method: 'create', body: {} }], 403, 'writes_not_enabled', 'resources[0].method'],
  [[groups, { ...users, method: 'remove-user' }], 403, 'writes_not_enabled', 'resources[1].method'],
  [[{ ...users, type: 'transform' }], 400, 'invalid_request', 'resources[0].type'],
  [[{ ...users, method: 'get' }], 400, 'invalid_request', 'resources[0].id'],
  [[{ ...users, id: '1' }], 400, 'invalid_request', 'resources[0].id'],
  [[{ ...users, depends_on: 'user-directory/groups' }], 400, 'invalid_request', 'resources[0].depends_on'],
  [[{ ...users, resource: '../../api/v1/connections' }], 400, 'invalid_request', 'resources[0].resource'],
  [[], 400, 'invalid_request', 'resources'],
])('%j is refused before anything is read', async (resources, status, code, field) => {
  const { status: answered, body } = await send({ resources }, await tokenOf());
  expect([answered, body.details.code, body.details.field]).toEqual([status, code, field]);
});

test('an id leads nowhere but to its record', async () => {
  const ids = ['../groups', '..', '%2e%2e', '1?truto_response_format=raw', '1/../../groups'];
  const resources = [{ resource: 'user-directory/users', method: 'get', id: '{{args.ids}}', loop_on: 'ids' }];
  const { body } = await send({ resources, args: { ids } }, await tokenOf());
  expect(body.result['user-directory/users']).toEqual([]);
  expect(body.errors['user-directory/users']).toHaveLength(ids.length);
});

test('a batch tells no more than each of its calls, and can be asked nothing that they cannot', async () => {
  const resources = [
    users,
    { ...users, response_format: 'debug' },
    { ...users, method: 'get', id: '1', response_format: 'raw' },
  ];
  const open = await send({ resources }, await tokenOf());
  expect(open.text).toMatch(/zqplanted/i);
  const token = await tokenOf({ fieldPolicy: strictestPolicy });
  const hidden = await send({ resources }, token);
  expect(hidden.body.result['user-directory/users']).toHaveLength(25);
  expect(hidden.text).not.toMatch(/zqplanted|@example\.com/i);
  const asked = await send({ resources: [{ ...users, query: { last_name: 'Zqplanted' } }] }, token);
  expect(asked.body.errors['user-directory/users']).toMatchObject([{ details: { code: 'field_hidden' } }]);
});

test('tokens of one account are for its data alone', async () => {
  const maker = await mirrored.gateway.tokens.verify(await tokenOf());
  const { secret } = await mirrored.gateway.tokens.derive({ kind: 'account', connections: ['con_1'] }, maker);
  expect((await send({ resources: [groups] }, secret)).body.details.code).toBe('token_kind_not_allowed');
  expect((await door.call('/batch-request', { method: 'POST', json: { resources: [groups] } })).status).toBe(401);
});

test('each call counts against the limits of the token', async () => {
  const strict = await openDoor({ gateway: mirrored.gateway, limits: { readsPerMinute: 4 } });
  const token = await tokenOf();
  const resources = [{ ...users, query: { limit: 2 } }];
  const { body } = await strict.call('/batch-request', { method: 'POST', token, json: { resources } });
  await strict.close();
  expect(body.result['user-directory/users']).toHaveLength(6);
  expect(body.errors['user-directory/users']).toMatchObject([{ statusCode: 429, details: { code: 'rate_limited' } }]);
  expect(body.x_unfinished).toMatchObject([{ because: 'rate_limited', retry_after: expect.any(Number) }]);
  const rest = await send({ resources: body.x_unfinished }, token);
  const ids = [...body.result['user-directory/users'], ...rest.body.result['user-directory/users']].map(({ id }) => id);
  expect(new Set(ids).size).toBe(12);
});
