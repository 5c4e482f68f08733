import type { Connection } from '../connections/connection.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { Handler, Job, JobPayload, Next } from '../jobs/job.ts';
import type { Store } from '../store/store.ts';
import type { RunRecord, RunTrigger } from '../sync/ports.ts';
import type { NextSync, ScheduleInput } from '../sync/schedule.ts';
import { storedError } from '../sync/stops.ts';
import { isStreamName } from '../sync/streams.ts';
import type { Notice } from './gateway.ts';
import { nextSync, wakeUpOf } from './next-sync.ts';
import type { Syncing } from './syncing.ts';
import type { SyncInput, SyncLevel } from './types.ts';
import type { Chore } from './work.ts';

export type Scheduler = {
  /** Does the run that somebody asked for: one that was queued, or what a process that ended left of it. */
  readonly run: Handler;
  /** Syncs a connection when it is due by its settings, and says when it is next. */
  readonly sync: Handler;
  /** Sees that every connection has its job, and that runs of dead processes are told to have ended. */
  readonly schedules: Chore;
  /** Looks anew when a connection is due: it is new, or its settings have changed. */
  reschedule(connectionId: string): Promise<void>;
};

type Deps = {
  readonly store: Store;
  readonly syncing: Syncing;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
};

/** After a run that could not even begin. */
const RETRY_MS = 5 * 60_000;
/** While another run has the connection: somebody waits for a run that was asked for. */
const BUSY_MS = { run: 2000, sync: 15_000 } as const;
/** After a run that did not end well. A stream that it never came to is due at once, which would be again and again. */
const FAILED_MS = 60_000;
const SCHEDULES_EVERY_MS = 60_000;

export function createScheduler(deps: Deps): Scheduler {
  const { store, now } = deps;
  const time = () => now().getTime();
  return {
    run: (job, signal) => doRun(deps, job, signal),
    sync: (job, signal) => doSync(deps, job, signal),
    reschedule: (connectionId) => store.putJob({ kind: 'sync', key: connectionId, dueAt: time() }),
    schedules: {
      everyMs: SCHEDULES_EVERY_MS,
      async run() {
        await store.interruptLapsed(now().toISOString());
        const known = new Set((await store.listJobs('sync')).map(({ key }) => key));
        for (const connection of await store.listConnections()) {
          const isMissing = connection.pausedAt === null && connection.state === 'active' && !known.has(connection.id);
          if (isMissing) await store.putJob({ kind: 'sync', key: connection.id, dueAt: time() });
        }
      },
    },
  };
}

async function doRun({ store, syncing, now }: Deps, job: Job, signal: AbortSignal): Promise<Next> {
  const { runId, ...input } = askedFor(job.payload);
  const asked = await store.getRun(runId);
  if (asked === null || isOver(asked)) return null;
  try {
    // A process that ended has left its run interrupted: it goes on as another one.
    const same = asked.status === 'queued' ? { runId } : {};
    const run = await syncing.runAs(job.key, { ...input, ...same, signal });
    throwIfGivenBack(run, signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (isForeknowError(error) && error.code === 'conflict') return { dueAt: now().getTime() + BUSY_MS.run };
    if (!isForeknowError(error) || error.code === 'store_failed' || error.code === 'unavailable') throw error;
    await store.saveRun({ ...asked, status: 'failed', endedAt: now().toISOString(), error: storedError(error) });
    return null;
  }
}

const over: Record<RunRecord['status'], boolean> = {
  queued: false,
  running: false,
  interrupted: false,
  done: true,
  partial: true,
  failed: true,
  parked: true,
};
const isOver = ({ status }: RunRecord): boolean => over[status];

async function doSync(deps: Deps, job: Job, signal: AbortSignal): Promise<Next> {
  const { store, syncing, now, notify } = deps;
  const connection = await store.getConnection(job.key);
  if (connection === null) return null;
  const due = await nextOf(deps, connection);
  if (due === null) return null;
  if (due.at > now().getTime()) return { dueAt: due.at };
  let pauseMs = 0;
  const warn = (message: string, about: Pick<Notice, 'runId'> = {}) =>
    notify({ level: 'warn', connectionId: connection.id, message, ...about });
  try {
    if (due.wokenUp) await store.spendWakeUp({ connectionId: connection.id, ...due.wokenUp.spend });
    const run = await syncing.runAs(connection.id, { level: due.level, trigger: 'schedule', signal });
    throwIfGivenBack(run, signal);
    if (run.status !== 'done') {
      pauseMs = run.status === 'interrupted' ? BUSY_MS.run : FAILED_MS;
      const why = run.error === null ? '' : `: ${run.error.detail}`;
      warn(`The sync of ${connection.name} ended ${run.status}${why}`, { runId: run.id });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isForeknowError(error) && error.code === 'conflict') return { dueAt: now().getTime() + BUSY_MS.sync };
    const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
    warn(`The sync of ${connection.name} did not run: ${detail}`);
    return { dueAt: now().getTime() + RETRY_MS };
  }
  const after = await store.getConnection(job.key);
  const next = after === null ? null : await nextOf(deps, after);
  return next === null ? null : { dueAt: Math.max(next.at, now().getTime() + pauseMs) };
}

/** A run that was ended because the process stops is somebody else's to go on with. */
function throwIfGivenBack(run: RunRecord, signal: AbortSignal): void {
  if (run.status === 'interrupted') signal.throwIfAborted();
}

/** When a connection is due, within what its day of requests allows. */
async function nextOf({ store, syncing, now }: Deps, connection: Connection): Promise<NextSync | null> {
  if (connection.pausedAt !== null || connection.state !== 'active') return null;
  const [runs, states, wakeUp, budget] = await Promise.all([
    store.listRuns(connection.id, 50),
    store.streamStates(connection.id),
    wakeUpOf(store, connection.id),
    costsOf(syncing, connection),
  ]);
  const lastFullStartedAt =
    runs.find(({ level, status }) => level === 'full' && status !== 'queued')?.startedAt ?? null;
  const known = { lastFullStartedAt, ...(budget === null ? {} : { budget }), ...wakeUp };
  return nextSync(connection, states, now().getTime(), known);
}

type Costs = NonNullable<ScheduleInput['budget']>;

/** What a day of refreshes costs against what syncs may spend, so that intervals are stretched where it would not fit. */
async function costsOf({ useCases }: Syncing, connection: Connection): Promise<Costs | null> {
  const { budget } = await useCases.status(connection.id);
  if (budget.limits.perDay === null) return null;
  const [directory, refresh] = await Promise.all([
    useCases.estimate(connection.id, { level: 'directory' }),
    useCases.estimate(connection.id, { level: 'refresh' }),
  ]);
  return { directory: directory.requests, refresh: refresh.requests, perDay: budget.limits.perDay - budget.reserve };
}

/** The payload as `queueRun` wrote it. */
function askedFor({ runId, level, trigger, streams }: JobPayload): SyncInput & { readonly runId: string } {
  const only = Array.isArray(streams) ? { streams: streams.filter(isStreamName) } : {};
  return { runId: String(runId), level: level as SyncLevel, trigger: trigger as RunTrigger, ...only };
}
