import { ForeknowError } from '../errors/errors.ts';
import type { Surroundings } from '../model/from-wire.ts';
import type { Person, PersonDetail } from '../model/person.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { type Envelope, envelope } from './answer.ts';
import { personFilters, personSorts } from './filters.ts';
import { cursorsOf, type ListInput, type ListSpec, readListQuery } from './list-query.ts';
import { type PersonPart, toPerson, toPersonEnrollment, toPersonTest, trendOf, withoutOld } from './person.ts';
import type { ConnectionStamp, DirectoryStore, PersonTotals, UserFilter, UserRow, UserSort } from './ports.ts';
import { byPlace, distinct, readRow } from './rows.ts';
import { notFound } from './scope.ts';
import type { Deps } from './users.ts';

export type PeopleDeps = Deps & { readonly now: () => Date };

/** What the caller may see beside the directory itself. */
export type Parts = ReadonlySet<PersonPart>;

export type PeopleList = Envelope & { readonly result: readonly Person[]; readonly result_count: number };

export const peopleSpec: ListSpec<Omit<UserFilter, 'connectionIds'>, UserSort> = {
  resource: 'people',
  filters: personFilters,
  sorts: personSorts,
  hasFlags: false,
};

/** Tests shown with one person. */
const TESTS_SHOWN = 10;

/** What may be filtered and sorted by tells as much as the field itself. */
const partOf: Readonly<Record<string, PersonPart>> = {
  overdue: 'training',
  trained: 'training',
  failed_since: 'phishing',
  failed_test: 'phishing',
  risk_above: 'risk',
  risk_score: 'risk',
  phish_prone_percent: 'risk',
};

/** People of one or several connections. @throws ForeknowError `scope_missing` for a filter on a part that is hidden */
export const listPeople =
  (deps: PeopleDeps) =>
  async (input: ListInput, parts: Parts): Promise<PeopleList> => {
    const { store, cursorKey } = deps;
    const query = readListQuery(peopleSpec, input, cursorKey);
    refuseHidden(input, query.sort.by, parts);
    const stamps = await stampsOf(store, query.filter.connectionIds);
    const page = await store.listUsers(query.filter, query.sort, query.keyset);
    const keys = distinct(page.rows.map((ref) => ref.key));
    const connectionIds = distinct(page.rows.map((ref) => ref.connectionId));
    const [rows, totals, around] = await Promise.all([
      keys.length === 0 ? [] : store.userRows(connectionIds, keys),
      keys.length === 0 ? [] : store.totals(connectionIds, keys),
      surroundingsOf(deps, stamps, connectionIds),
    ]);
    const totalsOf = totalsByPlace(totals);
    const result = page.rows
      .map(byPlace(rows))
      .filter((row) => row !== undefined)
      .map((row) => personOf(row, around.get(row.connectionId)!, totalsOf(row), parts));
    const head = envelope(cursorsOf(page, query, cursorKey), oldest([...stamps.values()]), false);
    return { result, result_count: result.length, ...head };
  };

/** How many people the same filters find. */
export const countPeople =
  ({ store, cursorKey }: PeopleDeps) =>
  async (input: ListInput, parts: Parts): Promise<number> => {
    const { filter, sort } = readListQuery(peopleSpec, input, cursorKey);
    refuseHidden(input, sort.by, parts);
    return store.countUsers(filter);
  };

/** One person with current enrollments, last tests and risk points. */
export const getPerson =
  (deps: PeopleDeps) =>
  async ({ connectionIds }: Pick<ListInput, 'connectionIds'>, id: string, parts: Parts): Promise<PersonDetail> => {
    const { store } = deps;
    const rows = connectionIds.length === 0 ? [] : await store.userRows(connectionIds, [id]);
    const row = onlyOne(rows, id);
    const { connectionId } = row;
    const stamp = await store.stamp(connectionId);
    const [totals, around] = await Promise.all([
      store.totals([connectionId], [id]),
      deps.surroundings(connectionId, stamp.version),
    ]);
    const person = personOf(row, around, totals[0], parts);
    const { completeAt } = stamp;
    return {
      ...person,
      risk: person.risk && { ...person.risk, ...(await riskDetail(deps, connectionId, id)) },
      training: person.training && { ...person.training, current: await currentEnrollments(store, connectionId, id) },
      phishing: person.phishing && { ...person.phishing, last_tests: await lastTests(store, connectionId, id) },
      freshness: {
        source: 'mirror',
        users: completeAt.users ?? null,
        enrollments: completeAt.enrollments ?? null,
        recipients: completeAt.recipients ?? null,
      },
    };
  };

