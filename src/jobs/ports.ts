import type { Job, JobKind, JobPayload } from './job.ts';

/** A job to be done. */
export type JobPut = {
  readonly kind: JobKind;
  readonly key: string;
  /** ms */
  readonly dueAt: number;
  readonly payload?: JobPayload;
};

/** Where a kind of job stands, for operators. */
export type JobCount = {
  readonly kind: JobKind;
  /** Due and not leased. */
  readonly waiting: number;
  readonly leased: number;
  /** How long the one that waits longest has been due, ms; 0 when none waits. */
  readonly oldestMs: number;
};

/** Names a lease. */
export type Lease = Pick<Job, 'kind' | 'key' | 'token'>;

/** Storage the room needs. Every function is one transaction; times are ms. */
export type JobStore = {
  /**
   * Puts a job. One that is there and waits becomes due at the earlier of both times, with the new payload if one is given;
   * one that is being done is done again at `dueAt`.
   */
  putJob(put: JobPut): Promise<void>;
  /** Kinds of which a job could be leased now: what a process asks that has nothing to do. */
  dueKinds(now: number): Promise<readonly JobKind[]>;
  /**
   * Leases due jobs, the longest due first: those nobody holds, and those whose lease has lapsed. No job is ever leased to
   * two holders at once.
   */
  claimJobs(claim: {
    readonly kinds: readonly JobKind[];
    readonly holder: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly Job[]>;
  /** @returns false when the lease is not this one any more */
  renewJob(job: Lease, leaseUntil: number): Promise<boolean>;
  /**
   * Ends the lease. `next` says when the job is due again; null removes it, unless it was put again meanwhile. `attempts`
   * is kept for the next time; default 0.
   * @returns false, having done nothing, when the lease is not this one any more
   */
  finishJob(
    job: Lease,
    next: { readonly dueAt: number; readonly payload?: JobPayload; readonly attempts?: number } | null,
  ): Promise<boolean>;
  /** Takes a job out, whether or not it is being done. */
  dropJob(kind: JobKind, key: string): Promise<void>;
  /** Keys of the jobs of a kind with their due times. */
  listJobs(kind: JobKind): Promise<readonly { readonly key: string; readonly dueAt: number }[]>;
  countJobs(now: number): Promise<readonly JobCount[]>;
};
