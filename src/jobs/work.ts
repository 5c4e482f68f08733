import { backoffMs } from '../lib/backoff.ts';
import type { Sleep } from '../lib/sleep.ts';
import { type Handler, type Job, type JobKind, jobKinds } from './job.ts';
import type { JobStore } from './ports.ts';

export type LeaseTimes = {
  /** How long a process that died keeps its jobs from the others. */
  readonly leaseMs: number;
  /** A third of the lease, say: one renewal may fail. */
  readonly renewEveryMs: number;
  readonly lookEveryMs: number;
};

export const leaseTimes = (leaseMs = 30_000): LeaseTimes => ({
  leaseMs,
  renewEveryMs: Math.ceil(leaseMs / 3),
  lookEveryMs: 1000,
});

export type WorkOptions = {
  readonly store: JobStore;
  readonly handlers: Partial<Record<JobKind, Handler>>;
  /** Jobs of a kind that this process does at once; default 1. */
  readonly atOnce?: Partial<Record<JobKind, number>>;
  /** Names this process; no other has the same name. */
  readonly holder: string;
  readonly leases: LeaseTimes;
  /** ms */
  readonly now: () => number;
  readonly sleep: Sleep;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A job threw, or (null) the store could not be asked: the first time of several in a row. It is tried again. */
  readonly onFailure: (job: Job | null, error: unknown) => void;
};

/** The jobs that one process does. */
export type Work = {
  /** @param without kinds that are left to other processes */
  start(without?: readonly JobKind[]): void;
  /** Looks at once what is due: something was put. */
  nudge(): void;
  /** Takes no more jobs, tells those under way to end, and gives back what they leave. Waits at most `waitMs` for them. */
  stop(waitMs: number): Promise<void>;
};

/** Why a handler's signal was aborted. */
export class WorkEnded extends Error {
  override readonly name = 'WorkEnded';
  readonly why: 'stopping' | 'lease lost';
  constructor(why: 'stopping' | 'lease lost') {
    super(why === 'stopping' ? 'The process is stopping.' : 'Another process has taken the job over.');
    this.why = why;
  }
}

const nothing = () => null;

const BACKOFF_MS = { base: 5000, max: 5 * 60_000 } as const;

type Held = { readonly job: Job; readonly cancel: AbortController; readonly ended: Promise<void>; leaseUntil: number };

/**
 * Claims due jobs of the kinds it has handlers for, a few of each at once, renews their leases while they are done, and puts
 * them back with the time at which they are due again. It looks every second and when it is nudged.
 */
export function createWork(options: WorkOptions): Work {
  const { store, holder, leases, now, sleep } = options;
  let kinds: readonly JobKind[] = [];
  const held = new Map<string, Held>();
  const stopping = new AbortController();
  const stopped = new AbortController();
  let nap = new AbortController();
  /** Ends the wait for the answer to a renewal. */
  let asking = new AbortController();
  let nudged = false;
  let looking: Promise<unknown> = Promise.resolve();
  let renewing: Promise<unknown> = Promise.resolve();

  const nudge = () => {
    nudged = true;
    nap.abort();
  };

  const perform = async (job: Job, signal: AbortSignal): Promise<void> => {
    try {
      const next = await options.handlers[job.kind]!(job, signal);
      await store.finishJob(job, next);
    } catch (error) {
      await putBack(job, signal, error);
    }
  };

  /** A job that ended early because it was told to is due at once, as if it had not been begun. */
  const putBack = async (job: Job, signal: AbortSignal, error: unknown): Promise<void> => {
    if (signal.reason instanceof WorkEnded) {
      if (signal.reason.why === 'stopping') await giveBack(job);
      return;
    }
    options.onFailure(job, error);
    const attempts = job.attempts + 1;
    const delayMs = backoffMs(attempts, BACKOFF_MS.base, BACKOFF_MS.max, options.random());
    await store.finishJob(job, { dueAt: now() + delayMs, attempts });
  };

  const giveBack = (job: Job) => store.finishJob(job, { dueAt: now(), attempts: job.attempts });

  const idOf = ({ kind, key }: Job): string => `${kind} ${key}`;

  const begin = (job: Job): void => {
    const cancel = new AbortController();
    const id = idOf(job);
    const ended = Promise.resolve()
      .then(() => perform(job, cancel.signal))
      // The lease lapses, and somebody does the job again.
      .catch((error: unknown) => options.onFailure(job, error))
      .then(() => {
        held.delete(id);
        nudge();
      });
    held.set(id, { job, cancel, ended, leaseUntil: job.leaseUntil });
  };

  /** One cheap question, so that a process with nothing to do costs next to nothing; leases are taken for what it names. */
  const claim = async (): Promise<void> => {
    const due = await store.dueKinds(now());
    for (const kind of kinds.filter((one) => due.includes(one))) {
      const busy = [...held.values()].filter(({ job }) => job.kind === kind).length;
      const limit = (options.atOnce?.[kind] ?? 1) - busy;
      if (limit <= 0 || stopping.signal.aborted) continue;
      const jobs = await store.claimJobs({ kinds: [kind], holder, now: now(), leaseMs: leases.leaseMs, limit });
      for (const job of jobs) {
        // One that lost its lease may still be on its way out here.
        if (stopping.signal.aborted || held.has(idOf(job))) await giveBack(job);
        else begin(job);
      }
    }
  };

  /** While the store fails, or does not answer at all, the lease goes on until its end, but not beyond. */
  const renewOne = async (entry: Held): Promise<void> => {
    const until = now() + leases.leaseMs;
    asking = new AbortController();
    const lapsed = sleep(Math.max(0, entry.leaseUntil - now()), asking.signal).then(nothing, nothing);
    const isOurs = await Promise.race([store.renewJob(entry.job, until).catch(nothing), lapsed]);
    asking.abort();
    if (isOurs) entry.leaseUntil = until;
    else if (isOurs === false || now() >= entry.leaseUntil) entry.cancel.abort(new WorkEnded('lease lost'));
  };

  const renew = async (): Promise<void> => {
    for (const entry of [...held.values()]) {
      if (stopped.signal.aborted) return;
      await renewOne(entry);
    }
  };

  /** The store may be away for a while, which is said once. */
  const look = async (): Promise<void> => {
    let failed = false;
    while (!stopping.signal.aborted) {
      try {
        await claim();
        failed = false;
      } catch (error) {
        if (!failed) options.onFailure(null, error);
        failed = true;
        nudged = false;
      }
      if (!nudged) await sleep(leases.lookEveryMs, nap.signal).catch(() => undefined);
      nudged = false;
      nap = new AbortController();
    }
  };

  const keepLeases = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await renew();
      await sleep(leases.renewEveryMs, stopped.signal).catch(() => undefined);
    }
  };

  return {
    nudge,
    start(without = []) {
      kinds = jobKinds.filter((kind) => options.handlers[kind] !== undefined && !without.includes(kind));
      looking = look();
      renewing = keepLeases();
    },
    async stop(waitMs) {
      stopping.abort();
      nap.abort();
      const patience = new AbortController();
      const over = sleep(waitMs, patience.signal).catch(nothing);
      // A store that does not answer is not waited for either.
      await Promise.race([looking, over]);
      const under = [...held.values()];
      for (const { cancel } of under) cancel.abort(new WorkEnded('stopping'));
      await Promise.race([Promise.all(under.map((entry) => entry.ended)), over]);
      patience.abort();
      stopped.abort();
      asking.abort();
      await renewing;
    },
  };
}
