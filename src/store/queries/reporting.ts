import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { KeptRow, ReportingStore, RowsWanted } from '../../reporting/ports.ts';
import type { RecordStream } from '../../wire/records.ts';
import { tableOf } from '../row-tables.ts';
import type { Database } from '../schema.ts';
import { every } from './conditions.ts';

type Row = { key: string; raw: string; first_seen_at: string; deleted_at: string | null };

/** Reads for answers in the shapes of KnowBe4, in SQL that SQLite and Postgres both read: a page is one walk along the primary key. */
export const reportingReads = (db: Kysely<Database>): ReportingStore => ({
  async completeAt(connectionId, stream, scope) {
    const row = await db
      .selectFrom('scope_reads')
      .select('completed_at')
      .where('connection_id', '=', connectionId)
      .where('stream', '=', stream)
      .where('scope', '=', scope)
      .executeTakeFirst();
    return row?.completed_at ?? null;
  },

  async keptRows(wanted) {
    const rows = await rowsOf(db, wanted.stream)
      .where(every(conditionsOf(wanted)))
      .orderBy('rows.key')
      .offset(wanted.offset)
      .limit(wanted.limit)
      .execute();
    return rows.map(asKept);
  },

  async keptRow(connectionId, stream, key) {
    const row = await rowsOf(db, stream)
      .where('rows.connection_id', '=', connectionId)
      .where('rows.key', '=', key)
      .executeTakeFirst();
    return row === undefined ? null : asKept(row);
  },

  async everEnrolled(connectionId, campaignIds) {
    const enrolled = new Map(campaignIds.map((id) => [id, new Set<string>()]));
    if (campaignIds.length === 0) return enrolled;
    const state = await db
      .selectFrom('stream_states')
      .select('last_complete_at')
      .where('connection_id', '=', connectionId)
      .where('stream', '=', 'enrollments')
      .executeTakeFirst();
    if (!state?.last_complete_at) return null;
    // Looked through once: an account may have millions.
    const rows = await db
      .selectFrom('enrollment_rows')
      .select(['campaign_id', 'user_id'])
      .distinct()
      .where('connection_id', '=', connectionId)
      .where((row) => row.or([row('campaign_id', 'in', campaignIds), row('campaign_id', 'is', null)]))
      .execute();
    for (const { campaign_id: id, user_id: userId } of rows) {
      if (id === null) return null;
      if (userId !== null) enrolled.get(id)?.add(userId);
    }
    return enrolled;
  },

  async keptPeople(connectionId, ids) {
    if (ids.length === 0) return [];
    const rows = await rowsOf(db, 'users')
      .where('rows.connection_id', '=', connectionId)
      .where('rows.key', 'in', ids)
      .where('rows.deleted_at', 'is', null)
      .execute();
    return rows.map(asKept);
  },
});

/** Tables of rows share one head, which is all that is selected of them. */
const rowsOf = (db: Kysely<Database>, stream: RecordStream) =>
  db
    .selectFrom(`${tableOf(stream) as 'user_rows'} as rows`)
    .select(['rows.key', 'rows.raw', 'rows.first_seen_at', 'rows.deleted_at']);

const asKept = ({ key, raw, first_seen_at, deleted_at }: Row): KeptRow => ({
  ...{ key, raw, firstSeenAt: first_seen_at, deletedAt: deleted_at },
});

const isEqual = (column: string, value: string | undefined): readonly RawBuilder<boolean>[] =>
  value === undefined ? [] : [sql<boolean>`${sql.ref(`rows.${column}`)} = ${value}`];

function conditionsOf(wanted: RowsWanted): readonly RawBuilder<boolean>[] {
  const { connectionId, keys, after, groupId } = wanted;
  return [
    ...isEqual('connection_id', connectionId),
    sql<boolean>`rows.deleted_at is null`,
    ...(keys === undefined ? [] : [sql<boolean>`rows.key >= ${keys.from} and rows.key < ${keys.to}`]),
    ...(after === null ? [] : [sql<boolean>`rows.key > ${after}`]),
    ...isEqual('status', wanted.status),
    ...isEqual('campaign_key', wanted.campaignKey),
    ...isEqual('user_id', wanted.userId),
    ...(groupId === undefined
      ? []
      : [
          sql<boolean>`rows.key in (select m.user_id from memberships as m
            where m.connection_id = ${connectionId} and m.group_id = ${groupId})`,
        ]),
  ];
}