function refuseHidden({ query }: ListInput, sort: UserSort, parts: Parts): void {
  const asked = Object.keys(query).filter((name) => Object.hasOwn(partOf, name));
  if (sort === 'risk_score') asked.push('risk_score');
  const hidden = asked.find((name) => !parts.has(partOf[name]!));
  if (hidden === undefined) return;
  const part = partOf[hidden]!;
  const scope = part === 'phishing' ? 'phishing.identified' : part;
  throw new ForeknowError('scope_missing', {
    detail: `Asking by ${hidden} needs the scope ${scope}.`,
    hint: `Use a token with the scope ${scope}, or leave ${hidden} out.`,
    field: hidden,
  });
}

async function stampsOf(store: DirectoryStore, connectionIds: readonly string[]) {
  const stamps = await Promise.all(connectionIds.map((id) => store.stamp(id)));
  return new Map(connectionIds.map((id, index) => [id, stamps[index]!]));
}

async function surroundingsOf(
  { surroundings }: PeopleDeps,
  stamps: ReadonlyMap<string, ConnectionStamp>,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, Surroundings>> {
  const found = await Promise.all(connectionIds.map((id) => surroundings(id, stamps.get(id)!.version)));
  return new Map(connectionIds.map((id, index) => [id, found[index]!]));
}

/** A list over several connections is as fresh as the stalest of them. */
function oldest(stamps: readonly ConnectionStamp[]): string | null {
  const times = stamps.map(({ completeAt }) => completeAt.users ?? null);
  return times.includes(null) ? null : ((times.toSorted()[0] as string | undefined) ?? null);
}

function totalsByPlace(totals: readonly PersonTotals[]) {
  const find = byPlace(totals.map((one) => ({ ...one, key: one.userId })));
  return (row: UserRow): PersonTotals | undefined => find(row);
}

function personOf(row: UserRow, around: Surroundings, totals: PersonTotals | undefined, parts: Parts): Person {
  return toPerson(readRow(row, recordReaders.users).record, row, around, totals, parts);
}

function onlyOne(rows: readonly UserRow[], id: string): UserRow {
  const [row, another] = rows;
  if (row === undefined) throw notFound('person', id);
  if (another === undefined) return row;
  throw new ForeknowError('invalid_request', {
    detail: `The id ${id} is there in several connections.`,
    hint: 'Send connection_id=CONNECTION_ID.',
    field: 'connection_id',
  });
}

async function riskDetail({ store, now }: PeopleDeps, connectionId: string, userId: string) {
  const points = withoutOld(await store.riskPoints(connectionId, 'user', userId), now());
  return {
    trend_90d: trendOf(points),
    points: points.map(({ date, riskScore }) => ({ date, score: riskScore })),
  };
}

async function currentEnrollments(store: DirectoryStore, connectionId: string, userId: string) {
  const rows = await store.enrollmentsOf(connectionId, userId);
  return rows
    .map((row) => readRow(row, recordReaders.enrollments).record)
    .filter(({ completionDate, status }) => completionDate === null && status !== 'Completed' && status !== 'Passed')
    .map(toPersonEnrollment);
}

async function lastTests(store: DirectoryStore, connectionId: string, userId: string) {
  const rows = await store.recipientsOf(connectionId, userId, TESTS_SHOWN);
  return rows.map((row) => {
    const isCallback = row.key.startsWith('callback:');
    const testId = row.key.slice(isCallback ? 'callback:'.length : 0).split('/')[0]!;
    const context = { campaignType: isCallback ? ('callback' as const) : ('email' as const), testId };
    return toPersonTest(readRow(row, recordReaders.recipients, context).record);
  });
}
