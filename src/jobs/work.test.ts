import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sleep } from '../lib/sleep.ts';
import { jobsContract } from '../store/contract/jobs.contract.ts';
import { memoryJobs } from './contract/memory-jobs.ts';
import type { Handler, Job, Next } from './job.ts';
import type { JobStore } from './ports.ts';
import { createWork, leaseTimes, type Work, type WorkOptions } from './work.ts';

describe('jobs in memory', () => jobsContract(async () => ({ store: memoryJobs() })));

const START = Date.parse('2026-03-02T09:00:00.000Z');
let store: JobStore;
let works: Work[];
let failures: { readonly key: string | null; readonly error: unknown }[];

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  store = memoryJobs();
  works = [];
  failures = [];
});
afterEach(async () => {
  const stopped = Promise.all(works.map((work) => work.stop(0)));
  await vi.runAllTimersAsync();
  await stopped;
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function worker(handler: Handler, more: Partial<WorkOptions> = {}): Work {
  const work = createWork({
    store,
    handlers: { sync: handler },
    holder: `process ${works.length}`,
    leases: leaseTimes(30_000),
    now: Date.now,
    sleep,
    random: () => 0,
    onFailure: (job, error) => failures.push({ key: job?.key ?? null, error }),
    ...more,
  });
  works.push(work);
  work.start();
  return work;
}

/** A handler whose jobs end when the test says so, or when they are told to. */
function slowHandler() {
  const begun: Job[] = [];
  const reasons: unknown[] = [];
  const ends: ((next: Next) => void)[] = [];
  const handler: Handler = (job, signal) =>
    new Promise<Next>((resolve, reject) => {
      begun.push(job);
      ends.push(resolve);
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        reject(signal.reason);
      });
    });
  return { begun, reasons, handler, end: (next: Next, which = 0) => ends[which]!(next) };
}

const put = (key: string, dueAt = START) => store.putJob({ kind: 'sync', key, dueAt });

test('a due job is done within a second, and again when it said', async () => {
  const done: number[] = [];
  await put('con', START + 5000);
  worker(async () => {
    done.push(Date.now() - START);
    return { dueAt: Date.now() + 10_000 };
  });
  await pass(4999);
  expect(done).toEqual([]);
  await pass(20_000);
  expect(done).toEqual([5000, 15_000]);
});

test('a nudge makes it look at once', async () => {
  const { begun, handler } = slowHandler();
  const work = worker(handler);
  await pass(100);
  await put('con', START);
  await pass(0);
  expect(begun).toHaveLength(0);
  work.nudge();
  await pass(0);
  expect(begun).toHaveLength(1);
});

test('no more jobs of a kind are done at once than allowed, and the next begins as soon as one ends', async () => {
  const { begun, handler, end } = slowHandler();
  for (const key of ['a', 'b', 'c', 'd']) await put(key);
  worker(handler, { atOnce: { sync: 2 } });
  await pass(10_000);
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  end(null);
  await pass(0);
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
});

test('a job that takes longer than its lease stays with its process', async () => {
  const one = slowHandler();
  const other = slowHandler();
  await put('con');
  worker(one.handler);
  await pass(0);
  worker(other.handler);
  await pass(300_000);
  expect([one.begun.length, other.begun.length]).toEqual([1, 0]);
  expect(one.reasons).toEqual([]);
});

test('a process that stops renewing loses its job to another, which its handler is told', async () => {
  const one = slowHandler();
  const other = slowHandler();
  await put('con');
  let cut = false;
  const unlessCut = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (cut) throw new Error('gone');
    return ask();
  };
  const shaky: JobStore = {
    ...store,
    renewJob: (...given) => unlessCut(() => store.renewJob(...given)),
    dueKinds: (now) => unlessCut(() => store.dueKinds(now)),
  };
  worker(one.handler, { store: shaky });
  await pass(0);
  worker(other.handler);
  cut = true;
  await pass(29_000);
  expect([one.reasons.length, other.begun.length]).toEqual([0, 0]);
  await pass(12_000);
  expect(other.begun).toHaveLength(1);
  expect(one.reasons).toMatchObject([{ why: 'lease lost' }]);
});

