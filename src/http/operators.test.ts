import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { COMMAND_TOKEN } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';
import { PRIYAS_SECRET } from './contract/fake-operators.ts';

const { gateway, addToken, written } = fakeGateway({ connections: [aConnection()], runs: [], holds: [] });
const admin = addToken({ scopes: ['admin'], name: 'mara' });
const commands = addToken({ scopes: ['admin'], name: COMMAND_TOKEN });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway, limits: { failuresPerMinute: 1000, waitMs: 0 } });
});
afterEach(() => void written.splice(0));
afterAll(() => door.close());

const voucher = { name: 'priya', secret: PRIYAS_SECRET };
const secret = 'eleven quiet lanterns';
const calls = [
  ['GET', '/api/v1/operators', undefined],
  ['POST', '/api/v1/operators', { name: 'sam', secret, totp: true, voucher }],
  ['POST', '/api/v1/operators/sam/reset', { secret, voucher }],
  ['POST', '/api/v1/operators/sam/disable', { voucher }],
] as const;

test('people who approve are no part of the API: no token makes one, whatever its scopes', async () => {
  for (const [method, path, json] of calls) {
    const answer = await door.call(path, { method, token: admin, json });
    expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'token_kind_not_allowed']);
  }
  expect(Object.keys(door.document.paths).filter((path) => path.includes('operators'))).toEqual([]);
  // Refusals that repeat themselves are counted.
  expect(written).toMatchObject([{ action: 'request.refused', outcome: 'refused', error: 'token_kind_not_allowed' }]);
});

test('commands beside the server look after them, and what they change is written down without a secret', async () => {
  for (const [method, path, json] of calls) {
    // Nothing documents these answers.
    const answer = await fetch(door.url + path, {
      method,
      headers: { authorization: `Bearer ${commands}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    expect([path, answer.ok]).toEqual([path, true]);
    expect(await answer.text()).not.toContain(secret);
  }
  expect(written.map(({ action, outcome, actor }) => [action, outcome, actor.door])).toEqual([
    ['operator.added', 'done', 'cli'],
    ['operator.reset', 'done', 'cli'],
    ['operator.disabled', 'done', 'cli'],
  ]);
  for (const hidden of [secret, PRIYAS_SECRET]) expect(JSON.stringify(written)).not.toContain(hidden);
});

test.each([
  ['no name', { secret }],
  ['a secret that is none', { name: 'sam', secret: 7 }],
  ['something else', { name: 'sam', secret, admin: true }],
])('a call with %s is refused with its field', async (_, json) => {
  const { status, body } = await door.call('/api/v1/operators', { method: 'POST', token: commands, json });
  expect([status, body.code]).toEqual([400, 'invalid_request']);
});
