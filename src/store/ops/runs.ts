import { ForeknowError } from '../../errors/errors.ts';
import type { RunChangeKind } from '../../model/change.ts';
import type { Hold, RunRecord, StreamState } from '../../sync/ports.ts';
import { isRecordStream, tableOf } from '../row-tables.ts';
import type { Session } from '../session.ts';
import { appendEntries } from './events.ts';
import type { Op } from './op.ts';

export const startRun: Op<{ run: RunRecord; holder: string; leaseUntil: string | null }, void> = {
  durable: false,
  run: async (session, { run, holder, leaseUntil }) => {
    const lock = [run.id, holder, run.startedAt, leaseUntil] as const;
    const taken = await session.run(
      `insert into run_locks (connection_id, run_id, holder, taken_at, lease_until) values (?, ?, ?, ?, ?)
       on conflict do nothing`,
      run.connectionId,
      ...lock,
    );
    if (taken === 0) {
      await interruptIfLapsed(session, run.connectionId, run.startedAt);
      await session.run(
        `update run_locks set run_id = ?, holder = ?, taken_at = ?, lease_until = ?, progress = null, stop_asked_at = null
         where connection_id = ?`,
        ...lock,
        run.connectionId,
      );
    }
    const wasQueued =
      (await session.get("select 1 from runs where id = ? and status = 'queued'", run.id)) !== undefined;
    await putRun(session, run);
    await tellRun(session, run, 'run.started', { wasQueued });
  },
};

/** @throws ForeknowError `conflict` when the run that holds the connection is alive */
async function interruptIfLapsed(session: Session, connectionId: string, at: string): Promise<void> {
  const lock = await session.get<LockRow>(
    `select run_id, connection_id, lease_until from run_locks where connection_id = ? ${session.words.forUpdate}`,
    connectionId,
  );
  if (lock?.lease_until == null || lock.lease_until > at) throw busy();
  await interrupt(session, lock, at);
}

export const renewRun: Op<{ runId: string; until: string }, boolean> = {
  durable: false,
  run: async (session, { runId, until }) =>
    (await session.run('update run_locks set lease_until = ? where run_id = ?', until, runId)) > 0,
};

/** Writes the run; one that has ended gives the connection back. */
export const saveRun: Op<RunRecord, void> = {
  durable: (run) => run.status === 'failed', // others are told
  run: async (session, run) => {
    const isNews = run.status === 'failed' && !(await hadFailed(session, run));
    const hasEnded = run.status !== 'running' && (await isUnderWay(session, run.id));
    await putRun(session, run);
    if (hasEnded) await tellRun(session, run, 'run.ended');
    if (run.status !== 'running') await session.run('delete from run_locks where run_id = ?', run.id);
    if (!isNews) return;
    const { id: runId, connectionId, level, error, endedAt, startedAt } = run;
    const current = { runId, level, error };
    await appendEntries(session, connectionId, runId, [
      { kind: 'connection.sync_failed', key: connectionId, at: endedAt ?? startedAt, current },
    ]);
  },
};

/** Whether this run, or the one that ended before it, is known to have failed. */
async function hadFailed(session: Session, { id, connectionId }: RunRecord): Promise<boolean> {
  const last = await session.all<{ id: string; status: string }>(
    'select id, status from runs where connection_id = ? and (ended_at is not null or id = ?) order by started_at desc, id desc limit 2',
    connectionId,
    id,
  );
  const itself = last.find((run) => run.id === id);
  const earlier = last.find((run) => run.id !== id);
  return itself?.status === 'failed' || earlier?.status === 'failed';
}

/** What a process that is gone had begun, when no other process can have the store open. */
export const interruptRuns: Op<{ at: string }, void> = {
  durable: false,
  run: async (session, { at }) => {
    await session.run('delete from run_locks');
    await session.run('delete from apply_leases');
    await interruptOrphans(session, at);
  },
};

export const interruptLapsed: Op<{ at: string }, readonly RunRecord[]> = {
  durable: false,
  run: async (session, { at }) => {
    const lapsed = await session.all<LockRow>(
      `select run_id, connection_id, lease_until from run_locks where lease_until <= ? ${session.words.skipLocked}`,
      at,
    );
    const ended: RunRecord[] = [];
    for (const lock of lapsed) {
      await session.run('delete from run_locks where connection_id = ?', lock.connection_id);
      ended.push(...(await interrupt(session, lock, at)));
    }
    return [...ended, ...(await interruptOrphans(session, at))];
  },
};

type LockRow = { readonly run_id: string; readonly connection_id: string; readonly lease_until: string | null };

const interrupt = (
  session: Session,
  lock: Pick<LockRow, 'run_id' | 'connection_id'>,
  at: string,
): Promise<readonly RunRecord[]> => interruptWhere(session, at, 'id = ?', lock.run_id);

/** Runs that hold no connection: theirs was removed, or taken from them. */
const interruptOrphans = (session: Session, at: string): Promise<readonly RunRecord[]> =>
  interruptWhere(session, at, 'not exists (select 1 from run_locks where run_locks.run_id = runs.id)');

/** The runs are `interrupted` and their connections' streams `partial`; the passes stay and can be resumed. */
async function interruptWhere(
  session: Session,
  at: string,
  which: string,
  ...values: readonly string[]
): Promise<readonly RunRecord[]> {
  const found = await session.all<{ body: string }>(
    `select body from runs where status = 'running' and ${which} ${session.words.skipLocked}`,
    ...values,
  );
  const runs = found.map(
    ({ body }): RunRecord => ({ ...(JSON.parse(body) as RunRecord), status: 'interrupted', endedAt: at }),
  );
  for (const run of runs) {
    await putRun(session, run);
    await tellRun(session, run, 'run.ended');
    await session.run(
      "update stream_states set status = 'partial' where connection_id = ? and status = 'running'",
      run.connectionId,
    );
  }
  return runs;
}

