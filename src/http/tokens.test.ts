import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiToken } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

let fake: ReturnType<typeof fakeGateway>;
let door: Awaited<ReturnType<typeof openDoor>>;
const acme = aConnection({ id: 'con_1', name: 'acme', tags: ['emea'] });
const other = aConnection({ id: 'con_2', name: 'other' });

beforeEach(async () => {
  fake = fakeGateway({ connections: [acme, other] });
  door = await openDoor({ gateway: fake.gateway });
});
afterEach(() => door.close());

const post = (path: string, token: string, json?: unknown) => door.call(path, { method: 'POST', token, json });
const make = (token: string, json: unknown) => post('/api/v1/tokens', token, json);

describe('creating', () => {
  test('a token with tags and a field policy', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const input = {
      name: 'reports',
      scopes: ['directory', 'phishing'],
      tags: ['emea'],
      field_policy: { email: 'mask' },
    };
    const { status, body } = await make(admin, input);
    expect(status).toBe(201);
    expect(body.token).toMatchObject({
      ...{ kind: 'api', scopes: ['directory', 'phishing.identified'], tags: ['emea'], connections: null },
      ...{ field_policy: { email: 'mask' }, parent_id: null },
    });
    const connections = await door.call('/api/v1/connections', { token: body.secret });
    expect(connections.body.code).toBe('scope_missing');
  });

  test('reaches by its tags what has them', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body } = await make(admin, { name: 'a', scopes: ['connections'], tags: ['emea'] });
    const { body: seen } = await door.call('/api/v1/connections', { token: body.secret });
    expect(seen.result.map(({ id }: { id: string }) => id)).toEqual(['con_1']);
    const beyond = await door.call('/api/v1/connections/other', { token: body.secret });
    expect(beyond.body.code).toBe('connection_not_allowed');
  });

  test('says what is missing or wrong', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    for (const [input, field] of [
      [{ scopes: ['directory'] }, 'name'],
      [{ name: 'a' }, 'scopes'],
      [{ name: 'a', scopes: ['everything'] }, 'scopes[0]'],
      [{ name: 'a', scopes: ['directory'], field_policy: { salary: 'drop' } }, 'field_policy.salary'],
      [{ name: 'a', scopes: ['directory'], field_policy: { phone: 'mask' } }, 'field_policy.phone'],
      [{ name: 'a', scopes: ['directory'], settings: { source: 'live' } }, 'settings'],
      [{ kind: 'account' }, 'connections'],
      [{ kind: 'mcp', expires_at: null }, 'expires_at'],
      [{ kind: 'mcp', scopes: ['proxy.write'] }, 'scopes'],
    ] as const) {
      const { body } = await make(admin, input);
      expect([body.code, body.field], JSON.stringify(input)).toEqual(['invalid_request', field]);
    }
  });

  test('with a token under a policy gives one under it at least, and shows none that is told more', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body } = await make(admin, { name: 'narrow', scopes: ['admin'], field_policy: { email: 'drop' } });
    const child = await make(body.secret, {
      name: 'child',
      scopes: ['admin'],
      field_policy: { email: 'mask', phone: 'drop' },
    });
    expect(child.body.token.field_policy).toEqual({ email: 'drop', phone: 'drop' });
    const list = await door.call('/api/v1/tokens', { token: body.secret });
    expect(list.body.result.map(({ name }: ApiToken) => name).toSorted()).toEqual(['child', 'narrow']);
    const wider = (await door.call('/api/v1/tokens', { token: admin })).body.result.find(
      ({ name }: ApiToken) => name === 'test',
    );
    for (const [method, path] of [
      ['POST', `/api/v1/tokens/${wider.id}/rotate`],
      ['DELETE', `/api/v1/tokens/${wider.id}`],
    ] as const)
      expect((await door.call(path, { method, token: body.secret })).body.code).toBe('not_found');
  });
});

