import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { openDoor } from './contract/door.ts';
import { fakeCalls } from './contract/fake-calls.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';
import { PRIYAS_SECRET } from './contract/fake-operators.ts';

const acme = aConnection();
const { gateway, addToken, written } = fakeGateway({ connections: [acme] });
let time = Date.parse('2026-11-20T09:00:00.000Z');
const { keptAnswers } = fakeCalls(() => time);
const admin = addToken({ scopes: ['admin'], name: 'mara' });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway: { ...gateway, keptAnswers }, limits: { failuresPerMinute: 1000, waitMs: 0 } });
});
afterAll(() => door.close());

const create = (key: string | null, json: unknown, fields: { token?: string; path?: string; method?: string } = {}) =>
  door.call(fields.path ?? '/api/v1/tokens', {
    ...{ method: fields.method ?? 'POST', token: fields.token ?? admin, json },
    headers: key === null ? {} : { 'idempotency-key': key },
  });
const reports = { name: 'reports', scopes: ['risk'] };

test('a repeated call gets the answer of the first, with the secret that is shown once, and does nothing', async () => {
  const first = await create('k-1', reports);
  expect(first.status).toBe(201);
  const acts = written.length;
  const again = await create('k-1', reports);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(written).toHaveLength(acts);
  const other = await create('k-2', reports);
  expect(other.body.token.id).not.toBe(first.body.token.id);
  expect((await create(null, reports)).body.token.id).not.toBe(first.body.token.id);
});

test('another body or query under the same key is refused; another address or token is another call', async () => {
  await create('k-3', reports);
  const reused = await create('k-3', { ...reports, name: 'other' });
  expect(reused.status).toBe(422);
  expect(reused.body).toMatchObject({ code: 'idempotency_key_reused', field: 'Idempotency-Key' });
  expect((await create('k-3', reports, { path: '/api/v1/tokens?x=1' })).status).toBe(422);
  expect((await create('k-3', undefined, { path: '/api/v1/vault/rotate' })).body).toHaveProperty('resealed');
  const writer = addToken({ scopes: ['proxy', 'proxy.write'] });
  for (const method of ['POST', 'PATCH']) {
    const again = await create('k-3', { name: 'x' }, { token: writer, method, path: '/proxy/events/7' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, null]);
  }
  const another = addToken({ scopes: ['admin'], name: 'jonas' });
  expect((await create('k-3', { ...reports, name: 'other' }, { token: another })).status).toBe(201);
});

test('what people decide is tried each time: no answer is kept, and nothing of their secret', async () => {
  const { result } = (await door.call('/api/v1/plans', { token: admin })).body;
  const [{ id, digest }] = result;
  const decide = (secret: string) =>
    create('k-secret', { digest, operator: { name: 'priya', secret } }, { path: `/api/v1/plans/${id}/approve` });
  expect((await decide(PRIYAS_SECRET)).status).toBe(200);
  expect((await decide('eleven wrong lanterns')).status).toBe(401);
  const again = await decide(PRIYAS_SECRET);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, null]);
});

test('while the first call is under way a repeat is told to wait; when nobody knows how it ended, to look', async () => {
  let finish = (): void => undefined;
  const under = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const rotate = vi.spyOn(gateway.vault, 'rotate').mockImplementation(async () => {
    await under;
    return { resealed: 1, keys: 2 };
  });
  const path = { path: '/api/v1/vault/rotate' };
  const first = create('k-4', undefined, path);
  await vi.waitFor(() => expect(rotate).toHaveBeenCalledTimes(1));
  const meanwhile = await create('k-4', undefined, path);
  expect([meanwhile.status, meanwhile.body.code, meanwhile.headers.get('retry-after')]).toEqual([409, 'conflict', '2']);
  time += 121_000;
  const late = await create('k-4', undefined, path);
  expect([late.status, late.body.code, late.headers.get('retry-after')]).toEqual([409, 'conflict', null]);
  expect(late.body.detail).toContain('broken off');
  finish();
  expect((await first).status).toBe(200);
  expect((await create('k-4', undefined, path)).status).toBe(200);
  expect(rotate).toHaveBeenCalledTimes(1);
  rotate.mockRestore();
});

test('what was refused may be tried again with its key; what broke may not', async () => {
  const rotate = vi.spyOn(gateway.vault, 'rotate');
  const path = { path: '/api/v1/vault/rotate' };
  rotate.mockRejectedValueOnce(new ForeknowError('conflict', { detail: 'Not now.' }));
  expect((await create('k-5', undefined, path)).status).toBe(409);
  rotate.mockRejectedValueOnce(new ForeknowError('remote_unavailable', { detail: 'Away.' }));
  expect((await create('k-5', undefined, path)).status).toBe(502);
  expect((await create('k-5', undefined, path)).status).toBe(200);
  rotate.mockRejectedValueOnce(new Error('broken'));
  expect((await create('k-6', undefined, path)).status).toBe(500);
  expect((await create('k-6', undefined, path)).status).toBe(409);
  expect(rotate).toHaveBeenCalledTimes(4);
  rotate.mockRestore();
});