export const saveStreamState: Op<{ state: StreamState; runId: string | null }, void> = {
  durable: false,
  run: async (session, { state, runId }) => {
    if (runId !== null) await requireRun(session, state.connectionId, runId);
    await putStreamState(session, state);
  },
};

export const saveHold: Op<Hold, void> = {
  durable: true,
  run: async (session, hold) => {
    if (hold.state === 'dismissed') await forgetMissed(session, hold);
    const before = await session.get<{ state: Hold['state'] }>('select state from holds where id = ?', hold.id);
    await session.run(
      `insert into holds (id, connection_id, stream, scope, kind, state, live, absent, first_pass_at, created_at, decided_at,
         decided_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set kind = excluded.kind, state = excluded.state, live = excluded.live,
         absent = excluded.absent, decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
      hold.id,
      hold.connectionId,
      hold.stream,
      hold.scope,
      hold.kind,
      hold.state,
      hold.live,
      hold.absent,
      hold.firstPassAt,
      hold.createdAt,
      hold.decidedAt,
      hold.decidedBy,
    );
    if (before?.state === hold.state) return;
    const { id, stream, scope, kind, state, live, absent } = hold;
    await appendEntries(session, hold.connectionId, '', [
      {
        kind: hold.state === 'open' ? 'connection.hold_opened' : 'connection.hold_decided',
        key: id,
        at: hold.decidedAt ?? hold.createdAt,
        current: { hold: { id, stream, scope, kind, state, live, absent } },
      },
    ]);
  },
};

/** What a pass missed that was not believed does not count as a first miss. */
async function forgetMissed(session: Session, { connectionId, stream, scope }: Hold): Promise<void> {
  if (!isRecordStream(stream)) return;
  await session.run(
    `delete from missed_rows where connection_id = ?1 and stream = ?2 and key in (
       select key from ${tableOf(stream)} where connection_id = ?1 and (?3 = 'all' or scope = ?3))`,
    connectionId,
    stream,
    scope,
  );
}

export async function putStreamState(session: Session, state: StreamState): Promise<void> {
  await session.run(
    `insert into stream_states (connection_id, stream, status, baseline_at, last_started_at, last_complete_at,
       last_refreshed_at, parked_until, last_proof, last_error, row_count) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (connection_id, stream) do update set status = excluded.status, baseline_at = excluded.baseline_at,
       last_started_at = excluded.last_started_at, last_complete_at = excluded.last_complete_at,
       last_refreshed_at = excluded.last_refreshed_at, parked_until = excluded.parked_until,
       last_proof = excluded.last_proof, last_error = excluded.last_error, row_count = excluded.row_count`,
    state.connectionId,
    state.stream,
    state.status,
    state.baselineAt,
    state.lastStartedAt,
    state.lastCompleteAt,
    state.lastRefreshedAt,
    state.parkedUntil,
    state.lastProof === null ? null : JSON.stringify(state.lastProof),
    state.lastError === null ? null : JSON.stringify(state.lastError),
    state.rows,
  );
}

/** @throws ForeknowError `conflict` when the run does not hold the connection (any more) */
export async function requireRun(session: Session, connectionId: string, runId: string): Promise<void> {
  const held = await session.get(
    `select 1 from run_locks where connection_id = ? and run_id = ? ${session.words.forUpdate}`,
    connectionId,
    runId,
  );
  if (held !== undefined) return;
  throw new ForeknowError('conflict', {
    detail: `Run ${runId} does not hold the connection any more.`,
    hint: 'The connection was removed or another run took it over; start a new sync.',
  });
}

const busy = (): ForeknowError =>
  new ForeknowError('conflict', {
    detail: 'A sync of this connection is running.',
    hint: 'Wait for it to end, or look at its progress with foreknow status.',
  });

const isUnderWay = async (session: Session, runId: string): Promise<boolean> =>
  (await session.get("select 1 from runs where id = ? and status in ('queued', 'running')", runId)) !== undefined;

/** Runs are many and mean little to most: they stand in the log while an endpoint asks for them by name. */
export async function tellRun(
  session: Session,
  run: RunRecord,
  kind: RunChangeKind,
  more: { readonly wasQueued?: boolean } = {},
): Promise<void> {
  const wanted = await session.get(
    `select 1 from webhook_endpoints where state <> 'off'
       and (types like '%"run.%' or types like '%"sync_job_run:%' or (format = 'truto' and types like '%"*"%'))`,
  );
  if (wanted === undefined) return;
  const { connectionId, streams, error, estimate, ...told } = run;
  const entry = {
    ...{ kind, key: run.id, at: run.endedAt ?? run.startedAt },
    current: { run: { ...told, error: error === null ? null : { code: error.code, detail: error.detail } }, ...more },
  };
  await appendEntries(session, connectionId, run.id, [entry]);
}

/** A run that has ended stays as it ended. */
async function putRun(session: Session, run: RunRecord): Promise<void> {
  await session.run(
    `insert into runs (id, connection_id, run_trigger, level, status, started_at, ended_at, body)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set status = excluded.status, started_at = excluded.started_at,
       ended_at = excluded.ended_at, body = excluded.body
       where runs.status in ('queued', 'running')`,
    run.id,
    run.connectionId,
    run.trigger,
    run.level,
    run.status,
    run.startedAt,
    run.endedAt,
    JSON.stringify(run),
  );
}
