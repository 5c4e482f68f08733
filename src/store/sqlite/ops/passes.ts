import { createHash } from 'node:crypto';
import { ForeknowError } from '../../../errors/errors.ts';
import type { AbsenceReport, AbsentRow, Membership, Pass, Scope, ScopeRead, StreamState } from '../../../sync/ports.ts';
import type { RecordStream } from '../../../wire/records.ts';
import { isRecordStream, tableOf } from '../../row-tables.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';
import { appendChanges, bumpDirectoryVersion, type ChangeText, removeMemberships, replaceAdmins } from './pages.ts';
import { putStreamState, requireRun } from './runs.ts';
import { peopleOf, rebuildTotals, refreshTotals } from './totals.ts';

export const beginPass: Op<Pass, void> = {
  durable: false,
  run: (session, pass) => {
    const begun = session.run(
      `insert into passes (id, connection_id, stream, scope, run_id, started_at, checkpoint, pages, row_count)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
      pass.id,
      pass.connectionId,
      pass.stream,
      pass.scope,
      pass.runId,
      pass.startedAt,
      pass.checkpoint,
      pass.pages,
      pass.rows,
    );
    if (begun > 0) return;
    throw new ForeknowError('conflict', { detail: `A pass over ${pass.stream} (${pass.scope}) is open already.` });
  },
};

export const dropPass: Op<string, void> = { durable: false, run: forgetPass };

/** Rows that are live, inside the pass's scope, and on none of its pages. `?1` connection, `?2` scope, `?3` pass. */
const absentFrom = (stream: RecordStream): string => `
  from ${tableOf(stream)} as mirrored left join missed_rows as missed
    on missed.connection_id = ?1 and missed.stream = '${stream}' and missed.key = mirrored.key
  where mirrored.connection_id = ?1 and mirrored.deleted_at is null and (?2 = 'all' or mirrored.scope = ?2)
    and mirrored.key not in (select page_key.value from pass_pages, json_each(pass_pages.keys) as page_key where pass_id = ?3)`;

export const absence: Op<string, AbsenceReport> = {
  durable: false,
  run: (session, passId) => {
    const { connectionId, stream, scope } = passScope(session, passId);
    const live = session.get<{ live: number }>(
      `select count(*) as live from ${tableOf(stream)} where connection_id = ?1 and deleted_at is null
         and (?2 = 'all' or scope = ?2)`,
      connectionId,
      scope,
    )!.live;
    const missing = session.get<{ absent: number; before: number }>(
      `select count(*) as absent, count(missed.first_missed_at) as before ${absentFrom(stream)}`,
      connectionId,
      scope,
      passId,
    )!;
    return { live, absent: missing.absent, missedBefore: missing.before };
  },
};

export const absentRows: Op<{ passId: string; after: string | null; limit: number }, readonly AbsentRow[]> = {
  durable: false,
  run: (session, { passId, after, limit }) => {
    const { connectionId, stream, scope } = passScope(session, passId);
    return session
      .all<{ key: string; scope: Scope; first: string | null }>(
        `select mirrored.key as key, mirrored.scope as scope, missed.first_missed_at as first
         ${absentFrom(stream)} and mirrored.key > ?4
         order by mirrored.key limit ?5`,
        connectionId,
        scope,
        passId,
        after ?? '',
        limit,
      )
      .map(({ key, scope: own, first }) => ({ key, scope: own, firstMissedAt: first }));
  },
};

export const noteMissed: Op<{ passId: string; keys: readonly string[]; at: string }, void> = {
  durable: false,
  run: (session, { passId, keys, at }) => {
    const { connectionId, stream } = passScope(session, passId);
    session.run(
      `insert into missed_rows (connection_id, stream, key, first_missed_at)
       select ?, ?, value, ? from json_each(?) where true on conflict do nothing`,
      connectionId,
      stream,
      at,
      JSON.stringify(keys),
    );
  },
};

export type RemovalMessage = {
  readonly connectionId: string;
  readonly runId: string;
  readonly stream: RecordStream;
  readonly at: string;
  readonly keys: readonly string[];
  readonly changes: readonly ChangeText[];
  readonly membershipsRemoved: readonly Membership[];
};

export const removeRows: Op<RemovalMessage, void> = {
  durable: true,
  run: (session, { connectionId, runId, stream, at, keys, changes, membershipsRemoved }) => {
    requireRun(session, connectionId, runId);
    const list = JSON.stringify(keys);
    session.run(
      `update ${tableOf(stream)} set deleted_at = ?1, changed_at = ?1 where connection_id = ?2 and deleted_at is null
         and key in (select value from json_each(?3))`,
      at,
      connectionId,
      list,
    );
    session.run(
      'delete from missed_rows where connection_id = ? and stream = ? and key in (select value from json_each(?))',
      connectionId,
      stream,
      list,
    );
    removeMemberships(session, connectionId, membershipsRemoved);
    dropDependents(session, connectionId, stream, list);
    refreshTotals(session, connectionId, peopleOf(session, connectionId, stream, keys));
    appendChanges(session, connectionId, runId, changes);
  },
};

export type PassEnd = {
  readonly passId: string;
  readonly runId: string;
  readonly state: StreamState;
  readonly changes: readonly ChangeText[];
  readonly scopeReads?: readonly ScopeRead[];
  readonly rebuildTotals: boolean;
};

export const endPass: Op<PassEnd, void> = {
  durable: true,
  run: (session, end) => {
    const { connectionId } = end.state;
    requireRun(session, connectionId, end.runId);
    forgetPass(session, end.passId);
    putStreamState(session, end.state);
    putScopeReads(session, end);
    appendChanges(session, connectionId, end.runId, end.changes);
    if (!end.rebuildTotals) return;
    rebuildTotals(session, connectionId);
    // The planner needs figures about the table that has just been filled; a sample is enough.
    session.db.exec('pragma analysis_limit = 1000; analyze');
  },
};

/** SHA-256 over `key digest` lines of the live rows in key order. Runs on the writer thread: it reads the whole stream. */
export const contentDigest: Op<
  { connectionId: string; stream: RecordStream },
  { readonly rows: number; readonly digest: string }
> = {
  durable: false,
  run: (session, { connectionId, stream }) => {
    const hash = createHash('sha256');
    let rows = 0;
    const live = session
      .statement(
        `select key, digest from ${tableOf(stream)} where connection_id = ? and deleted_at is null order by key`,
      )
      .iterate(connectionId);
    for (const row of live) {
      hash.update(`${row.key} ${row.digest}\n`);
      rows += 1;
    }
    return { rows, digest: hash.digest('hex') };
  },
};

function putScopeReads(session: Session, { state, scopeReads = [] }: PassEnd): void {
  const put = session.statement(
    `insert into scope_reads (connection_id, stream, scope, completed_at, mark, row_count) values (?, ?, ?, ?, ?, ?)
     on conflict (connection_id, stream, scope) do update set completed_at = excluded.completed_at, mark = excluded.mark,
       row_count = excluded.row_count`,
  );
  for (const { scope, completedAt, mark, rows } of scopeReads) {
    put.run(state.connectionId, state.stream, scope, completedAt, mark, rows);
  }
}

function forgetPass(session: Session, passId: string): void {
  session.run('delete from pass_pages where pass_id = ?', passId);
  session.run('delete from passes where id = ?', passId);
}

function passScope(session: Session, passId: string): { connectionId: string; stream: RecordStream; scope: Scope } {
  const pass = session.get<{ connection_id: string; stream: string; scope: Scope }>(
    'select connection_id, stream, scope from passes where id = ?',
    passId,
  );
  if (pass === undefined || !isRecordStream(pass.stream)) {
    throw new ForeknowError('conflict', { detail: `The pass ${passId} is not an open pass over records.` });
  }
  return { connectionId: pass.connection_id, stream: pass.stream, scope: pass.scope };
}

/** What goes with people, groups and the account. `keys` is a JSON array. */
function dropDependents(session: Session, connectionId: string, stream: RecordStream, keys: string): void {
  const member = { users: 'user_id', groups: 'group_id' }[stream as string];
  if (member !== undefined) {
    session.run(
      `delete from memberships where connection_id = ? and ${member} in (select value from json_each(?))`,
      connectionId,
      keys,
    );
  }
  if (stream === 'account') replaceAdmins(session, connectionId, []);
  if (stream === 'account' || stream === 'groups') bumpDirectoryVersion(session, connectionId);
}
