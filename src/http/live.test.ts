import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { openDoor } from './contract/door.ts';

/* The door over the whole gateway and the emulator: every answer is held against the OpenAPI document. */
let emulator: Emulator;
let gateway: Gateway;
let folder: string;
let door: Awaited<ReturnType<typeof openDoor>>;
let admin: string;
const answers: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreknow-live-'));
  emulator = await startEmulator({ people: 40, limits: false });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  gateway.startWork({ scheduled: false });
  door = await openDoor({ gateway });
  admin = (await gateway.tokens.create({ name: 'live', scopes: ['admin'] })).secret;
});
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

const call = async (method: string, path: string, json?: unknown) => {
  const answer = await door.call(path, { method, token: admin, json });
  answers.push(answer.text);
  return answer;
};
const account = () => emulator.accounts[0]!;

test('an account is connected, mirrored and served, and what may go wrong has its code', {
  timeout: 120_000,
}, async () => {
  const limits = { per_second: null, per_minute: null };
  const input = { name: 'halden', region: account().region, reporting_url: emulator.url, settings: { limits } };
  const wrong = await call('POST', '/api/v1/connections', { ...input, reporting_token: 'not-a-token' });
  expect(wrong.body).toMatchObject({ status: 401, code: 'connection_unauthorized' });
  const connected = await call('POST', '/api/v1/connections', { ...input, reporting_token: account().reportingToken });
  expect(connected.status).toBe(201);
  expect(connected.body.connection.state).toBe('active');
  const again = await call('POST', '/api/v1/connections', { ...input, reporting_token: account().reportingToken });
  expect(again.body.code).toBe('conflict');

  const estimate = await call('GET', '/api/v1/connections/halden/estimate?level=full');
  expect(estimate.body.requests).toBeGreaterThan(0);
  const started = await call('POST', '/api/v1/connections/halden/sync');
  expect(started.status).toBe(202);
  const run = await endOf(started.body.run_id);
  expect(run.status).toBe('done');
  expect(run.requests).toBeGreaterThan(0);

  const users = await call('GET', '/unified/user-directory/users?limit=500');
  door.conforms.schema('UserList', users.body);
  expect(users.body.result.length).toBeGreaterThanOrEqual(40);
  const { id } = users.body.result[0];
  door.conforms.schema('User', (await call('GET', `/unified/user-directory/users/${id}`)).body);
  door.conforms.schema('GroupList', (await call('GET', '/unified/user-directory/groups')).body);
  door.conforms.schema('OrganizationList', (await call('GET', '/unified/user-directory/organizations')).body);
  const people = await call('GET', '/api/v1/people?sort_by[risk_score]=desc&limit=3');
  const scores = people.body.result.map((one: { risk: { score: number } }) => one.risk.score);
  expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
  expect((await call('GET', `/api/v1/people/${id}`)).body.freshness.users).not.toBeNull();
  expect((await call('GET', `/api/v1/people/${id}/risk-history`)).body.result.length).toBeGreaterThan(0);
  const log = (await call('GET', '/api/v1/changes')).body.result;
  expect(log.slice(0, 2).map(({ kind }: { kind: string }) => kind)).toEqual(['connection.created', 'baseline']);
});

test('a refresh is waited for, a paused connection is not read, and status tells', { timeout: 60_000 }, async () => {
  const waited = await call('POST', '/api/v1/connections/halden/sync?wait=true', { level: 'directory' });
  expect([waited.status, waited.body.level]).toEqual([200, 'directory']);
  expect((await call('POST', '/api/v1/connections/halden/pause')).body.paused_at).not.toBeNull();
  expect((await call('POST', '/api/v1/connections/halden/sync')).body.code).toBe('connection_paused');
  const status = await call('GET', '/api/v1/connections/halden/status');
  expect(status.body.last_run.id).toBe(waited.body.id);
  expect(status.body.budget.used_last_day).toBeGreaterThan(0);
  expect((await call('POST', '/api/v1/connections/halden/resume')).body.paused_at).toBeNull();
  expect((await call('POST', '/api/v1/connections/halden/check')).status).toBe(200);
  expect((await call('GET', '/api/v1/runs?limit=2')).body.result).toHaveLength(2);
});

test('settings are changed, a person is erased, and the connection is removed with all it held', async () => {
  const patched = await call('PATCH', '/api/v1/connections/halden', {
    tags: ['demo'],
    settings: { streams_off: ['policies'], limits: { per_minute: 40, reserve_share: 0.3 } },
  });
  expect(patched.body.settings).toMatchObject({ streams_off: ['policies'], limits: { per_minute: 40 } });
  const [{ id }] = (await call('GET', '/unified/user-directory/users?limit=1')).body.result;
  const erased = await call('DELETE', `/api/v1/connections/halden/people/${id}`);
  expect(erased.body.rows).toBeGreaterThan(0);
  expect((await call('GET', `/api/v1/people/${id}`)).status).toBe(404);
  expect((await call('DELETE', '/api/v1/connections/halden?purge=true')).status).toBe(200);
  expect((await call('GET', '/api/v1/connections')).body.result).toEqual([]);
  expect((await call('GET', '/api/v1/people')).body.result).toEqual([]);
});

test('no answer held a token', () => {
  expect(answers.length).toBeGreaterThan(20);
  for (const text of answers) {
    expect(text).not.toContain(account().reportingToken);
    expect(text).not.toContain(admin);
  }
});

async function endOf(runId: string | null) {
  for (;;) {
    const { body } =
      runId === null ? await call('GET', '/api/v1/runs?limit=1') : await call('GET', `/api/v1/runs/${runId}`);
    const run = runId === null ? body.result[0] : body;
    if (run !== undefined && run.status !== 'running' && run.status !== 'queued') return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
