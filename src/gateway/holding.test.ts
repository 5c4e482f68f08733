import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sleep } from '../lib/sleep.ts';
import type { Pulse, RunProgress, SyncStore } from '../sync/ports.ts';
import { type HoldingDeps, keepPulse } from './holding.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
let answers: (at: number) => Pulse | Error;
let told: { readonly ms: number; readonly leaseMs: number; readonly rows: number | null }[];

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  answers = () => 'held';
  told = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const rows = (count: number): RunProgress => ({
  ...{ runId: 'run_1', stream: 'users', rows: count, expectedRows: null, pages: 1 },
  ...{ requests: 1, expectedRequests: 1, streamDone: false },
});

function pulse(leaseMs: number, progress: () => RunProgress | null = () => null) {
  const pulseRun: SyncStore['pulseRun'] = async ({ leaseUntil, progress: now }) => {
    told.push({ ms: Date.now() - START, leaseMs: Date.parse(leaseUntil) - Date.now(), rows: now?.rows ?? null });
    const answer = answers(Date.now() - START);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const cancel = new AbortController();
  const deps = { store: { pulseRun }, now: () => new Date(), sleep, newId: String, leaseMs } as unknown as HoldingDeps;
  return { cancel, end: keepPulse(deps, { runId: 'run_1', cancel, progress }) };
}

test('a run says every second that it is alive and how far it is, and no more when it has ended', async () => {
  let count = 0;
  const { cancel, end } = pulse(30_000, () => (count === 0 ? null : rows(count)));
  await vi.advanceTimersByTimeAsync(1000);
  count = 40;
  await vi.advanceTimersByTimeAsync(1000);
  await end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([
    { ms: 1000, leaseMs: 30_000, rows: null },
    { ms: 2000, leaseMs: 30_000, rows: 40 },
  ]);
  expect(cancel.signal.aborted).toBe(false);
});

test('a short lease is renewed three times as often as it lapses', async () => {
  const { end } = pulse(900);
  await vi.advanceTimersByTimeAsync(900);
  expect(told.map(({ ms }) => ms)).toEqual([300, 600, 900]);
  await end();
});

test.each([
  ['stop', 'stopped'],
  ['lost', 'taken the job over'],
] as const)('a run that hears %s ends', async (answer, reason) => {
  answers = () => answer;
  const { cancel, end } = pulse(30_000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(String(cancel.signal.reason)).toContain(reason);
  await end();
});

test('while the store is away a run goes on until its lease has lapsed, and not beyond', async () => {
  answers = (ms) => (ms < 5000 ? 'held' : new Error('away'));
  const { cancel, end } = pulse(30_000);
  await vi.advanceTimersByTimeAsync(33_000);
  expect(cancel.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(cancel.signal.aborted).toBe(true);
  await end();
});

test('a store that does not answer at all keeps no run beyond its lease, and no run from ending', async () => {
  let isSilent = false;
  const silent = new Promise<never>(() => undefined);
  const pulseRun = () => (isSilent ? silent : Promise.resolve('held' as const));
  const cancel = new AbortController();
  const store = { pulseRun } as unknown as HoldingDeps['store'];
  const deps = { store, now: () => new Date(), sleep, newId: String, leaseMs: 30_000 };
  const end = keepPulse(deps, { runId: 'run_1', cancel, progress: () => null });
  await vi.advanceTimersByTimeAsync(5000);
  isSilent = true;
  await vi.advanceTimersByTimeAsync(29_000);
  expect(cancel.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect(String(cancel.signal.reason)).toContain('taken the job over');
  await vi.advanceTimersByTimeAsync(5000);
  await end();
});
