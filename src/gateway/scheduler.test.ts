import { beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { aRun } from '../http/contract/fake-gateway.ts';
import type { Job, JobPayload } from '../jobs/job.ts';
import { WorkEnded } from '../jobs/work.ts';
import { aConnection, aState } from '../store/contract/builders.ts';
import type { Store } from '../store/store.ts';
import type { RunRecord, StreamState } from '../sync/ports.ts';
import { streamNames } from '../sync/streams.ts';
import { createScheduler } from './scheduler.ts';
import type { Syncing } from './syncing.ts';

const NOW = Date.parse('2026-03-02T09:00:00.000Z');
const MINUTE = 60_000;
const connection = aConnection();

let asked: unknown[];
let saved: RunRecord[];
let notices: string[];
/** What the store and the runs are in a test. */
let world: {
  states: readonly StreamState[];
  stored: RunRecord | null;
  run: () => Promise<RunRecord>;
  isThere: boolean;
};

beforeEach(() => {
  asked = [];
  saved = [];
  notices = [];
  world = { states: [], stored: null, run: async () => aRun(), isThere: true };
});

function scheduler() {
  const store = {
    getConnection: async () => (world.isThere ? connection : null),
    streamStates: async () => world.states,
    listRuns: async () => [],
    getIntake: async () => null,
    getRun: async () => world.stored,
    saveRun: async (run: RunRecord) => void saved.push(run),
  };
  const runAs: Syncing['runAs'] = (id, { signal: _, ...input }) => {
    asked.push({ id, ...input });
    return world.run();
  };
  const useCases = { status: async () => ({ budget: { limits: { perDay: null } } }) };
  return createScheduler({
    store: store as unknown as Store,
    syncing: { runAs, useCases } as unknown as Syncing,
    now: () => new Date(NOW),
    notify: ({ message }) => void notices.push(message),
  });
}

const job = (payload: JobPayload = {}): Job => ({
  ...{ kind: 'sync', key: connection.id, dueAt: NOW, attempts: 0, token: 't', leaseUntil: NOW + 30_000 },
  payload,
});
const never = new AbortController().signal;
const stopping = () => {
  const stop = new AbortController();
  const run = async () => {
    stop.abort(new WorkEnded('stopping'));
    return aRun({ status: 'interrupted' });
  };
  return { signal: stop.signal, run };
};
const refused = (code: ForeknowError['code']) => () => Promise.reject(new ForeknowError(code, { detail: 'No.' }));
const begunAt = (ms: number) =>
  streamNames.map((stream) => aState({ stream, lastStartedAt: new Date(ms).toISOString(), parkedUntil: null }));

describe('a connection', () => {
  const sync = (signal = never) => scheduler().sync(job(), signal);

  test('that is due is synced, and comes again when it is due next', async () => {
    world.run = async () => {
      world.states = begunAt(NOW);
      return aRun();
    };
    const next = await sync();
    expect(asked).toEqual([{ id: connection.id, level: 'full', trigger: 'schedule' }]);
    expect(next!.dueAt).toBeGreaterThan(NOW + 14 * MINUTE);
  });

  test('that is not due yet, however it was claimed, is left until then', async () => {
    world.states = begunAt(NOW - MINUTE);
    expect((await sync())!.dueAt).toBeGreaterThan(NOW + 13 * MINUTE);
    expect(asked).toEqual([]);
  });

  test('that is gone has no job any more', async () => {
    world.isThere = false;
    expect(await sync()).toBeNull();
  });

  test('whose sync fails before it came to every stream is not begun again at once', async () => {
    world.run = async () => aRun({ status: 'failed', error: { code: 'x', detail: 'Nobody answers.', hint: null } });
    expect(await sync()).toEqual({ dueAt: NOW + MINUTE });
    expect(notices).toEqual([expect.stringContaining('Nobody answers.')]);
  });

  test('that somebody else reads waits, one that cannot be read is said and waits longer', async () => {
    world.run = refused('conflict');
    expect(await sync()).toEqual({ dueAt: NOW + 15_000 });
    expect(notices).toEqual([]);
    world.run = refused('key_missing');
    expect(await sync()).toEqual({ dueAt: NOW + 5 * MINUTE });
    expect(notices).toHaveLength(1);
  });

  test('is handed back when the process stops in the middle', async () => {
    const { signal, run } = stopping();
    world.run = run;
    await expect(sync(signal)).rejects.toBeInstanceOf(WorkEnded);
  });
});

describe('a run that was asked for', () => {
  const queued = aRun({ id: 'run_9', status: 'queued', endedAt: null });
  const doRun = (signal = never) =>
    scheduler().run(job({ runId: 'run_9', level: 'refresh', trigger: 'manual', streams: ['users'] }), signal);
  const input = { id: connection.id, level: 'refresh', trigger: 'manual', streams: ['users'] };

  test('is done under its id', async () => {
    world.stored = queued;
    expect(await doRun()).toBeNull();
    expect(asked).toEqual([{ ...input, runId: 'run_9' }]);
  });

  test.each(['running', 'interrupted'] as const)('that a dead process left %s goes on as another', async (status) => {
    world.stored = { ...queued, status };
    expect(await doRun()).toBeNull();
    expect(asked).toEqual([input]);
  });

  test('that has ended, or is not there any more, is not done again', async () => {
    world.stored = { ...queued, status: 'partial' };
    expect(await doRun()).toBeNull();
    world.stored = null;
    expect(await doRun()).toBeNull();
    expect(asked).toEqual([]);
  });

  test('waits for the run that has the connection, and is handed back when the process stops', async () => {
    world.stored = queued;
    world.run = refused('conflict');
    expect(await doRun()).toEqual({ dueAt: NOW + 2000 });
    const { signal, run } = stopping();
    world.run = run;
    await expect(doRun(signal)).rejects.toBeInstanceOf(WorkEnded);
  });

  test('that cannot begin says why in its record; a store that is away is no such reason', async () => {
    world.stored = queued;
    world.run = refused('connection_paused');
    expect(await doRun()).toBeNull();
    expect(saved).toMatchObject([{ id: 'run_9', status: 'failed', error: { code: 'connection_paused' } }]);
    world.run = refused('store_failed');
    await expect(doRun()).rejects.toMatchObject({ code: 'store_failed' });
    expect(saved).toHaveLength(1);
  });
});
