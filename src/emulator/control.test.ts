import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from './index.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ people: 60, limits: false, accounts: [{ name: 'Second Ltd', people: 10 }] });
});
afterAll(() => emulator.close());

const control = async (method: string, path: string, body?: unknown) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${emulator.controlUrl}${path}`, init);
  return { status: response.status, body: await response.json() };
};
const call = () =>
  fetch(`${emulator.url}/v1/account`, { headers: { authorization: `Bearer ${emulator.reportingToken}` } });

test('it says what it serves', async () => {
  const { body } = await control('GET', '');
  expect(body).toMatchObject({
    url: emulator.url,
    region: 'us',
    accounts: [{ id: 'halden-foods' }, { id: 'second-ltd', people: 10 }],
  });
});

test('it counts calls, not its own', async () => {
  await control('DELETE', '/requests');
  await call();
  const { body } = await control('GET', '/requests');
  expect(body).toMatchObject({ total: 1, byEndpoint: { account: 1 }, recent: [{ path: '/v1/account', status: 200 }] });
  expect(JSON.stringify(body)).not.toContain(emulator.reportingToken);
});

test('it sets faults and takes them back', async () => {
  expect((await control('POST', '/faults', { kind: 'maintenance', count: 'always' })).body).toEqual({ id: 'fault-1' });
  expect((await call()).status).toBe(503);
  await control('DELETE', '/faults');
  expect((await call()).status).toBe(200);
});

test('it moves the clock on and makes changes', async () => {
  const before = emulator.now();
  await control('POST', '/advance', { ms: 86_400_000 });
  expect(emulator.now() - before).toBeGreaterThanOrEqual(86_400_000);
  const { id } = emulator.truth().users[3]!;
  expect((await control('POST', '/mutate', { kind: 'archive-user', user: id })).body).toEqual({ id });
  expect(emulator.truth().users[3]!.status).toBe('archived');
});

test('it tells the truth line by line, the same as in the process', async () => {
  const response = await fetch(`${emulator.controlUrl}/truth?account=second-ltd`);
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const truth = emulator.truth('Second Ltd');
  const of = (stream: string) => lines.filter((line) => line.stream === stream).map((line) => line.record);
  expect(of('users')).toEqual(truth.users);
  expect(of('account')).toEqual([truth.account]);
  expect(of('enrollments')).toEqual(truth.enrollments);
  expect(of('recipients')).toEqual(truth.recipients);
  expect(of('changes')).toEqual(truth.changes);
});

test('it refuses what it does not know, in words', async () => {
  expect((await control('GET', '/nothing')).status).toBe(404);
  expect((await control('POST', '/mutate', { kind: 'explode' })).status).toBe(400);
  expect((await control('POST', '/mutate', { kind: 'archive-user', user: 1 })).status).toBe(404);
  const { id } = emulator.truth().users[0]!;
  for (const fields of [{ id: 9 }, { groups: [] }, { shoe_size: 44 }]) {
    expect((await control('POST', '/mutate', { kind: 'change-user', user: id, fields })).status).toBe(400);
    expect((await control('POST', '/mutate', { kind: 'add-user', fields })).status).toBe(400);
  }
  expect((await control('POST', '/advance', { ms: -1 })).status).toBe(400);
  expect((await control('POST', '/faults', { kind: 'earthquake' })).status).toBe(400);
  expect((await control('GET', '/truth?account=nobody')).status).toBe(404);
});
