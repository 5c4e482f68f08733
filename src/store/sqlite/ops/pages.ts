import { ForeknowError } from '../../../errors/errors.ts';
import type { Membership, NewChange, RiskPointWrite } from '../../../sync/ports.ts';
import type { StreamName } from '../../../sync/streams.ts';
import type { RecordStream } from '../../../wire/records.ts';
import { type ColumnValue, columnNamesOf, isRecordStream, tableOf } from '../../row-tables.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';
import { requireRun } from './runs.ts';
import { peopleOf, refreshTotals } from './totals.ts';

/** A change whose objects are JSON text already. */
export type ChangeText = Pick<NewChange, 'kind' | 'stream' | 'key' | 'at'> & {
  readonly current: string | null;
  readonly previous: string | null;
};

/** A page on its way to the writer. */
export type PageMessage = {
  readonly connectionId: string;
  readonly runId: string;
  readonly passId: string;
  readonly stream: StreamName;
  readonly at: string;
  readonly rowKeys: readonly string[];
  /** JSON: for each row its values in the order of `rowColumns`; sorted by key. */
  readonly rows: string;
  readonly seenKeys: readonly string[];
  readonly changes: readonly ChangeText[];
  readonly membershipsAdded: readonly Membership[];
  readonly membershipsRemoved: readonly Membership[];
  /** The account's admins when the page holds the account row, else null. */
  readonly adminIds: readonly string[] | null;
  readonly riskPoints: readonly RiskPointWrite[];
  readonly checkpoint: string | null;
  readonly baseline: boolean;
};

/** Columns of a mirrored row in the order in which `PageMessage.rows` has its values. */
const rowColumns = (stream: RecordStream): readonly string[] => [
  'connection_id',
  'key',
  'scope',
  'digest',
  'seen_digest',
  'first_seen_at',
  'changed_at',
  ...columnNamesOf(stream),
  'raw',
];

export const commitPage: Op<PageMessage, void> = {
  // A page without changes can be read again after a power cut; a change may have been told to others.
  durable: (page) => page.changes.length > 0 && !page.baseline,
  run: (session, page) => {
    requireRun(session, page.connectionId, page.runId);
    advancePass(session, page);
    if (isRecordStream(page.stream) && page.rowKeys.length > 0) writeRows(session, page.stream, page);
    if (page.adminIds !== null) replaceAdmins(session, page.connectionId, page.adminIds);
    writeMemberships(session, page);
    appendChanges(session, page.connectionId, page.runId, page.changes);
    putRiskPoints(session, page.connectionId, page.riskPoints);
  },
};

export const saveRiskPoints: Op<{ connectionId: string; points: readonly RiskPointWrite[] }, void> = {
  durable: false,
  run: (session, { connectionId, points }) => putRiskPoints(session, connectionId, points),
};

export function appendChanges(
  session: Session,
  connectionId: string,
  runId: string,
  changes: readonly ChangeText[],
): void {
  const insert = session.statement(
    `insert into changes (connection_id, run_id, kind, stream, key, at, current, previous)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { kind, stream, key, at, current, previous } of changes) {
    insert.run(connectionId, runId, kind, stream, key, at, current, previous);
  }
}

export function removeMemberships(session: Session, connectionId: string, removed: readonly Membership[]): void {
  const remove = session.statement('delete from memberships where connection_id = ? and group_id = ? and user_id = ?');
  for (const { groupId, userId } of removed) remove.run(connectionId, groupId, userId);
}

/** Tells readers that what they built from groups or the account is old. */
export function bumpDirectoryVersion(session: Session, connectionId: string): void {
  session.run(
    `insert into directory_versions (connection_id, version) values (?, 1)
     on conflict (connection_id) do update set version = directory_versions.version + 1`,
    connectionId,
  );
}

function advancePass(session: Session, { passId, stream, connectionId, seenKeys, checkpoint }: PageMessage): void {
  const pass = session.get<{ pages: number }>(
    `update passes set checkpoint = ?, pages = pages + 1, row_count = row_count + ?
     where id = ? and connection_id = ? and stream = ? returning pages`,
    checkpoint,
    seenKeys.length,
    passId,
    connectionId,
    stream,
  );
  if (pass === undefined) {
    throw new ForeknowError('conflict', { detail: `The pass ${passId} over ${stream} is not open.` });
  }
  const keys = JSON.stringify(seenKeys);
  session.run('insert into pass_pages (pass_id, page, keys) values (?, ?, ?)', passId, pass.pages, keys);
  session.run(
    'delete from missed_rows where connection_id = ? and stream = ? and key in (select value from json_each(?))',
    connectionId,
    stream,
    keys,
  );
}

function writeRows(session: Session, stream: RecordStream, page: PageMessage): void {
  const { connectionId, rowKeys, baseline } = page;
  const people = baseline ? new Set<string>() : peopleOf(session, connectionId, stream, rowKeys);
  const upsert = session.statement(upsertSql(stream));
  for (const values of JSON.parse(page.rows) as readonly (readonly ColumnValue[])[]) upsert.run(...values);
  if (!baseline) {
    for (const userId of peopleOf(session, connectionId, stream, rowKeys)) people.add(userId);
    refreshTotals(session, connectionId, people);
  }
  if (stream === 'groups' || stream === 'account') bumpDirectoryVersion(session, connectionId);
}

/** A row that was deleted comes back to life; first_seen_at stays; changed_at moves only with a change. */
function upsertSql(stream: RecordStream): string {
  const table = tableOf(stream);
  const columns = rowColumns(stream);
  const kept = ['connection_id', 'key', 'first_seen_at', 'changed_at'];
  const replaced = columns.filter((column) => !kept.includes(column)).map((column) => `${column} = excluded.${column}`);
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
    on conflict (connection_id, key) do update set ${replaced.join(', ')}, deleted_at = null,
      changed_at = coalesce(excluded.changed_at, ${table}.changed_at)`;
}

export function replaceAdmins(session: Session, connectionId: string, userIds: readonly string[]): void {
  session.run('delete from admins where connection_id = ?', connectionId);
  for (const userId of new Set(userIds)) {
    session.run('insert into admins (connection_id, user_id) values (?, ?)', connectionId, userId);
  }
}

function writeMemberships(session: Session, page: PageMessage): void {
  const add = session.statement(
    'insert into memberships (connection_id, group_id, user_id) values (?, ?, ?) on conflict do nothing',
  );
  for (const { groupId, userId } of page.membershipsAdded) add.run(page.connectionId, groupId, userId);
  removeMemberships(session, page.connectionId, page.membershipsRemoved);
}

function putRiskPoints(session: Session, connectionId: string, points: readonly RiskPointWrite[]): void {
  const put = session.statement(
    `insert into risk_points (connection_id, subject, subject_id, date, risk_score) values (?, ?, ?, ?, ?)
     on conflict (connection_id, subject, subject_id, date) do update set risk_score = excluded.risk_score`,
  );
  for (const { subject, id, date, riskScore } of points) put.run(connectionId, subject, id, date, riskScore);
}
