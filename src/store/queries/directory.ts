import { type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  ContentStream,
  DirectoryRow,
  DirectoryStore,
  EnrollmentFilter,
  GroupFilter,
  GroupSort,
  PersonTotals,
  Slice,
  Sliced,
  UserFilter,
  UserSort,
} from '../../directory/ports.ts';
import type { Database, PersonTotalsTable, RowHead } from '../schema.ts';
import { contains, every, isAmong, lowerCased, matching } from './conditions.ts';
import { type RefRow, readPage, type SortValue } from './keyset.ts';

/** The directory's reads of the mirror, in SQL that SQLite and Postgres both read; the revision is each driver's own. */
export const directoryReads = (db: Kysely<Database>): Omit<DirectoryStore, 'revision'> => ({
  listUsers: (filter, { by, order }, keyset) =>
    readPage(userSorts[by], order, keyset, filter.connectionIds.length === 1, ({ where, orderBy, limit }) =>
      db
        .selectFrom('user_rows as rows')
        .leftJoin('person_totals as totals', (join) =>
          join.onRef('totals.connection_id', '=', 'rows.connection_id').onRef('totals.user_id', '=', 'rows.key'),
        )
        .select(['rows.connection_id', 'rows.key'])
        .select([userStamp.as('stamp'), sortValueOf(userSorts[by]).as('sort_value')])
        .where(every([...userConditions(filter), where]))
        .orderBy(orderBy)
        .limit(limit)
        .execute(),
    ),

  listGroups: (filter, { by, order }, keyset) =>
    readPage(groupSorts[by], order, keyset, filter.connectionIds.length === 1, ({ where, orderBy, limit }) =>
      db
        .selectFrom('group_rows as rows')
        .select(['rows.connection_id', 'rows.key'])
        .select([rowStamp.as('stamp'), sortValueOf(groupSorts[by]).as('sort_value')])
        .where(every([...groupConditions(filter), where]))
        .orderBy(orderBy)
        .limit(limit)
        .execute(),
    ),

  async userRows(connectionIds, keys) {
    const rows = await db
      .selectFrom('user_rows as rows')
      .leftJoin('person_totals as totals', (join) =>
        join.onRef('totals.connection_id', '=', 'rows.connection_id').onRef('totals.user_id', '=', 'rows.key'),
      )
      .select(rowColumns)
      .select([userStamp.as('stamp'), 'totals.last_completed_at'])
      .where('rows.connection_id', 'in', connectionIds)
      .where('rows.key', 'in', keys)
      .execute();
    return rows.map((row) => ({ ...asRow(row), lastLearningAt: row.last_completed_at }));
  },

  async groupRows(connectionIds, keys) {
    const rows = await db
      .selectFrom('group_rows as rows')
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', 'in', connectionIds)
      .where('rows.key', 'in', keys)
      .execute();
    return rows.map(asRow);
  },

  async accountRow(connectionId) {
    const row = await db
      .selectFrom('account_rows as rows')
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', '=', connectionId)
      .executeTakeFirst();
    return row === undefined ? null : asRow(row);
  },

  async groupNames(connectionId) {
    const rows = await db
      .selectFrom('group_rows')
      .select(['key', 'name'])
      .where('connection_id', '=', connectionId)
      .where('deleted_at', 'is', null)
      .where('name', 'is not', null)
      .execute();
    return new Map(rows.map(({ key, name }) => [key, name!]));
  },

  async stamp(connectionId) {
    const [versions, streams] = await Promise.all([
      db.selectFrom('directory_versions').select('version').where('connection_id', '=', connectionId).execute(),
      db
        .selectFrom('stream_states')
        .select(['stream', 'last_complete_at'])
        .where('connection_id', '=', connectionId)
        .where('last_complete_at', 'is not', null)
        .execute(),
    ]);
    return {
      version: Number(versions[0]?.version ?? 0),
      completeAt: Object.fromEntries(streams.map(({ stream, last_complete_at }) => [stream, last_complete_at!])),
    };
  },

  async totals(connectionIds, userIds) {
    const rows = await db
      .selectFrom('person_totals')
      .selectAll()
      .where('connection_id', 'in', connectionIds)
      .where('user_id', 'in', userIds)
      .execute();
    return rows.map(asTotals);
  },

  async enrollmentsOf(connectionId, userId) {
    const rows = await db
      .selectFrom('enrollment_rows as rows')
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', '=', connectionId)
      .where('rows.user_id', '=', userId)
      .where('rows.deleted_at', 'is', null)
      .orderBy(sql`coalesce(rows.enrollment_date, '') desc, rows.key desc`)
      .execute();
    return rows.map(asRow);
  },

  async recipientsOf(connectionId, userId, limit) {
    const rows = await db
      .selectFrom('recipient_rows as rows')
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', '=', connectionId)
      .where('rows.user_id', '=', userId)
      .where('rows.deleted_at', 'is', null)
      .orderBy(sql`coalesce(rows.delivered_at, '') desc, rows.key desc`)
      .limit(limit)
      .execute();
    return rows.map(asRow);
  },

  listEnrollments: (filter, order, keyset) =>
    readPage(byKey, order, keyset, filter.connectionIds.length === 1, ({ where, orderBy, limit }) =>
      db
        .selectFrom('enrollment_rows as rows')
        .select(['rows.connection_id', 'rows.key'])
        .select([rowStamp.as('stamp'), sortValueOf(byKey).as('sort_value')])
        .where(every([...enrollmentConditions(filter), where]))
        .orderBy(orderBy)
        .limit(limit)
        .execute(),
    ),

  async enrollmentRows(connectionId, keys) {
    if (keys.length === 0) return [];
    const rows = await db
      .selectFrom('enrollment_rows as rows')
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', '=', connectionId)
      .where('rows.key', 'in', keys)
      .execute();
    return rows.map(asRow);
  },

  async contentRows(connectionId, stream, keys) {
    if (keys?.length === 0) return [];
    const all = db
      .selectFrom(`${contentTables[stream] as 'policy_rows'} as rows`)
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .where('rows.connection_id', '=', connectionId);
    const rows = await (keys === undefined ? all : all.where('rows.key', 'in', keys)).execute();
    return rows.map(asRow);
  },

  async countUsers(filter) {
    const { count } = await db
      .selectFrom('user_rows as rows')
      .leftJoin('person_totals as totals', (join) =>
        join.onRef('totals.connection_id', '=', 'rows.connection_id').onRef('totals.user_id', '=', 'rows.key'),
      )
      .select(countAll)
      .where(every(userConditions(filter)))
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  async countGroups(filter) {
    const { count } = await db
      .selectFrom('group_rows as rows')
      .select(countAll)
      .where(every(groupConditions(filter)))
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  trainingCampaigns: (connectionId, slice) =>
    readSlice(db, 'training_campaign_rows', 'start_date', connectionId, slice),

  securityTests: (connectionId, slice) => readSlice(db, 'security_test_rows', 'started_at', connectionId, slice),

  async enrollmentCounts(connectionId, campaignIds) {
    if (campaignIds.length === 0) return [];
    const rows = await db
      .selectFrom('enrollment_rows as rows')
      .select(['rows.campaign_id', 'rows.status'])
      .select(countAll)
      .where('rows.connection_id', '=', connectionId)
      .where('rows.deleted_at', 'is', null)
      .where(
        'rows.scope',
        'in',
        campaignIds.map((id) => `campaign:${id}`),
      )
      .groupBy(['rows.campaign_id', 'rows.status'])
      .execute();
    return rows.map(({ campaign_id, status, count }) => ({ campaignId: campaign_id!, status, count: Number(count) }));
  },

  async riskPoints(connectionId, subject, id) {
    const rows = await db
      .selectFrom('risk_points')
      .select(['date', 'risk_score'])
      .where('connection_id', '=', connectionId)
      .where('subject', '=', subject)
      .where('subject_id', '=', id)
      .orderBy('date')
      .execute();
    return rows.map(({ date, risk_score }) => ({ date, riskScore: risk_score }));
  },
});

const countAll = sql<number | string>`count(*)`.as('count');

/** Live rows of a short list, the newest by a time first. */
async function readSlice(
  db: Kysely<Database>,
  table: 'training_campaign_rows' | 'security_test_rows',
  time: string,
  connectionId: string,
  { offset, limit }: Slice,
): Promise<Sliced> {
  const live = db
    .selectFrom(`${table as 'security_test_rows'} as rows`)
    .where('rows.connection_id', '=', connectionId)
    .where('rows.deleted_at', 'is', null);
  const [rows, { count }] = await Promise.all([
    live
      .select(rowColumns)
      .select(rowStamp.as('stamp'))
      .orderBy(sql`coalesce(${col(time)}, '') desc, rows.key desc`)
      .offset(offset)
      .limit(limit)
      .execute(),
    live.select(countAll).executeTakeFirstOrThrow(),
  ]);
  return { rows: rows.map(asRow), total: Number(count) };
}

const col = (name: string): RawBuilder<string | number | null> => sql.ref(`rows.${name}`);

const rowColumns = [
  'rows.connection_id',
  'rows.key',
  'rows.raw',
  'rows.first_seen_at',
  'rows.changed_at',
  'rows.deleted_at',
] as const;

/** Moves whenever anything that is shown of the row moves. */
const rowStamp = sql<string>`rows.seen_digest || ' ' || coalesce(rows.changed_at, '') || ' ' || coalesce(rows.deleted_at, '')`;
const userStamp = sql<string>`${rowStamp} || ' ' || coalesce(totals.last_completed_at, '')`;

/** Archived is `inactive`; a row that is gone is `deleted` whatever it said last. */
const unifiedStatus = sql`case when rows.deleted_at is not null then 'deleted' when rows.status = 'archived' then 'inactive'
  else rows.status end`;
const userUpdatedAt = sql`coalesce(rows.changed_at, rows.joined_on)`;
const groupUpdatedAt = sql`coalesce(rows.changed_at, rows.first_seen_at)`;
const lastActiveAt = sql`case when totals.last_completed_at is null or rows.last_sign_in >= totals.last_completed_at
  then rows.last_sign_in else totals.last_completed_at end`;

const byKey: SortValue = { value: null, nullable: false };
const by = (value: RawBuilder<unknown>): SortValue => ({ value, nullable: true });

const userSorts: Readonly<Record<UserSort, SortValue>> = {
  id: byKey,
  created_at: by(col('joined_on')),
  updated_at: by(userUpdatedAt),
  email: by(col('email')),
  first_name: by(col('first_name')),
  name: by(col('name')),
  status: by(unifiedStatus),
  last_login_at: by(col('last_sign_in')),
  last_active_at: by(lastActiveAt),
  risk_score: by(col('risk_score')),
};

const groupSorts: Readonly<Record<GroupSort, SortValue>> = {
  id: byKey,
  name: by(col('name')),
  created_at: { value: col('first_seen_at'), nullable: false },
  updated_at: { value: groupUpdatedAt, nullable: false },
};

const sortValueOf = ({ value }: SortValue) => sql<RefRow['sort_value']>`${value ?? sql`null`}`;

function userConditions(filter: UserFilter): readonly RawBuilder<boolean>[] {
  return [
    isAmong(col('connection_id'), filter.connectionIds),
    ...(filter.nothing === true ? [sql<boolean>`1 = 0`] : []),
    ...deletedCondition(filter.deleted),
    ...matching(col('key'), filter.id),
    ...matching(col('email'), lowerCased(filter.email)),
    ...matching(col('first_name'), filter.firstName),
    ...matching(col('last_name'), filter.lastName),
    ...matching(col('name'), filter.name),
    ...matching(unifiedStatus, filter.status),
    ...matching(col('joined_on'), filter.createdAt),
    ...matching(userUpdatedAt, filter.updatedAt),
    ...matching(col('department'), filter.department),
    ...matching(col('division'), filter.division),
    ...matching(col('location'), filter.location),
    ...matching(col('manager_email'), lowerCased(filter.managerEmail)),
    ...matching(col('risk_score'), filter.riskScore),
    ...matching(col('phish_prone_percent'), filter.phishPronePercent),
    ...(filter.groupId === undefined ? [] : [inGroups(filter)]),
    ...(filter.admin === undefined ? [] : [adminCondition(filter.admin)]),
    ...(filter.overdue === undefined ? [] : [overdueCondition(filter.overdue)]),
    ...(filter.failedTest === undefined ? [] : [failedTestCondition(filter.connectionIds, filter.failedTest)]),
    ...(filter.trained === undefined ? [] : [trainedCondition(filter.trained)]),
    ...(filter.failedSince === undefined ? [] : [sql<boolean>`totals.last_failed_at >= ${filter.failedSince}`]),
    ...(filter.search === undefined ? [] : [searchCondition(filter.search)]),
  ];
}

function groupConditions(filter: GroupFilter): readonly RawBuilder<boolean>[] {
  return [
    isAmong(col('connection_id'), filter.connectionIds),
    ...(filter.nothing === true ? [sql<boolean>`1 = 0`] : []),
    ...deletedCondition(filter.deleted),
    ...matching(col('key'), filter.id),
    ...matching(col('name'), filter.name),
    ...matching(col('group_type'), filter.groupType),
    ...matching(col('status'), filter.status),
    ...matching(col('first_seen_at'), filter.createdAt),
    ...matching(groupUpdatedAt, filter.updatedAt),
    ...(filter.userId === undefined ? [] : [withMembers(filter)]),
  ];
}

function enrollmentConditions(filter: EnrollmentFilter): readonly RawBuilder<boolean>[] {
  return [
    isAmong(col('connection_id'), filter.connectionIds),
    ...(filter.nothing === true ? [sql<boolean>`1 = 0`] : []),
    ...deletedCondition(filter.deleted),
    ...matching(col('key'), filter.id),
    ...matching(col('user_id'), filter.userId),
    ...matching(col('campaign_id'), filter.campaignId),
    ...matching(col('status'), filter.status),
    ...matching(col('enrollment_date'), filter.enrolledAt),
    ...matching(col('completion_date'), filter.completedAt),
    ...(filter.courses === undefined ? [] : [inCourses(filter.courses)]),
  ];
}

/** The course of an enrollment has no column: it is looked for in the object, whose quotes inside of texts are escaped. */
function inCourses(courses: NonNullable<EnrollmentFilter['courses']>): RawBuilder<boolean> {
  if (courses.length === 0) return sql<boolean>`1 = 0`;
  const holds = (text: string) => sql<boolean>`rows.raw <> replace(rows.raw, ${text}, '')`;
  const one = (course: (typeof courses)[number]) => {
    if ('policyName' in course) {
      const policy = [
        holds('"content_type":"Uploaded Policy"'),
        holds(`"module_name":${JSON.stringify(course.policyName)}`),
      ];
      return sql<boolean>`(${sql.join(policy, sql` and `)})`;
    }
    const id = `"store_purchase_id":`;
    const spellings = [`${id}${course.purchaseId},`, `${id}${course.purchaseId}}`, `${id}"${course.purchaseId}"`];
    return sql.join(spellings.map(holds), sql` or `);
  };
  return sql<boolean>`(${sql.join(courses.map(one), sql` or `)})`;
}

const contentTables: Readonly<Record<ContentStream, string>> = {
  store_purchases: 'store_purchase_rows',
  policies: 'policy_rows',
  training_campaigns: 'training_campaign_rows',
};

function deletedCondition(deleted: UserFilter['deleted']): readonly RawBuilder<boolean>[] {
  if (deleted === 'show') return [];
  return [deleted === 'only' ? sql<boolean>`rows.deleted_at is not null` : sql<boolean>`rows.deleted_at is null`];
}

const inGroups = ({ connectionIds, groupId }: UserFilter): RawBuilder<boolean> =>
  sql<boolean>`(rows.connection_id, rows.key) in (select m.connection_id, m.user_id from memberships as m
    where ${every([isAmong(sql.ref('m.connection_id'), connectionIds), ...matching(sql.ref('m.group_id'), groupId)])})`;

const withMembers = ({ connectionIds, userId }: GroupFilter): RawBuilder<boolean> =>
  sql<boolean>`(rows.connection_id, rows.key) in (select m.connection_id, m.group_id from memberships as m
    where ${every([isAmong(sql.ref('m.connection_id'), connectionIds), ...matching(sql.ref('m.user_id'), userId)])})`;

const adminCondition = (admin: boolean): RawBuilder<boolean> =>
  sql<boolean>`${sql.raw(admin ? 'exists' : 'not exists')} (select 1 from admins as a
    where a.connection_id = rows.connection_id and a.user_id = rows.key)`;

const overdueCondition = (overdue: boolean): RawBuilder<boolean> =>
  overdue ? sql<boolean>`totals.overdue > 0` : sql<boolean>`coalesce(totals.overdue, 0) = 0`;

const trainedCondition = (trained: boolean): RawBuilder<boolean> =>
  trained ? sql<boolean>`totals.completed > 0` : sql<boolean>`coalesce(totals.completed, 0) = 0`;

const failedTestCondition = (connectionIds: readonly string[], testKey: string): RawBuilder<boolean> =>
  sql<boolean>`(rows.connection_id, rows.key) in (select f.connection_id, f.user_id from recipient_rows as f
    where ${isAmong(sql.ref('f.connection_id'), connectionIds)} and f.scope = ${`test:${testKey}`}
    and f.failed_at is not null and f.deleted_at is null)`;

const searchCondition = (text: string): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(
    ['name', 'email', 'employee_number'].map((name) => contains(col(name), text)),
    sql` or `,
  )})`;

const asRow = (
  row: Pick<RowHead, 'connection_id' | 'key' | 'raw' | 'first_seen_at' | 'changed_at' | 'deleted_at'> & {
    stamp: string;
  },
): DirectoryRow => ({
  connectionId: row.connection_id,
  key: row.key,
  stamp: row.stamp,
  raw: row.raw,
  firstSeenAt: row.first_seen_at,
  changedAt: row.changed_at,
  deletedAt: row.deleted_at,
});

const asTotals = (row: PersonTotalsTable): PersonTotals => ({
  connectionId: row.connection_id,
  userId: row.user_id,
  training: {
    enrolled: row.enrolled,
    notStarted: row.not_started,
    inProgress: row.in_progress,
    completed: row.completed,
    overdue: row.overdue,
    lastCompletedAt: row.last_completed_at,
  },
  phishing: {
    delivered: row.delivered,
    failed: row.failed,
    reported: row.reported,
    lastFailedAt: row.last_failed_at,
    lastDeliveredAt: row.last_delivered_at,
  },
});
