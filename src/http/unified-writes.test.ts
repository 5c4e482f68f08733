import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const root = '/unified/user-directory';
const { gateway, addToken, written } = fakeGateway({ connections: [aConnection()] });
const writer = addToken({ scopes: ['write'] });
const reader = addToken({ scopes: ['directory'] });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway });
});
afterEach(() => void written.splice(0));
afterAll(() => door.close());

const send = (method: string, path: string, json?: unknown, token = writer) =>
  door.call(root + path, { method, token, ...(json === undefined ? {} : { json }) });

const email = 'amara@example.com';
const valid: [method: string, path: string, body?: unknown][] = [
  ['POST', '/users', { emails: [{ email, type: 'primary' }], first_name: 'Amara', x_anything: true }],
  ['POST', '/users', { username: email, groups: ['7', { id: 8 }], status: 'active' }],
  ['PATCH', '/users/12', { groups: [{ id: '7' }] }],
  ['PATCH', '/users', { id: '12', title: 'Buyer' }],
  ['DELETE', '/users/12'],
  ['POST', '/groups', { name: 'New hires', description: null }],
  ['PATCH', '/groups/7', { name: 'Sales' }],
  ['PATCH', '/groups', { id: 7, name: 'Sales' }],
  ['DELETE', '/groups/7'],
  ['POST', '/groups/add-user', { group_id: '7', user_id: '12' }],
  ['POST', '/groups/remove-user', { id: '7', user_id: 12 }],
  ['POST', '/groups/remove-user/?integrated_account_id=acme', { group_id: '7', user_id: '12' }],
  ['DELETE', '/role_assignments/kb4%3Aadmin%3A3'],
];

test.each(valid)('%s %s is checked and then refused: nothing is changed directly', async (method, path, body) => {
  const { status, body: error } = await send(method, path, body);
  expect(error).toMatchObject({ statusCode: 403, error: 'Forbidden', details: { code: 'writes_not_enabled' } });
  expect(status).toBe(403);
  expect(error.details.hint).toContain('provisioning');
});

test.each([
  ['POST', '/users', { first_name: 'Amara' }, 'emails'],
  ['POST', '/users', { emails: [{ email: 'nobody' }] }, 'emails[0].email'],
  ['POST', '/users', { emails: [] }, 'emails'],
  ['POST', '/users', { username: email, status: 'asleep' }, 'status'],
  ['POST', '/users', 'amara', undefined],
  ['PATCH', '/users/12', {}, undefined],
  ['PATCH', '/users', { title: 'Buyer' }, 'id'],
  ['PATCH', '/users', { id: '12' }, undefined],
  ['POST', '/groups', {}, 'name'],
  ['POST', '/groups', { name: '' }, 'name'],
  ['POST', '/groups/add-user', { user_id: '12' }, 'group_id'],
  ['POST', '/groups/remove-user', { group_id: '7' }, 'user_id'],
] as const)('%s %s with %j is not valid, and says where', async (method, path, body, field) => {
  const { status, body: error } = await send(method, path, body);
  expect([status, error.details.code, error.details.field]).toEqual([400, 'invalid_request', field]);
  expect(written).toEqual([]);
});

test('who tried to change something is written down', async () => {
  await send('DELETE', '/users/12', undefined, addToken({ scopes: ['write'], name: 'trier' }));
  expect(written).toMatchObject([
    { actor: { name: 'trier' }, action: 'request.refused', outcome: 'refused', error: 'writes_not_enabled' },
  ]);
  expect(written[0]!.details).toEqual({ operation: 'archiveUser' });
});

test('a token without the scope is told so before anything is looked at', async () => {
  const { status, body } = await send('POST', '/users', { first_name: 1 }, reader);
  expect(status).toBe(403);
  expect(body.details.code).toBe('scope_missing');
  expect(body.truto_error_insight.forbidden_error.value).toEqual(['write']);
});

test('a connection that is not reached is none here either', async () => {
  const { status, body } = await send('DELETE', '/users/12?integrated_account_id=con_none');
  expect([status, body.details.code]).toEqual([404, 'not_found']);
});
