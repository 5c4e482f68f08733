import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Job, JobKind } from '../../jobs/job.ts';
import type { JobStore } from '../../jobs/ports.ts';

const LEASE_MS = 30_000;
const T = Date.parse('2026-03-02T09:00:00.000Z');

/** What those who share work rely on. */
export function jobsContract(open: () => Promise<{ readonly store: JobStore }>): void {
  let store: JobStore;
  beforeEach(async () => {
    ({ store } = await open());
  });

  const claim = (now: number, fields: Partial<Parameters<JobStore['claimJobs']>[0]> = {}) =>
    store.claimJobs({ kinds: ['sync'], holder: 'a', now, leaseMs: LEASE_MS, limit: 10, ...fields });
  const put = (key: string, dueAt: number, more: { kind?: JobKind; payload?: Job['payload'] } = {}) =>
    store.putJob({ kind: 'sync', key, dueAt, ...more });

  describe('jobs', () => {
    test('a job is claimed when it is due and not before, the longest due first', async () => {
      await put('late', T + 2);
      await put('early', T + 1);
      await put('future', T + 50);
      await put('other', T, { kind: 'deliver' });
      expect(await claim(T)).toEqual([]);
      const [first] = await claim(T + 10, { limit: 1 });
      expect(first).toMatchObject({ kind: 'sync', key: 'early', dueAt: T + 1, payload: {}, attempts: 0 });
      expect(first!.leaseUntil).toBe(T + 10 + LEASE_MS);
      expect((await claim(T + 10)).map(({ key }) => key)).toEqual(['late']);
      expect(await claim(T + 10)).toEqual([]);
    });

    test('a lease that is renewed is kept; one that is not is taken over, and its holder is refused', async () => {
      await put('con', T);
      const [mine] = await claim(T);
      expect(await store.renewJob(mine!, T + 60_000)).toBe(true);
      expect(await claim(T + 59_999, { holder: 'b' })).toEqual([]);
      const [theirs] = await claim(T + 60_000, { holder: 'b' });
      expect(theirs).toMatchObject({ key: 'con', attempts: 1 });
      expect(await store.renewJob(mine!, T + 90_000)).toBe(false);
      expect(await store.finishJob(mine!, null)).toBe(false);
      expect(await store.finishJob(theirs!, { dueAt: T + 100_000 })).toBe(true);
      expect(await store.finishJob(theirs!, { dueAt: T })).toBe(false);
      expect(await store.listJobs('sync')).toEqual([{ key: 'con', dueAt: T + 100_000 }]);
    });

    test('a time between two milliseconds is the later one', async () => {
      await put('con', T + 0.5);
      const [job] = await claim(T + 1);
      expect(job).toMatchObject({ dueAt: T + 1 });
      await store.finishJob(job!, { dueAt: T + 8.25 });
      expect(await store.listJobs('sync')).toEqual([{ key: 'con', dueAt: T + 9 }]);
    });

    test('a finished job is due again when it says so, or gone', async () => {
      await put('con', T, { payload: { level: 'full' } });
      const [job] = await claim(T);
      await store.finishJob(job!, { dueAt: T + 5, attempts: 3 });
      const [again] = await claim(T + 5);
      expect(again).toMatchObject({ attempts: 3, payload: { level: 'full' } });
      await store.finishJob(again!, {
        dueAt: T + 9,
        payload: { streams: ['users', 'groups'], n: 1, b: true, z: null },
      });
      const [last] = await claim(T + 9);
      expect(last).toMatchObject({ attempts: 0, payload: { streams: ['users', 'groups'], n: 1, b: true, z: null } });
      await store.finishJob(last!, null);
      expect(await store.listJobs('sync')).toEqual([]);
    });

    test('a job that waits becomes due at the earlier time, with the newest payload that was given', async () => {
      await put('con', T + 10, { payload: { n: 1 } });
      await put('con', T + 20, { payload: { n: 2 } });
      expect(await store.listJobs('sync')).toEqual([{ key: 'con', dueAt: T + 10 }]);
      await put('con', T + 5);
      expect(await claim(T + 5)).toMatchObject([{ payload: { n: 2 }, dueAt: T + 5 }]);
    });

    test('a job that is put while it is done is done again, with the payload of the put', async () => {
      await put('con', T, { payload: { n: 1 } });
      const [job] = await claim(T);
      await put('con', T + 20, { payload: { n: 2 } });
      await put('con', T + 30);
      expect(await claim(T + 25)).toEqual([]);
      expect(await store.finishJob(job!, null)).toBe(true);
      expect(await claim(T + 19)).toEqual([]);
      const [again] = await claim(T + 20);
      expect(again).toMatchObject({ payload: { n: 2 } });
      await store.finishJob(again!, null);
      expect(await store.listJobs('sync')).toEqual([]);
    });

    test('what was put while a job was done outlives a holder that died', async () => {
      await put('con', T, { payload: { n: 1 } });
      await claim(T);
      await put('con', T + 1, { payload: { n: 2 } });
      const [first] = await claim(T + LEASE_MS, { holder: 'b' });
      expect(first).toMatchObject({ payload: { n: 1 } });
      await store.finishJob(first!, { dueAt: T + 1_000_000, payload: { n: 3 } });
      expect(await claim(T + LEASE_MS, { holder: 'b' })).toMatchObject([{ payload: { n: 2 }, dueAt: T + 1 }]);
    });

    test('a job that is taken out is gone for its holder too', async () => {
      await put('con', T);
      const [job] = await claim(T);
      await store.dropJob('sync', 'con');
      expect(await store.renewJob(job!, T + 99_999)).toBe(false);
      await put('con', T);
      expect(await store.finishJob(job!, null)).toBe(false);
      expect(await claim(T)).toMatchObject([{ key: 'con', attempts: 0 }]);
    });

    test('a kind is named while a job of it can be leased', async () => {
      await store.putJob({ kind: 'sync', key: 'a', dueAt: T });
      await store.putJob({ kind: 'sync', key: 'b', dueAt: T });
      await store.putJob({ kind: 'run', key: 'a', dueAt: T + 500 });
      expect(await store.dueKinds(T - 1)).toEqual([]);
      expect(await store.dueKinds(T)).toEqual(['sync']);
      expect((await store.dueKinds(T + 500)).toSorted()).toEqual(['run', 'sync']);
      const claim = { kinds: ['sync'], holder: 'one', now: T, leaseMs: 1000 } as const;
      await store.claimJobs({ ...claim, limit: 1 });
      expect(await store.dueKinds(T)).toEqual(['sync']);
      await store.claimJobs({ ...claim, limit: 1 });
      expect(await store.dueKinds(T)).toEqual([]);
      expect((await store.dueKinds(T + 1000)).toSorted()).toEqual(['run', 'sync']);
    });

    test('the queue is counted by kind', async () => {
      await put('a', T);
      await put('b', T + 5);
      await put('c', T + 500);
      await put('x', T, { kind: 'deliver' });
      await claim(T, { kinds: ['deliver'] });
      const counts = await store.countJobs(T + 10);
      expect(counts.find(({ kind }) => kind === 'sync')).toEqual({ kind: 'sync', waiting: 2, leased: 0, oldestMs: 10 });
      expect(counts.find(({ kind }) => kind === 'deliver')).toEqual({
        ...{ kind: 'deliver', waiting: 0, leased: 1, oldestMs: 0 },
      });
      expect(counts.find(({ kind }) => kind === 'watch')).toEqual({
        kind: 'watch',
        waiting: 0,
        leased: 0,
        oldestMs: 0,
      });
    });

    test('however many claim at once, no job has two holders', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              keys: fc.nat(8),
              claimers: fc.integer({ min: 1, max: 6 }),
              limit: fc.integer({ min: 1, max: 4 }),
            }),
            {
              minLength: 1,
              maxLength: 6,
            },
          ),
          async (steps) => {
            round += 1;
            const held = new Map<string, Job>();
            let now = T;
            for (const { keys, claimers, limit } of steps) {
              for (let key = 0; key < keys; key += 1) await put(`${round} ${key}`, now);
              now += 1;
              const claimed = await Promise.all(
                Array.from({ length: claimers }, (_, one) => claim(now, { holder: `holder ${one}`, limit })),
              );
              for (const job of claimed.flat().filter(({ key }) => key.startsWith(`${round} `))) {
                expect(held.get(job.key)).toBeUndefined();
                held.set(job.key, job);
              }
              for (const job of [...held.values()].slice(0, 2)) {
                expect(await store.finishJob(job, null)).toBe(true);
                held.delete(job.key);
              }
            }
            for (const { key } of await store.listJobs('sync')) await store.dropJob('sync', key);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}
