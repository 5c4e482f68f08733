import { createHash } from 'node:crypto';
import { ForeknowError } from '../../errors/errors.ts';
import type { AbsenceReport, AbsentRow, Membership, Pass, Scope, ScopeRead, StreamState } from '../../sync/ports.ts';
import type { RecordStream } from '../../wire/records.ts';
import { isRecordStream, tableOf } from '../row-tables.ts';
import { type Insert, replacing, type Session, type Words } from '../session.ts';
import type { Op } from './op.ts';
import { appendChanges, bumpDirectoryVersion, type ChangeText, removeMemberships, replaceAdmins } from './pages.ts';
import { putStreamState, requireRun } from './runs.ts';
import { peopleOf, rebuildTotals, refreshTotals } from './totals.ts';

export const beginPass: Op<Pass, void> = {
  durable: false,
  run: async (session, pass) => {
    await requireRun(session, pass.connectionId, pass.runId);
    const begun = await session.run(
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
const absentFrom = (words: Words, stream: RecordStream): string => `
  from ${tableOf(stream)} as mirrored left join missed_rows as missed
    on missed.connection_id = ?1 and missed.stream = '${stream}' and missed.key = mirrored.key
  where mirrored.connection_id = ?1 and mirrored.deleted_at is null and (?2 = 'all' or mirrored.scope = ?2)
    and ${words.onNoPage('?3')}`;

export const absence: Op<string, AbsenceReport> = {
  durable: false,
  wide: true,
  run: async (session, passId) => {
    const { connectionId, stream, scope } = await passScope(session, passId);
    const all = await session.get<{ live: number }>(
      `select count(*) as live from ${tableOf(stream)} where connection_id = ?1 and deleted_at is null
         and (?2 = 'all' or scope = ?2)`,
      connectionId,
      scope,
    );
    const missing = await session.get<{ absent: number; before: number }>(
      `select count(*) as absent, count(missed.first_missed_at) as before ${absentFrom(session.words, stream)}`,
      connectionId,
      scope,
      passId,
    );
    return { live: all!.live, absent: missing!.absent, missedBefore: missing!.before };
  },
};

export const absentRows: Op<{ passId: string; after: string | null; limit: number }, readonly AbsentRow[]> = {
  durable: false,
  wide: true,
  run: async (session, { passId, after, limit }) => {
    const { connectionId, stream, scope } = await passScope(session, passId);
    const rows = await session.all<{ key: string; scope: Scope; first: string | null }>(
      `select mirrored.key as key, mirrored.scope as scope, missed.first_missed_at as first
       ${absentFrom(session.words, stream)} and mirrored.key > ?4
       order by mirrored.key limit ?5`,
      connectionId,
      scope,
      passId,
      after ?? '',
      limit,
    );
    return rows.map(({ key, scope: own, first }) => ({ key, scope: own, firstMissedAt: first }));
  },
};

const missedInsert: Insert = {
  table: 'missed_rows',
  columns: { connection_id: 'text', stream: 'text', key: 'text', first_missed_at: 'text' },
  conflict: { key: ['connection_id', 'stream', 'key'], set: 'nothing' },
};

export const noteMissed: Op<{ passId: string; keys: readonly string[]; at: string }, void> = {
  durable: false,
  run: async (session, { passId, keys, at }) => {
    const { connectionId, stream } = await passScope(session, passId);
    await session.insert(
      missedInsert,
      keys.map((key) => [connectionId, stream, key, at]),
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
  run: async (session, { connectionId, runId, stream, at, keys, changes, membershipsRemoved }) => {
    await requireRun(session, connectionId, runId);
    await session.run(
      `update ${tableOf(stream)} set deleted_at = ?1, changed_at = ?1 where connection_id = ?2 and deleted_at is null
         and ${session.words.among('key', '?3')}`,
      at,
      connectionId,
      keys,
    );
    await session.run(
      `delete from missed_rows where connection_id = ? and stream = ? and ${session.words.among('key', '?')}`,
      connectionId,
      stream,
      keys,
    );
    await removeMemberships(session, connectionId, membershipsRemoved);
    await dropDependents(session, connectionId, stream, keys);
    await refreshTotals(session, connectionId, await peopleOf(session, connectionId, stream, keys));
    await appendChanges(session, connectionId, runId, changes);
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
  wide: true,
  fills: (end) => end.rebuildTotals,
  run: async (session, end) => {
    const { connectionId } = end.state;
    await requireRun(session, connectionId, end.runId);
    await forgetPass(session, end.passId);
    await putStreamState(session, end.state);
    await putScopeReads(session, end);
    if (end.rebuildTotals) await rebuildTotals(session, connectionId);
    await appendChanges(session, connectionId, end.runId, end.changes);
  },
};

/** SHA-256 over `key digest` lines of the live rows in key order. */
export const contentDigest: Op<
  { connectionId: string; stream: RecordStream },
  { readonly rows: number; readonly digest: string }
> = {
  durable: false,
  run: async (session, { connectionId, stream }) => {
    const hash = createHash('sha256');
    let rows = 0;
    await session.walk<{ key: string; digest: string }>(
      `select key, digest from ${tableOf(stream)} where connection_id = ? and deleted_at is null order by key`,
      [connectionId],
      ({ key, digest }) => {
        hash.update(`${key} ${digest}\n`);
        rows += 1;
      },
    );
    return { rows, digest: hash.digest('hex') };
  },
};

const scopeReadInsert: Insert = {
  table: 'scope_reads',
  columns: {
    ...{ connection_id: 'text', stream: 'text', scope: 'text', completed_at: 'text', mark: 'text' },
    row_count: 'number',
  },
  conflict: { key: ['connection_id', 'stream', 'scope'], set: replacing('completed_at', 'mark', 'row_count') },
};

const putScopeReads = (session: Session, { state, scopeReads = [] }: PassEnd): Promise<void> =>
  session.insert(
    scopeReadInsert,
    scopeReads.map(({ scope, completedAt, mark, rows }) => [
      ...[state.connectionId, state.stream, scope, completedAt, mark],
      rows,
    ]),
  );

async function forgetPass(session: Session, passId: string): Promise<void> {
  await session.run('delete from pass_pages where pass_id = ?', passId);
  await session.run('delete from passes where id = ?', passId);
}

async function passScope(
  session: Session,
  passId: string,
): Promise<{ connectionId: string; stream: RecordStream; scope: Scope }> {
  const pass = await session.get<{ connection_id: string; stream: string; scope: Scope }>(
    'select connection_id, stream, scope from passes where id = ?',
    passId,
  );
  if (pass === undefined || !isRecordStream(pass.stream)) {
    throw new ForeknowError('conflict', { detail: `The pass ${passId} is not an open pass over records.` });
  }
  return { connectionId: pass.connection_id, stream: pass.stream, scope: pass.scope };
}

/** What goes with people, groups and the account. */
async function dropDependents(
  session: Session,
  connectionId: string,
  stream: RecordStream,
  keys: readonly string[],
): Promise<void> {
  const member = { users: 'user_id', groups: 'group_id' }[stream as string];
  if (member !== undefined) {
    await session.run(
      `delete from memberships where connection_id = ? and ${session.words.among(member, '?')}`,
      connectionId,
      keys,
    );
  }
  if (stream === 'account') await replaceAdmins(session, connectionId, []);
  if (stream === 'account' || stream === 'groups') await bumpDirectoryVersion(session, connectionId);
}
