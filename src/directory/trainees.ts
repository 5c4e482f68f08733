import type { UnifiedTrainee } from '../model/training.ts';
import { toTrainee } from '../model/training-from-wire.ts';
import type { RawRecord, UserRecord } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, envelope, type Listed, listed, type Shown } from './answer.ts';
import { personFilters, userFilters } from './filters.ts';
import { cursorsOf, type ListInput, type ListSpec, readFlags, readListQuery } from './list-query.ts';
import type { DirectoryStore, UserFilter, UserRow, UserSort } from './ports.ts';
import { byPlace, readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';

type Deps = { readonly store: DirectoryStore; readonly cursorKey: Uint8Array };

const { id, first_name, last_name, name, emails, username, status, created_at, updated_at, x_deleted } = userFilters;
const { overdue, trained } = personFilters;

export const traineesSpec: ListSpec<Omit<UserFilter, 'connectionIds'>, UserSort> = {
  resource: 'lms users',
  filters: {
    ...{ id: id!, first_name: first_name!, last_name: last_name!, name: name!, emails: emails!, username: username! },
    ...{ status: status!, created_at: created_at!, updated_at: updated_at!, x_deleted: x_deleted! },
    ...{ x_overdue: overdue!, x_trained: trained! },
  },
  sorts: {
    ...{ id: 'id', created_at: 'created_at', updated_at: 'updated_at', emails: 'email', username: 'email' },
    ...{ first_name: 'first_name', name: 'name', status: 'status', last_login_at: 'last_login_at' },
  },
  hasFlags: true,
};

/** People with what they have to learn. Who may read training is told no more of them, in no form. */
export const listTrainees =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const query = readListQuery(traineesSpec, input, cursorKey);
    const { completeAt } = await store.stamp(connectionId);
    const page = await store.listUsers(query.filter, query.sort, query.keyset);
    const keys = page.rows.map(({ key }) => key);
    const rows = keys.length === 0 ? [] : await store.userRows([connectionId], keys);
    return listed(
      await show(
        store,
        connectionId,
        page.rows.map(byPlace(rows)).filter((row) => row !== undefined),
      ),
      query.flags,
      envelope(cursorsOf(page, query, cursorKey), completeAt.users ?? null, false),
    );
  };

export const getTrainee =
  ({ store }: Deps) =>
  async ({ connectionIds, query }: ListInput, key: string): Promise<object> => {
    const connectionId = oneConnection(connectionIds);
    const flags = readFlags(query);
    const [shown] = await show(store, connectionId, await store.userRows([connectionId], [key]));
    if (shown === undefined) throw notFound('user', key);
    return alone(shown, flags);
  };

async function show(
  store: DirectoryStore,
  connectionId: string,
  rows: readonly UserRow[],
): Promise<readonly Shown<UnifiedTrainee>[]> {
  const keys = rows.map((row) => row.key);
  const totals = keys.length === 0 ? [] : await store.totals([connectionId], keys);
  const trainingOf = new Map(totals.map(({ userId, training }) => [userId, training]));
  return rows.map((row) => {
    const { record, raw } = readRow(row, recordReaders.users);
    return {
      unified: toTrainee(record, trainingOf.get(row.key) ?? null, row),
      record: trainingPart(record),
      raw: rawPart(raw),
    };
  });
}

const trainingPart = ({ id, firstName, lastName, email, aliases, status, joinedOn, lastSignIn }: UserRecord) => ({
  ...{ id, firstName, lastName, email, aliases, status, joinedOn, lastSignIn },
});

const rawNames = ['id', 'first_name', 'last_name', 'email', 'aliases', 'status', 'joined_on', 'last_sign_in'] as const;
const rawPart = (raw: RawRecord): RawRecord =>
  Object.fromEntries(rawNames.flatMap((name) => (name in raw ? [[name, raw[name]]] : [])));
