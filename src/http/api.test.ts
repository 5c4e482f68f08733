import { afterAll, beforeAll, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, aHold, aRun, fakeGateway } from './contract/fake-gateway.ts';

const acme = aConnection();
const beta = aConnection({ id: 'con_0000000000000002', name: 'beta' });
const { gateway, addToken } = fakeGateway({
  connections: [acme, beta],
  runs: [aRun(), aRun({ id: 'run_2', connectionId: beta.id })],
  holds: [aHold(), aHold({ id: 'hold_2', connectionId: beta.id })],
});
const admin = addToken({ scopes: ['admin'] });
const bound = addToken({ scopes: ['admin'], connections: [acme.id], name: 'acme only' });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway, limits: { waitMs: 50 } });
});
afterAll(() => door.close());

test('connecting answers 201 with the place of the new connection', async () => {
  const json = { name: 'gamma', region: 'us', reporting_token: 'not-shown-again' };
  const answer = await door.call('/api/v1/connections', { method: 'POST', token: admin, json });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe('/api/v1/connections/con_gamma');
  expect(answer.text).not.toContain('not-shown-again');
  const list = await door.call('/api/v1/connections', { token: admin });
  expect(list.body.result.map(({ name }: { name: string }) => name)).toContain('gamma');
  const gone = await door.call('/api/v1/connections/gamma?purge', { method: 'DELETE', token: admin });
  expect(gone.body).toEqual({ id: 'con_gamma' });
  expect((await door.call('/api/v1/connections/gamma', { token: admin })).status).toBe(404);
});

test('a bound token sees its own connections and cannot tell what else exists', async () => {
  const list = await door.call('/api/v1/connections', { token: bound });
  expect(list.body.result.map(({ id }: { id: string }) => id)).toEqual([acme.id]);
  const other = await door.call(`/api/v1/connections/${beta.id}`, { token: bound });
  const none = await door.call('/api/v1/connections/con_none', { token: bound });
  expect([other.status, none.status]).toEqual([403, 403]);
  expect(other.body.code).toBe(none.body.code);
  const json = { name: 'x', region: 'us', reporting_token: 't' };
  expect((await door.call('/api/v1/connections', { method: 'POST', token: bound, json })).status).toBe(403);
});

test('a bound token cannot choose whose request budget its connection shares', async () => {
  const change = (token: string, account_key: string) =>
    door.call(`/api/v1/connections/${acme.id}`, { method: 'PATCH', token, json: { settings: { account_key } } });
  expect((await change(bound, 'another account')).body).toMatchObject({
    code: 'connection_not_allowed',
    field: 'settings.account_key',
  });
  expect((await change(admin, 'shared')).status).toBe(200);
  expect((await change(bound, 'shared')).status).toBe(200);
});

test('a run of another connection and one that is not there get one and the same answer', async () => {
  const answers = await Promise.all(
    ['run_2', 'run_none'].map((id) => door.call(`/api/v1/runs/${id}`, { token: bound })),
  );
  const [other, none] = answers.map(({ body }) => ({ ...body, request_id: '' }));
  expect(other).toEqual(none);
  expect(other).toMatchObject({ status: 404, detail: 'No run has this id.' });
});

test('a number is one plain number, from one end of its range to the other', async () => {
  const runs = (query: string) => door.call(`/api/v1/runs?connection_id=acme&${query}`, { token: admin });
  expect((await runs('limit=200')).status).toBe(200);
  for (const odd of [
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1e2',
    'limit=0x10',
    'limit=',
    'limit[]=5',
    'limit=5&limit=6',
  ]) {
    const answer = await runs(odd);
    expect([odd, answer.status, answer.body.field]).toEqual([odd, 400, 'limit']);
  }
});