describe('rotating', () => {
  test('gives a new secret beside the old one', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body: made } = await make(admin, { name: 'a', scopes: ['directory'] });
    const { status, body } = await post(`/api/v1/tokens/${made.token.id}/rotate`, admin, { overlap_seconds: 60 });
    expect([status, body.token.id, body.secret === made.secret]).toEqual([200, made.token.id, false]);
    expect(body.token.previous_until).not.toBeNull();
    expect((await post(`/api/v1/tokens/${made.token.id}/rotate`, admin, { overlap_seconds: -1 })).status).toBe(400);
    expect((await post('/api/v1/tokens/tok_none/rotate', admin)).body.code).toBe('not_found');
    expect((await post(`/api/v1/tokens/${made.token.id}/rotate`, fake.addToken())).body.code).toBe('scope_missing');
  });

  test('is not for the server’s own token, whose holder is believed', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { token } = await fake.gateway.tokens.create({
      ...{ name: 'commands beside the server', scopes: ['admin'], forCommands: true },
    });
    expect((await post(`/api/v1/tokens/${token.id}/rotate`, admin)).body.code).toBe('invalid_request');
  });

  test('does not end what the operator made with it, when the server ends', async () => {
    const { token, secret } = await fake.gateway.tokens.create({
      ...{ name: 'commands beside the server', scopes: ['admin'], forCommands: true },
    });
    const { body } = await make(secret, { kind: 'account', connections: ['acme'], expires_at: null });
    expect(body.token).toMatchObject({ kind: 'account', parent_id: null, expires_at: null, connections: ['con_1'] });
    await fake.gateway.tokens.revoke(token.id);
    expect(await fake.gateway.tokens.verify(body.secret)).toMatchObject({ connections: ['con_1'] });
  });

  test('is not for a token that reaches further', async () => {
    const bound = fake.addToken({ scopes: ['admin'], connections: ['con_1'] });
    const wide = await fake.gateway.tokens.create({ name: 'wide', scopes: ['directory'] });
    expect((await post(`/api/v1/tokens/${wide.token.id}/rotate`, bound)).body.code).toBe('not_found');
  });
});

describe('an account token', () => {
  test('is had as Truto’s clients ask, by any token that reaches the connection', async () => {
    const token = fake.addToken({ scopes: ['directory'], connections: ['con_1'] });
    const { status, body } = await post('/integrated-account/token', token, {
      integrated_account_id: 'con_1',
      environment_id: 'x',
    });
    expect([status, Object.keys(body)]).toEqual([200, ['integrated_account_token']]);
    expect(body.integrated_account_token).toMatch(/^fka_/);
    const verified = await fake.gateway.tokens.verify(body.integrated_account_token);
    expect(verified).toMatchObject({ kind: 'account', connections: ['con_1'], scopes: ['directory'] });
    const lifeMs = Date.parse(verified.expiresAt!) - Date.parse(verified.createdAt);
    expect(lifeMs).toBe(15 * 60_000);
    const beyond = await post('/integrated-account/token', token, { integrated_account_id: 'con_2' });
    expect(beyond.body.details.code).toBe('connection_not_allowed');
    expect((await post('/integrated-account/token', token, {})).body.details.code).toBe('invalid_request');
  });

  test('reaches the data of its connection and nothing else', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body } = await make(admin, { kind: 'account', connections: ['acme'] });
    for (const path of [
      ...['/api/v1/connections', '/api/v1/people', '/api/v1/events', '/workos/directories', '/directory_users'],
      ...['/metrics', '/api/v1/tokens', '/api/v1/audit', '/api/v1/changes'],
    ])
      expect((await door.call(path, { token: body.secret })).body.code, path).toBe('token_kind_not_allowed');
    for (const path of ['/integrated-account/token', '/api/v1/tokens'])
      expect((await post(path, body.secret, { integrated_account_id: 'con_1' })).status, path).toBe(403);
    // It comes as far as its use case, which this gateway has not.
    const data = await door
      .call('/unified/user-directory/users?truto_key_by', { token: body.secret })
      .catch(() => null);
    expect(data?.body?.details?.code).not.toBe('token_kind_not_allowed');
  });

  test('needs no say over which connection is meant, and takes no other', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body } = await make(admin, { kind: 'account', connections: ['acme'] });
    const wrong = await door.call('/unified/user-directory/users?integrated_account_id=con_2', { token: body.secret });
    expect(wrong.body.details.code).toBe('connection_not_allowed');
  });

  test('ends with the token that made it', async () => {
    const admin = fake.addToken({ scopes: ['admin'] });
    const { body: maker } = await make(admin, { name: 'maker', scopes: ['directory'] });
    const { body } = await make(maker.secret, { kind: 'account', connections: ['acme'] });
    expect(body.token.parent_id).toBe(maker.token.id);
    await door.call(`/api/v1/tokens/${maker.token.id}`, { method: 'DELETE', token: admin });
    expect((await door.call('/unified/user-directory/users', { token: body.secret })).status).toBe(401);
  });
});

test('a token for MCP opens no other address', async () => {
  const admin = fake.addToken({ scopes: ['admin'] });
  const { body } = await make(admin, { kind: 'mcp', tags: ['emea'] });
  expect(body.secret).toMatch(/^fkm_/);
  for (const path of ['/unified/user-directory/users', '/api/v1/people', '/api/v1/tokens'])
    expect((await door.call(path, { token: body.secret })).status, path).toBe(403);
});

test('phishing in figures opens nothing that names a person', async () => {
  const token = fake.addToken({ scopes: ['phishing.aggregate'] });
  const asked = async (path: string) => (await door.call(path, { token })).body;
  expect((await asked('/api/v1/events?types=phishing.failed')).issues).toEqual([
    { field: 'scope', reason: 'phishing.identified' },
  ]);
  expect((await asked('/api/v1/events?types=security_test.updated')).result).toEqual([]);
});