test('while the store does not answer at all a job goes on until its lease ends, but not beyond, and a stop waits no longer', async () => {
  await put('con');
  const { begun, reasons, handler } = slowHandler();
  let isSilent = false;
  const silent = new Promise<never>(() => undefined);
  const through = <A extends unknown[], R>(call: (...given: A) => Promise<R>) => {
    return (...given: A): Promise<R> => (isSilent ? silent : call(...given));
  };
  const { renewJob, claimJobs, finishJob } = store;
  const quiet = { ...store, renewJob: through(renewJob), claimJobs: through(claimJobs), finishJob: through(finishJob) };
  const work = worker(handler, { store: quiet });
  await pass(15_000);
  expect(begun).toHaveLength(1);
  isSilent = true;
  await pass(24_000);
  expect(reasons).toEqual([]);
  await pass(2000);
  expect(reasons).toMatchObject([{ why: 'lease lost' }]);
  let isStopped = false;
  void work.stop(5000).then(() => {
    isStopped = true;
  });
  await pass(5000);
  expect(isStopped).toBe(true);
});

test('a process does not begin a job again while its own earlier try has not ended', async () => {
  const under: number[] = [];
  let busy = 0;
  await put('con');
  const deaf: JobStore = { ...store, renewJob: async () => false };
  worker(
    async () => {
      busy += 1;
      under.push(busy);
      await sleep(100_000);
      busy -= 1;
      return null;
    },
    { store: deaf, atOnce: { sync: 3 } },
  );
  await pass(250_000);
  expect(under).toEqual([1, 1, 1]);
});

test('a job that was taken out ends', async () => {
  const { handler, reasons } = slowHandler();
  await put('con');
  worker(handler);
  await pass(0);
  await store.dropJob('sync', 'con');
  await pass(10_000);
  expect(reasons).toMatchObject([{ why: 'lease lost' }]);
  expect(await store.listJobs('sync')).toEqual([]);
});

test('a job that throws is tried again, later and later, and one that then works begins anew', async () => {
  const times: number[] = [];
  let fails = 4;
  await put('con');
  worker(async () => {
    times.push(Date.now() - START);
    fails -= 1;
    if (fails > 0) throw new Error(`broken ${fails}`);
    return { dueAt: Date.now() + 1000 };
  });
  await pass(40_000);
  const [first, second, third, fourth, fifth] = times;
  expect([first, second! - first!, third! - second!, fourth! - third!, fifth! - fourth!]).toEqual([
    0, 3000, 5000, 10_000, 1000,
  ]);
  expect(failures.map(({ key }) => key)).toEqual(['con', 'con', 'con']);
});

test('a process that stops tells its jobs, gives them back at once, and takes no more', async () => {
  const one = slowHandler();
  const other = slowHandler();
  await put('a');
  const work = worker(one.handler);
  await pass(0);
  await put('b');
  await work.stop(8000);
  expect(one.reasons).toMatchObject([{ why: 'stopping' }]);
  const counts = await store.countJobs(Date.now());
  expect(counts.find(({ kind }) => kind === 'sync')).toMatchObject({ waiting: 2, leased: 0 });
  worker(other.handler, { atOnce: { sync: 2 } });
  await pass(0);
  expect(other.begun.map(({ key, attempts }) => [key, attempts])).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
});

test('a job that ended just before the stop is not done again', async () => {
  await put('a');
  const work = worker(async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return null;
  });
  await pass(0);
  await work.stop(8000);
  expect(await store.listJobs('sync')).toEqual([]);
});

test('a stop does not wait longer than it may for a job that does not end; its lease goes on meanwhile', async () => {
  await put('a');
  const work = worker(() => new Promise<Next>(() => undefined));
  await pass(0);
  const stopped = work.stop(8000).then(() => Date.now() - START);
  await pass(8000);
  expect(await stopped).toBe(8000);
  expect(await store.claimJobs({ kinds: ['sync'], holder: 'b', now: START + 29_000, leaseMs: 1, limit: 1 })).toEqual(
    [],
  );
});

test('a store that is away is said once, and work goes on when it is back', async () => {
  const { begun, handler } = slowHandler();
  let away = true;
  const lost: JobStore = {
    ...store,
    dueKinds: (now) => (away ? Promise.reject(new Error('away')) : store.dueKinds(now)),
  };
  await put('con');
  worker(handler, { store: lost });
  await pass(30_000);
  expect(failures).toMatchObject([{ key: null }]);
  away = false;
  await pass(1000);
  expect(begun).toHaveLength(1);
});
