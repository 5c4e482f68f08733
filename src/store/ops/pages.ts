import { ForeknowError } from '../../errors/errors.ts';
import type { Membership, NewChange, RiskPointWrite } from '../../sync/ports.ts';
import type { StreamName } from '../../sync/streams.ts';
import type { RecordStream } from '../../wire/records.ts';
import { columnTypesOf, isRecordStream, keepsRiskTold, recordStreams, tableOf } from '../row-tables.ts';
import { type Cell, type Insert, replacing, type Session } from '../session.ts';
import type { Op } from './op.ts';
import { requireRun } from './runs.ts';
import { peopleOf, refreshTotals } from './totals.ts';

/** A change whose objects are JSON text already. */
export type ChangeText = Pick<NewChange, 'kind' | 'key' | 'at'> & {
  /** `source`: what became of a read of people. */
  readonly stream: NewChange['stream'] | 'source';
  readonly current: string | null;
  readonly previous: string | null;
  readonly about: string | null;
};

/** A page on its way to the database. */
export type PageMessage = {
  readonly connectionId: string;
  readonly runId: string;
  readonly passId: string;
  readonly stream: StreamName;
  readonly at: string;
  readonly rowKeys: readonly string[];
  /** For each row its values in the order of `rowInsert`; sorted by key. */
  readonly rows: readonly (readonly Cell[])[];
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

/** A row that was deleted comes back to life; first_seen_at stays; changed_at moves only with a change. */
function rowInsert(stream: RecordStream): Insert {
  const table = tableOf(stream);
  const own = { ...columnTypesOf(stream), ...(keepsRiskTold(stream) ? { risk_told: 'number' as const } : {}) };
  return {
    table,
    columns: {
      ...{ connection_id: 'text', key: 'text', scope: 'text', digest: 'text', seen_digest: 'text' },
      ...{ first_seen_at: 'text', changed_at: 'text' },
      ...own,
      raw: 'text',
    },
    conflict: {
      key: ['connection_id', 'key'],
      set: [
        ...replacing('scope', 'digest', 'seen_digest', ...Object.keys(own), 'raw'),
        'deleted_at = null',
        `changed_at = coalesce(excluded.changed_at, ${table}.changed_at)`,
      ],
    },
  };
}

const rowInserts = new Map(recordStreams.map((stream) => [stream, rowInsert(stream)]));

export const commitPage: Op<PageMessage, void> = {
  // A page without changes can be read again after a power cut; a change may have been told to others.
  durable: (page) => page.changes.length > 0 && !page.baseline,
  run: async (session, page) => {
    await requireRun(session, page.connectionId, page.runId);
    await advancePass(session, page);
    if (isRecordStream(page.stream) && page.rowKeys.length > 0) await writeRows(session, page.stream, page);
    if (page.adminIds !== null) await replaceAdmins(session, page.connectionId, page.adminIds);
    await writeMemberships(session, page);
    await putRiskPoints(session, page.connectionId, page.riskPoints);
    await appendChanges(session, page.connectionId, page.runId, page.changes);
  },
};

export const saveRiskPoints: Op<{ connectionId: string; points: readonly RiskPointWrite[] }, void> = {
  durable: false,
  run: (session, { connectionId, points }) => putRiskPoints(session, connectionId, points),
};

const changeInsert: Insert = {
  table: 'changes',
  columns: {
    seq: 'number',
    ...{ connection_id: 'text', run_id: 'text', kind: 'text', stream: 'text', key: 'text', at: 'text' },
    ...{ current: 'text', previous: 'text', about: 'text' },
  },
};

/**
 * Gives the changes their numbers and writes them. The counter's row stays locked until the transaction ends: numbers are
 * visible in their order, without gaps. Let it be the last thing an operation does, because others wait for it.
 */
export async function appendChanges(
  session: Session,
  connectionId: string,
  runId: string,
  changes: readonly ChangeText[],
): Promise<void> {
  if (changes.length === 0) return;
  const head = await session.get<{ seq: number }>('update log_head set seq = seq + ? returning seq', changes.length);
  const before = head!.seq - changes.length;
  await session.insert(
    changeInsert,
    changes.map(({ kind, stream, key, at, current, previous, about }, index) => [
      before + index + 1,
      ...[connectionId, runId, kind, stream, key, at],
      current,
      previous,
      about,
    ]),
  );
}

export const removeMemberships = (
  session: Session,
  connectionId: string,
  removed: readonly Membership[],
): Promise<void> =>
  session.deleteRows(
    'memberships',
    ['connection_id', 'group_id', 'user_id'],
    removed.map(({ groupId, userId }) => [connectionId, groupId, userId]),
  );

/** Tells readers that what they built from groups or the account is old. */
export async function bumpDirectoryVersion(session: Session, connectionId: string): Promise<void> {
  await session.run(
    `insert into directory_versions (connection_id, version) values (?, 1)
     on conflict (connection_id) do update set version = directory_versions.version + 1`,
    connectionId,
  );
}

async function advancePass(
  session: Session,
  { passId, stream, connectionId, seenKeys, checkpoint }: PageMessage,
): Promise<void> {
  const pass = await session.get<{ pages: number }>(
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
  const keys = session.words.jsonList(seenKeys);
  await session.run('insert into pass_pages (pass_id, page, keys) values (?, ?, ?)', passId, pass.pages, keys);
  await session.run(
    `delete from missed_rows where connection_id = ? and stream = ? and ${session.words.among('key', '?')}`,
    connectionId,
    stream,
    seenKeys,
  );
}

async function writeRows(session: Session, stream: RecordStream, page: PageMessage): Promise<void> {
  const { connectionId, rowKeys, baseline } = page;
  const before = baseline ? [] : await peopleOf(session, connectionId, stream, rowKeys);
  await session.insert(rowInserts.get(stream)!, page.rows);
  if (!baseline) {
    const after = await peopleOf(session, connectionId, stream, rowKeys);
    await refreshTotals(session, connectionId, [...new Set([...before, ...after])]);
  }
  if (stream === 'groups' || stream === 'account') await bumpDirectoryVersion(session, connectionId);
}

const adminInsert: Insert = { table: 'admins', columns: { connection_id: 'text', user_id: 'text' } };

export async function replaceAdmins(session: Session, connectionId: string, userIds: readonly string[]): Promise<void> {
  await session.run('delete from admins where connection_id = ?', connectionId);
  await session.insert(
    adminInsert,
    [...new Set(userIds)].map((userId) => [connectionId, userId]),
  );
}

const membershipInsert: Insert = {
  table: 'memberships',
  columns: { connection_id: 'text', group_id: 'text', user_id: 'text' },
  conflict: { key: ['connection_id', 'group_id', 'user_id'], set: 'nothing' },
};

async function writeMemberships(session: Session, page: PageMessage): Promise<void> {
  const { connectionId, membershipsAdded, membershipsRemoved } = page;
  await session.insert(
    membershipInsert,
    membershipsAdded.map(({ groupId, userId }) => [connectionId, groupId, userId]),
  );
  await removeMemberships(session, connectionId, membershipsRemoved);
}

const riskPointInsert: Insert = {
  table: 'risk_points',
  columns: { connection_id: 'text', subject: 'text', subject_id: 'text', date: 'text', risk_score: 'number' },
  conflict: { key: ['connection_id', 'subject', 'subject_id', 'date'], set: replacing('risk_score') },
};

const putRiskPoints = (session: Session, connectionId: string, points: readonly RiskPointWrite[]): Promise<void> =>
  session.insert(
    riskPointInsert,
    points.map(({ subject, id, date, riskScore }) => [connectionId, subject, id, date, riskScore]),
  );