test('the verbs of a connection answer as documented', async () => {
  const post = (verb: string, json?: unknown) =>
    door.call(`/api/v1/connections/acme/${verb}`, { method: 'POST', token: bound, json });
  expect((await post('pause')).body.paused_at).not.toBeNull();
  expect((await post('resume')).body.paused_at).toBeNull();
  expect((await post('check')).status).toBe(200);
  expect((await post('token', { reporting_token: 'other' })).status).toBe(200);
  expect((await door.call('/api/v1/connections/acme/status', { token: bound })).body.budget.limits.per_minute).toBe(48);
  expect((await door.call('/api/v1/connections/acme/estimate?level=full', { token: bound })).body.requests).toBe(4);
  const erased = await door.call('/api/v1/connections/acme/people/77', { method: 'DELETE', token: bound });
  expect(erased.body).toEqual({ rows: 3, changes: 2 });
});

test('a parameter that names the connection may be left out only where there is one', async () => {
  for (const query of ['', '?connection_id=']) {
    expect((await door.call(`/api/v1/runs${query}`, { token: bound })).body.result).toHaveLength(1);
  }
  const unclear = await door.call('/api/v1/runs', { token: admin });
  expect(unclear.status).toBe(400);
  expect(unclear.body).toMatchObject({ field: 'connection_id', issues: [{ reason: 'required' }] });
  expect((await door.call('/api/v1/runs?connection_id=beta', { token: admin })).body.result[0].id).toBe('run_2');
});

test('runs and holds of other connections are not there for a bound token', async () => {
  expect((await door.call('/api/v1/runs/run_1', { token: bound })).status).toBe(200);
  expect((await door.call('/api/v1/runs/run_2', { token: bound })).status).toBe(404);
  expect((await door.call('/api/v1/holds', { token: bound })).body.result).toHaveLength(1);
  expect((await door.call('/api/v1/holds', { token: admin })).body.result).toHaveLength(2);
  const confirm = (id: string) => door.call(`/api/v1/holds/${id}/confirm`, { method: 'POST', token: bound });
  expect((await confirm('hold_1')).body).toMatchObject({ state: 'confirmed', decided_by: 'token acme only' });
  expect((await confirm('hold_2')).status).toBe(404);
});

/** The gateway with another way to sync, whoever asks. */
const withSync = (sync: Partial<typeof gateway.sync>): typeof gateway => ({
  ...gateway,
  sync: { ...gateway.sync, ...sync },
  as: (actor) => {
    const acts = gateway.as(actor);
    return { ...acts, sync: { ...acts.sync, ...sync } };
  },
});

test('a sync is queued and answered 202 with its id, and 200 when it was waited for', async () => {
  const run = aRun({ id: 'run_9', status: 'queued', endedAt: null });
  const looks = [run, { ...run, status: 'running' as const }, aRun({ id: 'run_9' })];
  const queue = await openDoor({
    gateway: withSync({ start: async () => run, getRun: async () => looks.shift()! }),
  });
  const sync = (query: string, json?: unknown) =>
    queue.call(`/api/v1/connections/acme/sync${query}`, { method: 'POST', token: admin, json });
  const started = await sync('', { level: 'directory' });
  expect([started.status, started.body]).toEqual([202, { run_id: 'run_9', status: 'queued' }]);
  const waited = await sync('?wait=true');
  expect([waited.status, waited.body.id, waited.body.status]).toEqual([200, 'run_9', 'done']);
  expect((await sync('?wait=perhaps')).status).toBe(400);
  expect((await sync('', { level: 'everything' })).body.field).toBe('level');
  await queue.close();
});

test('a long sync is not waited for beyond the limit, and one that cannot begin is refused', async () => {
  const run = aRun({ id: 'run_9', status: 'queued', endedAt: null });
  const start: typeof gateway.sync.start = async (connectionId) => {
    if (connectionId === acme.id) return run;
    throw new ForeknowError('connection_paused', { detail: 'Connection beta is paused.' });
  };
  const getRun = async () => ({ ...run, status: 'running' as const });
  const slow = await openDoor({
    gateway: withSync({ start, getRun }),
    limits: { waitMs: 20 },
  });
  const post = (path: string) => slow.call(`/api/v1/connections/${path}`, { method: 'POST', token: admin });
  const waited = await post('acme/sync?wait=1');
  expect([waited.status, waited.body]).toEqual([202, { run_id: 'run_9', status: 'running' }]);
  expect((await post('beta/sync')).body.code).toBe('connection_paused');
  await slow.close();
});

