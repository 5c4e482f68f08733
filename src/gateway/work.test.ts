import { expect, test, vi } from 'vitest';
import { memoryJobs } from '../jobs/contract/memory-jobs.ts';
import { sleep } from '../lib/sleep.ts';
import { gatewayWork } from './work.ts';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const HOUR_MS = 3_600_000;

test('what is due in the future of a clock that is put back is done now, and again in its time', async () => {
  let time = NOON;
  let runs = 0;
  let applied = 0;
  const store = memoryJobs();
  const work = gatewayWork({
    store,
    handlers: {
      async apply() {
        applied += 1;
        return null;
      },
    },
    chores: {
      watch: {
        all: {
          everyMs: 60_000,
          async run() {
            runs += 1;
          },
        },
      },
    },
    ...{ atOnce: {}, now: () => new Date(time), notify: () => undefined },
    sleep: (_, signal) => sleep(1, signal),
  });
  work.start();
  try {
    await vi.waitFor(() => expect(runs).toBe(1));
    await store.putJob({ kind: 'apply', key: 'pl_1', dueAt: NOON + 30_000 });
    time = NOON - HOUR_MS;
    await vi.waitFor(() => expect([runs, applied]).toEqual([2, 1]));
    time += 60_000;
    await vi.waitFor(() => expect(runs).toBe(3));
  } finally {
    await work.stop(1000);
  }
});
