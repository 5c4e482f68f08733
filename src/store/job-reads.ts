import { type JobKind, jobKinds } from '../jobs/job.ts';
import type { JobStore } from '../jobs/ports.ts';
import type { Session } from './session.ts';

type CountRow = { kind: string; waiting: number; leased: number; oldest: number | null };

/** Reads of the queue. */
export const jobReads = (session: Session): Pick<JobStore, 'dueKinds' | 'listJobs' | 'countJobs'> => ({
  async dueKinds(now) {
    const rows = await session.all<{ kind: JobKind }>(
      'select distinct kind from jobs where due_at <= ?1 and (lease_until is null or lease_until <= ?1)',
      now,
    );
    return rows.map(({ kind }) => kind);
  },

  async listJobs(kind) {
    const rows = await session.all<{ key: string; due_at: number }>(
      'select key, due_at from jobs where kind = ? order by due_at, key',
      kind,
    );
    return rows.map(({ key, due_at }) => ({ key, dueAt: due_at }));
  },

  async countJobs(now) {
    const isLeased = 'lease_until is not null and lease_until > ?1';
    const isWaiting = `due_at <= ?1 and not (${isLeased})`;
    const rows = await session.all<CountRow>(
      `select kind, sum(case when ${isWaiting} then 1 else 0 end) as waiting,
         sum(case when ${isLeased} then 1 else 0 end) as leased, min(case when ${isWaiting} then due_at end) as oldest
       from jobs group by kind`,
      now,
    );
    return jobKinds.map((kind) => {
      const { waiting = 0, leased = 0, oldest = null } = rows.find((row) => row.kind === kind) ?? {};
      return { kind, waiting, leased, oldestMs: oldest === null ? 0 : now - oldest };
    });
  },
});