test('a change of which the store never heard the end is told as what clients do not repeat by themselves', async () => {
  const rotate = vi.spyOn(gateway.vault, 'rotate');
  const away = { detail: 'The database went away.' };
  rotate.mockRejectedValueOnce(new ForeknowError('store_failed', { ...away, isOpen: true }));
  expect((await create(null, undefined, { path: '/api/v1/vault/rotate' })).status).toBe(500);
  rotate.mockRejectedValueOnce(new ForeknowError('store_failed', away));
  expect((await create(null, undefined, { path: '/api/v1/vault/rotate' })).status).toBe(503);
  rotate.mockRestore();
});

test('after a day the key means a new call', async () => {
  const first = await create('k-7', reports);
  time += 86_400_001;
  const later = await create('k-7', { ...reports, name: 'later' });
  expect(later.status).toBe(201);
  expect(later.body.token.id).not.toBe(first.body.token.id);
});

test('a key that is none is refused; reads take no notice of it', async () => {
  expect((await create('', reports)).body).toMatchObject({ code: 'invalid_request', field: 'Idempotency-Key' });
  expect((await create('x'.repeat(256), reports)).status).toBe(400);
  const list = () => door.call('/api/v1/tokens', { token: admin, headers: { 'idempotency-key': 'k-8' } });
  const before = await list();
  await create(null, reports);
  expect((await list()).body.result.length).toBe(before.body.result.length + 1);
});

test('what KnowBe4 may have changed although it answered badly is not sent to it again', async () => {
  const writer = addToken({ scopes: ['proxy', 'proxy.write'] });
  const asked = vi.spyOn(gateway.proxy, 'events');
  asked.mockRejectedValueOnce(new ForeknowError('remote_unavailable', { detail: 'Away.' }));
  const path = { path: `/proxy/events?integrated_account_id=${acme.id}`, token: writer };
  expect((await create('k-12', { event_type: 'x' }, path)).status).toBe(500);
  expect((await create('k-12', { event_type: 'x' }, path)).status).toBe(409);
  asked.mockRejectedValueOnce(new ForeknowError('remote_not_found', { detail: 'No such person.' }));
  expect((await create('k-13', { event_type: 'x' }, path)).status).toBe(404);
  expect((await create('k-13', { event_type: 'x' }, path)).status).toBe(200);
  expect(asked).toHaveBeenCalledTimes(3);
  asked.mockRestore();
});

test('what is kept is what was told', async () => {
  const id = 'tok_dropping0000000';
  const dropping = addToken({ id, scopes: ['proxy', 'proxy.write'], fieldPolicy: { email: 'drop' } });
  const body = Buffer.from('{"id":7,"email":"amara.okafor@example.com"}');
  const asked = vi
    .spyOn(gateway.proxy, 'reporting')
    .mockResolvedValue({ status: 200, body, remoteRequestId: null, window: null });
  const path = `/proxy/users/7?integrated_account_id=${acme.id}`;
  const made = await create('k-11', { name: 'x' }, { token: dropping, method: 'PATCH', path });
  expect(made.body).toEqual({ id: 7, email: null });
  asked.mockRestore();
  const query = JSON.stringify([{ integrated_account_id: acme.id }, { name: 'x' }]);
  const call = { tokenId: id, method: 'PATCH', path: '/proxy/users/7', key: 'k-11', asked: query };
  expect(await keptAnswers.begin(call)).toMatchObject({ again: { status: 200, body: '{"id":7,"email":null}' } });
});

test('a POST that only reads takes no notice of it', async () => {
  const graphql = vi.spyOn(gateway.proxy, 'graphql');
  const path = `/proxy/graphql?integrated_account_id=${acme.id}`;
  for (const query of ['{ account { displayName } }', '{ account { id } }']) {
    expect((await create('k-10', { query }, { path })).status).toBe(200);
  }
  expect(graphql).toHaveBeenCalledTimes(2);
  graphql.mockRestore();
});

test('the stored answer passes the field policy of the token that asks', async () => {
  const masked = addToken({
    ...{ id: 'tok_masked000000000', scopes: ['proxy', 'proxy.write'], fieldPolicy: { email: 'drop' } },
  });
  await keptAnswers
    .begin({
      ...{ tokenId: 'tok_masked000000000', method: 'PATCH', path: '/proxy/users/7', key: 'k-9' },
      asked: JSON.stringify([{ integrated_account_id: acme.id }, { name: 'x' }]),
    })
    .then(async (found) => {
      if (!('first' in found)) throw new Error('taken');
      await found.first.keep({
        ...{ status: 200, contentType: 'application/json; charset=utf-8' },
        body: JSON.stringify({ id: 7, email: 'amara.okafor@example.com' }),
      });
    });
  const answer = await create(
    'k-9',
    { name: 'x' },
    {
      ...{ token: masked, method: 'PATCH', path: `/proxy/users/7?integrated_account_id=${acme.id}` },
    },
  );
  expect([answer.status, answer.body]).toEqual([200, { id: 7, email: null }]);
});
