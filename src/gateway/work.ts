import { randomUUID } from 'node:crypto';
import { isForeknowError } from '../errors/errors.ts';
import { type Handler, type Job, type JobKind, jobKinds } from '../jobs/job.ts';
import type { JobStore } from '../jobs/ports.ts';
import { createWork as createWorker, leaseTimes, type Work } from '../jobs/work.ts';
import { sleep as realSleep, type Sleep } from '../lib/sleep.ts';
import type { Notice } from './gateway.ts';

/** What is done again and again by itself, by one process at a time. */
export type Chore = {
  readonly everyMs: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Kinds whose jobs come back by themselves; one of a kind is done at a time. */
type ChoreKind = 'read' | 'housekeeping' | 'watch';

export type GatewayWorkOptions = {
  readonly store: JobStore;
  readonly handlers: Partial<Record<Exclude<JobKind, ChoreKind>, Handler>>;
  /** By their keys. */
  readonly chores: Readonly<Partial<Record<ChoreKind, Readonly<Record<string, Chore>>>>>;
  readonly atOnce: Partial<Record<JobKind, number>>;
  /** How long a process that died keeps its jobs from the others; default 30 s. */
  readonly leaseMs?: number | undefined;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
  readonly sleep?: Sleep;
};

/** The jobs of this process; what it shall not do is left to others. */
export type GatewayWork = Omit<Work, 'start'> & {
  start(options?: { readonly without?: readonly JobKind[]; readonly withoutChores?: readonly string[] }): void;
};

/** Clocks are set right by less than that again and again. */
const PUT_BACK_MS = 60_000;

/**
 * The jobs this process does: what the rooms hang in here is shared with the other processes on the store. A handler does one
 * job of a kind; a chore is a job that comes back by itself.
 */
export function gatewayWork(options: GatewayWorkOptions): GatewayWork {
  const { store, now, notify, sleep = realSleep } = options;
  let latest = 0;
  /** A clock that is put back leaves all that is due in its future, where it would wait until then. */
  const time = () => {
    const at = now().getTime();
    if (at < latest - PUT_BACK_MS) bringForward(at).then(work.nudge, () => undefined);
    latest = at;
    return at;
  };
  const bringForward = async (at: number): Promise<void> => {
    for (const kind of jobKinds) {
      for (const { key, dueAt } of await store.listJobs(kind))
        if (dueAt > at) await store.putJob({ kind, key, dueAt: at });
    }
  };
  const chores = Object.entries(options.chores);
  const ofChores = chores.map(([kind, some]) => [kind, choreHandler(some, time)] as const);
  const work = createWorker({
    store,
    handlers: { ...options.handlers, ...Object.fromEntries(ofChores) },
    atOnce: options.atOnce,
    holder: `${process.pid}-${randomUUID()}`,
    leases: leaseTimes(options.leaseMs),
    now: time,
    sleep,
    random: Math.random,
    onFailure: (job, error) => notify(failureNotice(job, error)),
  });

  let isStopping = false;
  const putChores = async (without: readonly string[]): Promise<void> => {
    for (const [kind, some] of chores) {
      if (isStopping) return;
      const known = new Set((await store.listJobs(kind as JobKind)).map(({ key }) => key));
      const missing = Object.keys(some).filter((key) => !known.has(key) && !without.includes(key));
      for (const key of missing) if (!isStopping) await store.putJob({ kind: kind as JobKind, key, dueAt: time() });
    }
  };

  return {
    ...work,
    start({ without = [], withoutChores = [] } = {}) {
      work.start(without);
      putChores(withoutChores).then(work.nudge, (error: unknown) => notify(failureNotice(null, error)));
    },
    async stop(waitMs) {
      isStopping = true;
      await work.stop(waitMs);
    },
  };
}

/** A key that this version does not know is left to fall out of the queue. */
const choreHandler =
  (chores: Readonly<Record<string, Chore>>, now: () => number): Handler =>
  async ({ key }, signal) => {
    const chore = chores[key];
    if (chore === undefined) return null;
    await chore.run(signal);
    return { dueAt: now() + chore.everyMs };
  };

function failureNotice(job: Job | null, error: unknown): Notice {
  const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
  const what = job === null ? 'The work that is due could not be looked up' : `The job ${job.kind} ${job.key} failed`;
  return { level: 'warn', connectionId: null, message: `${what}: ${detail}` };
}
