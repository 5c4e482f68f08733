import type { UnifiedCourseEnrollment } from '../model/training.ts';
import { toCourseEnrollment, vendorStatus } from '../model/training-from-wire.ts';
import type { TrainingCampaignRecord } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, envelope, type Listed, listed, type Shown } from './answer.ts';
import { invalid, readCondition } from './fields.ts';
import { deletedFilter } from './filters.ts';
import { cursorsOf, type FieldReader, type ListInput, type ListSpec, readFlags, readListQuery } from './list-query.ts';
import type { Condition, DirectoryRow, DirectoryStore, EnrollmentFilter } from './ports.ts';
import { byPlace, distinct, readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';

type Deps = { readonly store: DirectoryStore; readonly cursorKey: Uint8Array };

/** Courses as the caller names them: which enrollments are in them is found out in the store. */
type Asked = Omit<EnrollmentFilter, 'connectionIds' | 'courses'> & { readonly courseIds?: readonly string[] };
type Texts = Condition<string>;

const texts = (name: string, value: unknown): Texts => readCondition(name, 'text', value) as Texts;
const instants = (name: string, value: unknown): Texts => readCondition(name, 'instant', value) as Texts;

function choice(name: string, value: unknown): readonly string[] {
  const { eq, in: among, ...others } = texts(name, value);
  if (Object.keys(others).length > 0) throw invalid(name, 'takes eq and in');
  return typeof eq === 'string' ? [eq] : (among ?? []);
}

/** `unknown` is a status that KnowBe4 does not tell. */
const status: FieldReader<Asked> = (name, value) => {
  const words = choice(name, value).map(vendorStatus);
  if (words.length === 1 && words[0] === null) return { status: { eq: null } };
  return { status: { in: words.filter((word) => word !== null) } };
};

export const enrollmentsSpec: ListSpec<Asked, 'id'> = {
  resource: 'course-enrollments',
  filters: {
    id: (name, value) => ({ id: texts(name, value) }),
    user_id: (name, value) => ({ userId: texts(name, value) }),
    course_id: (name, value) => ({ courseIds: choice(name, value) }),
    status,
    enrolled_at: (name, value) => ({ enrolledAt: instants(name, value) }),
    completed_at: (name, value) => ({ completedAt: instants(name, value) }),
    x_campaign_id: (name, value) => ({ campaignId: texts(name, value) }),
    x_deleted: deletedFilter,
  },
  sorts: { id: 'id' },
  hasFlags: true,
};

export const listEnrollments =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const query = readListQuery(enrollmentsSpec, input, cursorKey);
    const { courseIds, ...filter } = query.filter;
    const { completeAt } = await store.stamp(connectionId);
    const courses = courseIds === undefined ? {} : { courses: await coursesNamed(store, connectionId, courseIds) };
    const page = await store.listEnrollments({ ...filter, ...courses }, query.sort.order, query.keyset);
    const rows = await store.enrollmentRows(
      connectionId,
      page.rows.map(({ key }) => key),
    );
    const found = page.rows.map(byPlace(rows)).filter((row) => row !== undefined);
    return listed(
      await show(store, connectionId, found),
      query.flags,
      envelope(cursorsOf(page, query, cursorKey), completeAt.enrollments ?? null, false),
    );
  };

export const getEnrollment =
  ({ store }: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const connectionId = oneConnection(connectionIds);
    const flags = readFlags(query);
    const [shown] = await show(store, connectionId, await store.enrollmentRows(connectionId, [id]));
    if (shown === undefined) throw notFound('course enrollment', id);
    return alone(shown, flags);
  };

async function coursesNamed(
  store: DirectoryStore,
  connectionId: string,
  ids: readonly string[],
): Promise<NonNullable<EnrollmentFilter['courses']>> {
  const partsOf = (kind: string) => ids.flatMap((id) => new RegExp(`^${kind}:(\\d{1,18})$`).exec(id)?.[1] ?? []);
  const policies = await store.contentRows(connectionId, 'policies', partsOf('policy'));
  const names = policies.map((row) => readRow(row, recordReaders.policies).record.name);
  return [
    ...partsOf('store_purchase').map((purchaseId) => ({ purchaseId })),
    ...names.flatMap((policyName) => (policyName === null ? [] : { policyName })),
  ];
}

async function show(
  store: DirectoryStore,
  connectionId: string,
  rows: readonly DirectoryRow[],
): Promise<readonly Shown<UnifiedCourseEnrollment>[]> {
  const read = rows.map((row) => ({ row, ...readRow(row, recordReaders.enrollments) }));
  const campaignIds = distinct(read.flatMap(({ record }) => record.campaignId ?? []));
  const hasPolicies = read.some(({ record }) => record.contentType === 'Uploaded Policy');
  const [campaigns, policyIds] = await Promise.all([
    campaignsOf(store, connectionId, campaignIds),
    hasPolicies ? policyIdsByName(store, connectionId) : new Map<string, string>(),
  ]);
  return read.map(({ row, record, raw }) => {
    const campaign = record.campaignId === null ? null : (campaigns.get(record.campaignId) ?? null);
    const isPolicy = record.contentType === 'Uploaded Policy' && record.moduleName !== null;
    const policyId = isPolicy ? (policyIds.get(record.moduleName!) ?? null) : null;
    return { unified: toCourseEnrollment(record, { campaign, policyId }, row), record, raw };
  });
}

async function campaignsOf(
  store: DirectoryStore,
  connectionId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TrainingCampaignRecord>> {
  const rows = await store.contentRows(connectionId, 'training_campaigns', ids);
  return new Map(rows.map((row) => [row.key, readRow(row, recordReaders.training_campaigns).record]));
}

/** Policies by their names; two of one name name none. */
async function policyIdsByName(store: DirectoryStore, connectionId: string): Promise<ReadonlyMap<string, string>> {
  const policies = (await store.contentRows(connectionId, 'policies'))
    .filter(({ deletedAt }) => deletedAt === null)
    .map((row) => readRow(row, recordReaders.policies).record);
  const named = Map.groupBy(policies, ({ name }) => name);
  return new Map([...named].flatMap(([name, [one, another]]) => (name !== null && !another ? [[name, one!.id]] : [])));
}
