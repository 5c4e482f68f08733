import type { Job, JobKind, JobPayload } from '../job.ts';
import { jobKinds } from '../job.ts';
import type { JobStore, Lease } from '../ports.ts';

type Entry = {
  readonly kind: JobKind;
  readonly key: string;
  dueAt: number;
  payload: JobPayload;
  attempts: number;
  token: string | null;
  leaseUntil: number;
  again: { dueAt: number; payload: JobPayload | undefined } | null;
};

/** A queue in memory: passes the same contract as the stores, and answers within a microtask, which fake clocks need. */
export function memoryJobs(): JobStore {
  const entries = new Map<string, Entry>();
  const idOf = ({ kind, key }: { kind: JobKind; key: string }) => `${kind} ${key}`;
  let claims = 0;
  const leased = (lease: Lease): Entry | undefined => {
    const entry = entries.get(idOf(lease));
    return entry?.token === lease.token ? entry : undefined;
  };

  return {
    async putJob({ kind, key, dueAt: due, payload }) {
      const dueAt = Math.ceil(due);
      const entry = entries.get(idOf({ kind, key }));
      if (entry === undefined) {
        const fresh = { attempts: 0, token: null, leaseUntil: 0, again: null };
        entries.set(idOf({ kind, key }), { kind, key, dueAt, payload: payload ?? {}, ...fresh });
      } else if (entry.token === null) {
        entry.dueAt = Math.min(entry.dueAt, dueAt);
        entry.payload = payload ?? entry.payload;
      } else {
        const before = entry.again;
        entry.again = { dueAt: Math.min(before?.dueAt ?? dueAt, dueAt), payload: payload ?? before?.payload };
      }
    },

    async dueKinds(now) {
      const due = [...entries.values()].filter(({ dueAt, leaseUntil }) => dueAt <= now && leaseUntil <= now);
      return [...new Set(due.map(({ kind }) => kind))];
    },

    async claimJobs({ kinds, now, leaseMs, limit }) {
      claims += 1;
      const token = `claim ${claims}`;
      const due = [...entries.values()]
        .filter(({ kind, dueAt, leaseUntil }) => kinds.includes(kind) && dueAt <= now && leaseUntil <= now)
        .toSorted((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1));
      return due.slice(0, limit).map((entry): Job => {
        const { kind, key, dueAt, payload, attempts } = entry;
        Object.assign(entry, { token, leaseUntil: now + leaseMs, attempts: attempts + 1 });
        return { kind, key, dueAt, payload, attempts, token, leaseUntil: now + leaseMs };
      });
    },

    async renewJob(lease, leaseUntil) {
      const entry = leased(lease);
      if (entry !== undefined) entry.leaseUntil = leaseUntil;
      return entry !== undefined;
    },

    async finishJob(lease, next) {
      const entry = leased(lease);
      if (entry === undefined) return false;
      const { again } = entry;
      const times = [next?.dueAt, again?.dueAt].filter((time) => time !== undefined);
      if (times.length === 0) {
        entries.delete(idOf(lease));
        return true;
      }
      entry.payload = again?.payload ?? next?.payload ?? entry.payload;
      Object.assign(entry, { dueAt: Math.ceil(Math.min(...times)), attempts: next?.attempts ?? 0 });
      Object.assign(entry, { token: null, leaseUntil: 0, again: null });
      return true;
    },

    async dropJob(kind, key) {
      entries.delete(idOf({ kind, key }));
    },

    async listJobs(kind) {
      return [...entries.values()]
        .filter((entry) => entry.kind === kind)
        .map(({ key, dueAt }) => ({ key, dueAt }))
        .toSorted((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1));
    },

    async countJobs(now) {
      return jobKinds.map((kind) => {
        const all = [...entries.values()].filter((entry) => entry.kind === kind);
        const waiting = all.filter(({ dueAt, leaseUntil }) => dueAt <= now && leaseUntil <= now);
        const oldestMs = Math.max(0, ...waiting.map(({ dueAt }) => now - dueAt));
        const leasedNow = all.filter(({ leaseUntil }) => leaseUntil > now).length;
        return { kind, waiting: waiting.length, leased: leasedNow, oldestMs };
      });
    },
  };
}
