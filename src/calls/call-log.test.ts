import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Call } from './call.ts';
import { createCallLog } from './call-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const aCall: Omit<Call, 'id'> = {
  ...{ at: 0, type: 'unified', tokenId: 'tok_a', requestId: 'r-1', connectionId: 'con_a' },
  ...{ resource: 'user-directory/users', method: 'list', verb: 'GET', status: 200, error: null, durationMs: 1.5 },
  ...{ upstreamMs: null, resultCount: 20, needsReauth: false, tool: null, clientName: null, clientVersion: null },
};

function openLog() {
  const written: string[][] = [];
  const saveCalls = vi.fn(async (calls: readonly Call[]) => void written.push(calls.map(({ id }) => id)));
  const dropCalls = vi.fn(async () => 0);
  const onFailure = vi.fn();
  let ids = 0;
  const log = createCallLog(
    {
      store: { saveCalls, dropCalls, calls: async () => [], dropAnswers: async () => 0 },
      ...{ now: () => 100 * 86_400_000, newId: () => `call_${++ids}`, onFailure },
    },
    { keepDays: 30, keepCalls: 1000 },
  );
  return { log, written, saveCalls, dropCalls, onFailure };
}

test('calls are written together in a moment, and what waits when the process stops', async () => {
  const { log, written } = openLog();
  log.note(aCall);
  log.note(aCall);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toEqual([['call_1', 'call_2']]);
  log.note(aCall);
  await log.flush();
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toEqual([['call_1', 'call_2'], ['call_3']]);
});

test('a store that cannot be written to is told of once, and holds up nobody', async () => {
  const { log, written, saveCalls, onFailure } = openLog();
  saveCalls.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
  for (let round = 0; round < 3; round += 1) {
    log.note(aCall);
    await log.flush();
  }
  expect(onFailure).toHaveBeenCalledTimes(1);
  expect(written).toEqual([['call_3']]);
});

test('where writing is far behind, later calls are left out: memory is bounded', async () => {
  const { log, written } = openLog();
  for (let count = 0; count < 20_500; count += 1) log.note(aCall);
  await log.flush();
  expect(written.map((calls) => calls.length)).toEqual([20_000]);
});

test('what is too old or too many is dropped until nothing is left of it', async () => {
  const { log, dropCalls } = openLog();
  dropCalls.mockResolvedValueOnce(5000).mockResolvedValueOnce(12);
  await log.drop(new AbortController().signal);
  expect(dropCalls.mock.calls).toEqual(Array(2).fill([{ before: 70 * 86_400_000, keep: 1000, limit: 5000 }]));
});
