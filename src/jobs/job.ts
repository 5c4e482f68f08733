/**
 * Kinds of work that processes share. Every job is named by its kind and a key, and is there once:
 * `run` (key: connection id): a sync that somebody asked for; `sync` (key: connection id): the syncs that are due by
 * themselves; `deliver` (key: `ENDPOINT_ID/CONNECTION_ID`); `apply` (key: plan id): a plan that is to be applied; `mail` (key:
 * plan id): people are to be told that a plan waits for them; `read` (key: `sources`): sources of people that are due;
 * `housekeeping` (key: what is kept in order); `watch` (key: what is looked after, for alerts).
 */
export const jobKinds = ['run', 'sync', 'deliver', 'apply', 'mail', 'read', 'housekeeping', 'watch'] as const;
export type JobKind = (typeof jobKinds)[number];

/** A job as its worker has it: leased to this process until `leaseUntil`. */
export type Job = {
  readonly kind: JobKind;
  readonly key: string;
  /** When it became due, ms. */
  readonly dueAt: number;
  readonly payload: JobPayload;
  /** Times that it was begun and not finished before. */
  readonly attempts: number;
  /** Names this lease; what is finished or renewed under another one is refused. */
  readonly token: string;
  /** ms */
  readonly leaseUntil: number;
};

/** Plain data: what the job is about beside its key. */
export type JobPayload = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** When a job is due again, ms; null = never, until somebody puts it again. Without a payload it keeps the one it has. */
export type Next = { readonly dueAt: number; readonly payload?: JobPayload } | null;

/**
 * Does one job. It ends soon after `signal` is aborted, by throwing: the job is then given back as if it had not been begun.
 * Another throw is tried again, later and later.
 */
export type Handler = (job: Job, signal: AbortSignal) => Promise<Next>;
