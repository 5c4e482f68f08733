import { ForeknowError } from '../../errors/errors.ts';
import type { Pulse, RunProgress, RunRecord } from '../../sync/ports.ts';
import type { Session } from '../session.ts';
import { put } from './jobs.ts';
import type { Op } from './op.ts';
import { tellRun } from './runs.ts';

/* What processes ask of each other's runs, over the lock of the connection. Times are ISO text. */

/** A lock whose lease has lapsed holds nobody back. */
const alive = '(lease_until is null or lease_until > ?)';

export const pulseRun: Op<{ runId: string; leaseUntil: string; progress: RunProgress | null }, Pulse> = {
  durable: false,
  run: async (session, { runId, leaseUntil, progress }) => {
    const lock = await session.get<{ stop_asked_at: string | null }>(
      `update run_locks set lease_until = ?, progress = coalesce(?, progress) where run_id = ? returning stop_asked_at`,
      leaseUntil,
      progress === null ? null : JSON.stringify(progress),
      runId,
    );
    if (lock === undefined) return 'lost';
    return lock.stop_asked_at === null ? 'held' : 'stop';
  },
};

export const askStop: Op<{ connectionId: string; at: string }, boolean> = {
  durable: false,
  run: async (session, { connectionId, at }) => {
    const text = `update run_locks set stop_asked_at = coalesce(stop_asked_at, ?) where connection_id = ? and ${alive}`;
    return (await session.run(text, at, connectionId, at)) > 0;
  },
};

type Hold = { connectionId: string; holdId: string; holder: string; at: string; leaseUntil: string };

export const holdConnection: Op<Hold, boolean> = {
  durable: false,
  run: async (session, { connectionId, holdId, holder, at, leaseUntil }) => {
    const taken = await session.run(
      `insert into run_locks (connection_id, run_id, holder, taken_at, lease_until) values (?1, ?2, ?3, ?4, ?5)
       on conflict (connection_id) do update set run_id = excluded.run_id, holder = excluded.holder,
         taken_at = excluded.taken_at, lease_until = excluded.lease_until, progress = null, stop_asked_at = null
         where run_locks.lease_until <= ?4`,
      connectionId,
      holdId,
      holder,
      at,
      leaseUntil,
    );
    return taken > 0;
  },
};

export const releaseConnection: Op<{ holdId: string }, void> = {
  durable: false,
  run: async (session, { holdId }) => {
    await session.run('delete from run_locks where run_id = ?', holdId);
  },
};

export const queueRun: Op<{ run: RunRecord; streams: readonly string[] | null; dueAt: number }, void> = {
  durable: false,
  run: async (session, { run, streams, dueAt }) => {
    // Locks the connection's row, so that of two who ask at once one is told.
    await session.get(`select id from connections where id = ? ${session.words.forUpdate}`, run.connectionId);
    const busy = await session.get(
      `select 1 as found from runs where connection_id = ?1 and status = 'queued'
       union all select 1 from run_locks where connection_id = ?1 and (lease_until is null or lease_until > ?2)`,
      run.connectionId,
      run.startedAt,
    );
    if (busy !== undefined) throw underWay();
    await session.run(
      `insert into runs (id, connection_id, run_trigger, level, status, started_at, ended_at, body)
       values (?, ?, ?, ?, ?, ?, null, ?)`,
      ...[run.id, run.connectionId, run.trigger, run.level, run.status, run.startedAt, JSON.stringify(run)],
    );
    const payload = { runId: run.id, level: run.level, trigger: run.trigger, streams };
    await put(session, { kind: 'run', key: run.connectionId, dueAt, payload });
    await tellRun(session, run, 'run.queued');
  },
};

/** @throws ForeknowError `conflict` */
const underWay = () =>
  new ForeknowError('conflict', {
    detail: 'A sync of this connection is running, or waits to.',
    hint: 'Wait for it to end, or look at its progress with foreknow status.',
  });

/** Takes back what was asked for and has not begun. */
export const dropQueued: Op<{ connectionId: string; at: string }, void> = {
  durable: false,
  run: async (session, { connectionId, at }) => {
    await endQueued(session, connectionId, at);
    await session.run("delete from jobs where kind in ('run', 'sync') and key = ?", connectionId);
  },
};

async function endQueued(session: Session, connectionId: string, at: string): Promise<void> {
  const queued = await session.all<{ id: string; body: string }>(
    "select id, body from runs where connection_id = ? and status = 'queued'",
    connectionId,
  );
  for (const { id, body } of queued) {
    const run: RunRecord = { ...(JSON.parse(body) as RunRecord), status: 'interrupted', endedAt: at };
    const text = "update runs set status = 'interrupted', ended_at = ?, body = ? where id = ?";
    await session.run(text, at, JSON.stringify(run), id);
    await tellRun(session, run, 'run.ended');
  }
}
