import { beforeEach, describe, expect, test } from 'vitest';
import type { RunProgress, RunQuery } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import { aConnection, aRun, at, con } from './builders.ts';
import type { OpenStore } from './contract.ts';

const progress: RunProgress = {
  ...{ runId: 'run_1', stream: 'users', rows: 40, expectedRows: 60, pages: 2 },
  ...{ requests: 2, expectedRequests: 9, streamDone: false },
};
const aQueuedRun = (id: string, startedAt = at(0)) => aRun({ id, status: 'queued', startedAt });

/** What processes ask of each other's syncs. */
export function runLocksContract(open: OpenStore): void {
  let store: Store;
  let reopen: () => Promise<Store>;
  beforeEach(async () => {
    ({ store, reopen } = await open());
    await store.createConnection(aConnection(), []);
  });
  const pulse = (runId: string, until: string, told: RunProgress | null = null) =>
    store.pulseRun({ runId, leaseUntil: until, progress: told });
  const hold = (holdId: string, now: string, leaseUntil: string) =>
    store.holdConnection({ connectionId: con, holdId, at: now, leaseUntil });
  const claimRun = async () =>
    (await store.claimJobs({ kinds: ['run'], holder: 'a', now: 2e15, leaseMs: 1000, limit: 9 }))[0];

  describe('a run under way', () => {
    test('keeps its connection as long as it says that it is alive, and tells how far it is', async () => {
      await store.startRun(aRun(), at(30));
      expect(await store.runProgress(con, at(1))).toBeNull();
      expect(await pulse('run_1', at(60), progress)).toBe('held');
      expect(await pulse('run_1', at(90))).toBe('held');
      expect(await store.runProgress(con, at(2))).toEqual(progress);
      await expect(store.startRun(aRun({ id: 'run_2', startedAt: at(89) }), at(99))).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await store.runProgress(con, at(90))).toBeNull();
      await store.startRun(aRun({ id: 'run_2', startedAt: at(90) }), at(120));
      expect(await pulse('run_1', at(200))).toBe('lost');
      expect(await store.runProgress(con, at(91))).toBeNull();
    });

    test('hears that it shall end, and the next one does not', async () => {
      expect(await store.askStop(con, at(0))).toBe(false);
      await store.startRun(aRun(), at(30));
      expect(await store.askStop(con, at(1))).toBe(true);
      expect(await pulse('run_1', at(60))).toBe('stop');
      await store.saveRun(aRun({ status: 'interrupted', endedAt: at(2) }));
      expect(await store.askStop(con, at(3))).toBe(false);
      expect(await pulse('run_1', at(60))).toBe('lost');
      await store.startRun(aRun({ id: 'run_2' }), at(30));
      expect(await pulse('run_2', at(60))).toBe('held');
      expect(await store.askStop(con, at(61))).toBe(false);
      await store.startRun(aRun({ id: 'run_3', startedAt: at(62) }), at(90));
      expect(await pulse('run_3', at(99))).toBe('held');
    });
  });

  describe('runs of all connections', () => {
    test('are read newest first, by connection, time and what began them, page by page', async () => {
      for (const [id, connectionId, seconds, trigger] of [
        ['run_1', con, 0, 'manual'],
        ['run_2', 'con_b', 1, 'schedule'],
        ['run_3', con, 1, 'schedule'],
        ['run_4', con, 2, 'manual'],
      ] as const) {
        const run = aRun({ id, connectionId, trigger, startedAt: at(seconds) });
        await store.startRun(run, at(seconds + 10));
        await store.saveRun({ ...run, status: 'done', endedAt: at(seconds) });
      }
      const found = async (query: Partial<RunQuery> = {}) => {
        const all = { connectionIds: null, from: at(0), before: { at: at(9), id: null }, limit: 10 };
        return (await store.recentRuns({ ...all, ...query })).map(({ id }) => id);
      };
      expect(await found()).toEqual(['run_4', 'run_3', 'run_2', 'run_1']);
      expect(await found({ limit: 2 })).toEqual(['run_4', 'run_3']);
      expect(await found({ before: { at: at(1), id: 'run_3' } })).toEqual(['run_2', 'run_1']);
      expect(await found({ before: { at: at(1), id: null } })).toEqual(['run_1']);
      expect(await found({ from: at(2) })).toEqual(['run_4']);
      expect(await found({ connectionIds: ['con_b'] })).toEqual(['run_2']);
      expect(await found({ connectionIds: [] })).toEqual([]);
      expect(await found({ trigger: 'schedule', connectionIds: [con] })).toEqual(['run_3']);
      expect(await found({ level: 'directory' })).toEqual([]);
      await store.startRun(aRun({ id: 'run_5', level: 'directory', startedAt: at(3) }), at(20));
      expect(await found({ level: 'directory' })).toEqual(['run_5']);
      expect(await found({ statuses: ['running', 'queued'] })).toEqual(['run_5']);
      expect(await found({ statuses: ['done'], limit: 1 })).toEqual(['run_4']);
    });
  });

  describe('a connection that is changed', () => {
    test('is taken from nobody, and no run begins until it is given back', async () => {
      await store.startRun(aRun(), at(30));
      expect(await hold('chg_1', at(1), at(60))).toBe(false);
      await store.saveRun(aRun({ status: 'done', endedAt: at(2) }));
      expect(await hold('chg_1', at(3), at(60))).toBe(true);
      expect(await hold('chg_2', at(4), at(60))).toBe(false);
      await expect(store.startRun(aRun({ id: 'run_2', startedAt: at(5) }))).rejects.toMatchObject({ code: 'conflict' });
      await store.releaseConnection('chg_1');
      await store.startRun(aRun({ id: 'run_2', startedAt: at(6) }));
    });

    test('is free again when the process that changed it has died, and so is one whose run has', async () => {
      await hold('chg_1', at(0), at(30));
      expect(await hold('chg_2', at(30), at(60))).toBe(true);
      await store.startRun(aRun({ startedAt: at(60) }), at(90));
      expect(await hold('chg_3', at(90), at(120))).toBe(true);
    });
  });

  describe('a run that was asked for', () => {
    test('waits with its job, and no second one is asked for meanwhile', async () => {
      await store.queueRun(aQueuedRun('run_1'), ['users'], 5);
      expect(await store.getRun('run_1')).toEqual(aQueuedRun('run_1'));
      await expect(store.queueRun(aQueuedRun('run_2'), null, 5)).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.getRun('run_2')).toBeNull();
      expect(await claimRun()).toMatchObject({ key: con, payload: { runId: 'run_1', streams: ['users'] } });
    });

    test('becomes the run under its own id, and ends as that', async () => {
      await store.queueRun(aQueuedRun('run_1'), null, 5);
      await store.startRun(aRun({ startedAt: at(1) }), at(30));
      expect((await store.getRun('run_1'))?.status).toBe('running');
      await expect(store.queueRun(aQueuedRun('run_2', at(2)), null, 5)).rejects.toMatchObject({ code: 'conflict' });
      await store.saveRun(aRun({ status: 'done', endedAt: at(3) }));
      await store.queueRun(aQueuedRun('run_2', at(4)), null, 5);
      expect((await store.listRuns(con, 9)).map(({ id, status }) => [id, status])).toEqual([
        ['run_2', 'queued'],
        ['run_1', 'done'],
      ]);
    });

    test('stands among the others where it began, so that a list goes on behind it', async () => {
      await store.queueRun(aQueuedRun('run_1'), null, 5);
      await store.startRun(aRun({ startedAt: at(7) }), at(30));
      await store.saveRun(aRun({ startedAt: at(7), status: 'done', endedAt: at(8) }));
      const page = (time: string, id: string | null) =>
        store.recentRuns({ connectionIds: null, from: at(0), before: { at: time, id }, limit: 1 });
      expect((await page(at(99), null)).map(({ id, startedAt }) => [id, startedAt])).toEqual([['run_1', at(7)]]);
      expect(await page(at(7), 'run_1')).toEqual([]);
    });

    test('outlives a restart', async () => {
      await store.queueRun(aQueuedRun('run_1'), null, 5);
      store = await reopen();
      expect((await store.getRun('run_1'))?.status).toBe('queued');
      expect(await claimRun()).toMatchObject({ key: con });
    });

    test('is taken back with the jobs of its connection', async () => {
      await store.queueRun(aQueuedRun('run_1'), null, 5);
      await store.putJob({ kind: 'sync', key: con, dueAt: 5 });
      await store.dropQueued(con, at(7));
      expect(await store.getRun('run_1')).toEqual({ ...aQueuedRun('run_1'), status: 'interrupted', endedAt: at(7) });
      expect([await store.listJobs('run'), await store.listJobs('sync')]).toEqual([[], []]);
    });

    test('two who ask at once are not both told yes', async () => {
      const asked = await Promise.allSettled(
        ['run_1', 'run_2', 'run_3'].map((id) => store.queueRun(aQueuedRun(id), null, 5)),
      );
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });
}
