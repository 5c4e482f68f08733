import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { openDoor } from '../http/contract/door.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/* Calls that somebody waits for, beside syncs that nobody does. */

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
const aborts = new AbortController();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-interactive-'));
  emulator = await startEmulator({ people: 120, limits: false, maxPerPage: 20 });
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const fetchThrough: NonNullable<GatewayOptions['fetch']> = (url, init) =>
  fetch(url.replace(/^https:\/\/\w\w\.api\.knowbe4\.com/, emulator.url), init);

async function connected(limits: object, now?: () => Date): Promise<{ personId: string }> {
  gateway = await openGateway({ folder, fetch: fetchThrough, ...(now === undefined ? {} : { now }) });
  const { reportingToken, region } = emulator;
  await gateway.connections.connect({ name: 'acme', region, reportingToken, settings: { limits } });
  return { personId: String(emulator.truth().users[0]!.id) };
}

test('a call that somebody waits for is answered at once while a sync waits for the next minute', async () => {
  const perMinute = 20;
  const { personId } = await connected({ perSecond: null, perMinute, perDay: null });
  const sync = gateway.sync.run('acme', { level: 'full', signal: aborts.signal });
  // A tenth of the minute is left free by the sync; the two requests that proved the token count.
  await vi.waitFor(() => expect(emulator.requests().total).toBe(perMinute - 2), { timeout: 20_000 });
  const begun = performance.now();
  await gateway.sync.fetchRiskHistory('acme', personId);
  await gateway.sync.fetchRiskHistory('acme', personId);
  expect(performance.now() - begun).toBeLessThan(10_000);
  // The sync, which has waited all the while, was sent nothing before them.
  expect(emulator.requests().total).toBe(perMinute);
  expect((await gateway.sync.status('acme')).lastRun).toMatchObject({ status: 'running' });
  aborts.abort();
  expect((await sync).status).toBe('interrupted');
});

test('when the day is spent a call says when it may come again, which is true, and the mirror goes on with its age', async () => {
  const start = Date.parse('2026-03-02T09:00:30.000Z');
  let ms = start;
  const { personId } = await connected({ perSecond: null, perMinute: null, perDay: 40 }, () => new Date(ms));
  await gateway.sync.run('acme', { level: 'directory', streams: ['account', 'users'] });
  const door = await openDoor({ gateway, now: () => new Date(ms) });
  const { secret: token } = await gateway.tokens.create({ name: 'reader', scopes: ['admin'] });
  const ask = () => door.call(`/api/v1/people/${personId}/risk-history`, { token });
  let answer = await ask();
  for (let calls = 0; answer.status === 200 && calls < 60; calls += 1) answer = await ask();
  expect(answer.body).toMatchObject({ status: 429, code: 'quota_exhausted' });
  expect(emulator.requests().total).toBe(40);

  const seconds = Number(answer.headers.get('retry-after'));
  ms = start + (seconds - 61) * 1000;
  expect((await ask()).status).toBe(429);
  const people = await door.call('/api/v1/people?limit=1', { token });
  expect(people.body.x_freshness.as_of).toBe(new Date(start).toISOString());
  ms = start + seconds * 1000;
  expect((await ask()).status).toBe(200);
  await door.close();
});
