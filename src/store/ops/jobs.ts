import type { Job, JobKind, JobPayload } from '../../jobs/job.ts';
import type { JobPut, JobStore, Lease } from '../../jobs/ports.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';

/* Leases of jobs. Not durable: after a power cut a job is done again, or put again by whoever finds it missing. */

export const putJob: Op<JobPut, void> = { durable: false, run: put };

/** For operations that put a job in the transaction of what it is about. */
export async function put(session: Session, { kind, key, dueAt, payload }: JobPut): Promise<void> {
  const given = payload !== undefined;
  await session.run(
    `insert into jobs (kind, key, due_at, payload, attempts) values (?, ?, ?, ?, 0)
     on conflict (kind, key) do update set
       due_at = case when jobs.token is null and excluded.due_at < jobs.due_at then excluded.due_at else jobs.due_at end,
       again_at = case when jobs.token is null then null
         when jobs.again_at is null or excluded.due_at < jobs.again_at then excluded.due_at else jobs.again_at end
       ${given ? withPayload : ''}`,
    kind,
    key,
    Math.ceil(dueAt), // Postgres takes no parts of a millisecond
    JSON.stringify(payload ?? {}),
  );
}

const withPayload = `, payload = case when jobs.token is null then excluded.payload else jobs.payload end,
  again_payload = case when jobs.token is null then null else excluded.payload end`;

type Claim = Parameters<JobStore['claimJobs']>[0];
type DueRow = { readonly kind: JobKind; key: string; due_at: number; payload: string; attempts: number };

/** @param args.token names the leases of this claim; no other claim has the same */
export const claimJobs: Op<Claim & { readonly token: string }, readonly Job[]> = {
  durable: false,
  run: async (session, { kinds, holder, now, leaseMs, limit, token }) => {
    const due = await session.all<DueRow>(
      `select kind, key, due_at, payload, attempts from jobs
       where ${session.words.among('kind', '?')} and due_at <= ? and (lease_until is null or lease_until <= ?)
       order by due_at, key limit ? ${session.words.skipLocked}`,
      kinds,
      now,
      now,
      limit,
    );
    const leaseUntil = now + leaseMs;
    await session.runMany(
      'update jobs set holder = ?, token = ?, lease_until = ?, attempts = attempts + 1 where kind = ? and key = ?',
      due.map(({ kind, key }) => [holder, token, leaseUntil, kind, key]),
    );
    return due.map(({ kind, key, due_at, payload, attempts }) => ({
      ...{ kind, key, dueAt: due_at, attempts, token, leaseUntil },
      payload: JSON.parse(payload) as JobPayload,
    }));
  },
};

export const renewJob: Op<Lease & { readonly leaseUntil: number }, boolean> = {
  durable: false,
  run: async (session, { kind, key, token, leaseUntil }) => {
    const text = 'update jobs set lease_until = ? where kind = ? and key = ? and token = ?';
    return (await session.run(text, leaseUntil, kind, key, token)) > 0;
  },
};

type Finish = Lease & { readonly next: Parameters<JobStore['finishJob']>[1] };

export const finishJob: Op<Finish, boolean> = {
  durable: false,
  run: async (session, { kind, key, token, next }) => {
    const again = await session.get<{ again_at: number | null; again_payload: string | null }>(
      `select again_at, again_payload from jobs where kind = ? and key = ? and token = ? ${session.words.forUpdate}`,
      kind,
      key,
      token,
    );
    if (again === undefined) return false;
    const times = [next?.dueAt ?? null, again.again_at].filter((time) => time !== null);
    if (times.length === 0) {
      await session.run('delete from jobs where kind = ? and key = ?', kind, key);
      return true;
    }
    const payload = again.again_payload ?? (next?.payload === undefined ? null : JSON.stringify(next.payload));
    await session.run(
      `update jobs set due_at = ?, payload = coalesce(?, payload), attempts = ?, again_at = null, again_payload = null,
         holder = null, token = null, lease_until = null where kind = ? and key = ?`,
      Math.ceil(Math.min(...times)),
      payload,
      next?.attempts ?? 0,
      kind,
      key,
    );
    return true;
  },
};

export const dropJob: Op<{ readonly kind: JobKind; readonly key: string }, void> = {
  durable: false,
  run: async (session, { kind, key }) => {
    await session.run('delete from jobs where kind = ? and key = ?', kind, key);
  },
};

/** Ends every lease, when no other process can have the store open. */
export const freeJobs: Op<null, void> = {
  durable: false,
  run: async (session) => {
    await session.run('update jobs set holder = null, token = null, lease_until = null where token is not null');
  },
};