test('a token is created with a secret, works, and is revoked at once', async () => {
  const json = { name: 'reader', scopes: ['connections'], connections: ['acme'] };
  const created = await door.call('/api/v1/tokens', { method: 'POST', token: admin, json });
  expect(created.status).toBe(201);
  expect(created.body.token.connections).toEqual([acme.id]);
  const read = () => door.call('/api/v1/connections', { token: created.body.secret });
  expect((await read()).body.result).toHaveLength(1);
  const revoked = await door.call(`/api/v1/tokens/${created.body.token.id}`, { method: 'DELETE', token: admin });
  expect(revoked.status).toBe(200);
  expect((await read()).status).toBe(401);
});

test('the vault is sealed anew by a token for all connections alone', async () => {
  const rotate = (token: string) => door.call('/api/v1/vault/rotate', { method: 'POST', token });
  expect((await rotate(admin)).body).toMatchObject({ keys: 2 });
  expect((await rotate(bound)).body).toMatchObject({ status: 403, code: 'connection_not_allowed' });
});

test('a bound token makes, sees and revokes no token that reaches further', async () => {
  const create = (json: object) => door.call('/api/v1/tokens', { method: 'POST', token: bound, json });
  expect((await create({ name: 'a', scopes: ['admin'] })).body.token.connections).toEqual([acme.id]);
  expect((await create({ name: 'b', scopes: ['admin'], connections: ['beta'] })).status).toBe(403);
  const seen = (await door.call('/api/v1/tokens', { token: bound })).body.result;
  expect(seen.every((token: { connections: string[] }) => String(token.connections) === acme.id)).toBe(true);
  const all = (await door.call('/api/v1/tokens', { token: admin })).body.result;
  const unbound = all.find((token: { connections: null }) => token.connections === null);
  expect((await door.call(`/api/v1/tokens/${unbound.id}`, { method: 'DELETE', token: bound })).status).toBe(404);
});

test('changes are limited to the kinds that the scopes of the token reach', async () => {
  const asked: unknown[] = [];
  const logging = await openDoor({
    gateway: {
      ...gateway,
      sync: {
        ...gateway.sync,
        changes: async (query) => {
          asked.push(query);
          return [
            {
              seq: 7,
              connectionId: acme.id,
              runId: 'run_1',
              kind: 'user.updated',
              stream: 'users',
              key: '1',
              at: '2026-11-20T09:00:00.000Z',
              current: { jobTitle: 'b' },
              previous: { jobTitle: 'a' },
            },
          ];
        },
      },
    },
  });
  const reader = addToken({ scopes: ['directory'], connections: [acme.id] });
  const list = (query: string, token: string) => logging.call(`/api/v1/changes${query}`, { token });
  const page = await list('?after=3&limit=1', reader);
  expect(page.body).toMatchObject({ next_after: 7, has_more: true, result: [{ previous: { job_title: 'a' } }] });
  await list('?kinds=user.created,user.deleted', reader);
  await list('', admin);
  expect(asked).toMatchObject([
    { connectionIds: [acme.id], after: 3, limit: 1 },
    { kinds: ['user.created', 'user.deleted'], after: 0 },
    { connectionIds: null, kinds: undefined },
  ]);
  expect((asked[0] as { kinds: string[] }).kinds).not.toContain('enrollment.updated');
  const refused = await list('?kinds[]=enrollment.updated', reader);
  expect(refused.status).toBe(403);
  expect(refused.body.detail).toContain('training');
  expect((await list('?kinds=user.exploded', reader)).status).toBe(400);
  await logging.close();
});
