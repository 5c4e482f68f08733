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

/* What is checked before anything is planned; what becomes of writes is in unified-writing.test.ts. */

const send = (method: string, path: string, json?: unknown, token = writer) =>
  door.call(root + path, { method, token, ...(json === undefined ? {} : { json }) });

const email = 'amara@example.com';

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
