import { toGroup } from '../model/from-wire.ts';
import type { UnifiedGroup } from '../model/group.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, envelope, type Listed, listed, type Shown } from './answer.ts';
import { groupFilters, groupSorts } from './filters.ts';
import { cursorsOf, type ListInput, type ListSpec, readFlags, readListQuery } from './list-query.ts';
import type { DirectoryRow, GroupFilter, GroupSort } from './ports.ts';
import { byPlace, readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import type { ReadSurroundings } from './surroundings.ts';
import type { Deps } from './users.ts';

export const groupsSpec: ListSpec<Omit<GroupFilter, 'connectionIds'>, GroupSort> = {
  resource: 'groups',
  filters: groupFilters,
  sorts: groupSorts,
  hasFlags: true,
};

export const listGroups =
  ({ store, cursorKey, surroundings }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const query = readListQuery(groupsSpec, input, cursorKey);
    const { version, completeAt } = await store.stamp(connectionId);
    const page = await store.listGroups(query.filter, query.sort, query.keyset);
    const keys = page.rows.map((ref) => ref.key);
    const rows = keys.length === 0 ? [] : await store.groupRows([connectionId], keys);
    const around = await surroundings(connectionId, version);
    return listed(
      page.rows
        .map(byPlace(rows))
        .filter((row) => row !== undefined)
        .map((row) => show(row, around)),
      query.flags,
      envelope(cursorsOf(page, query, cursorKey), completeAt.groups ?? null, false),
    );
  };

/** How many groups the same filters find. */
export const countGroups =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<number> =>
    store.countGroups(readListQuery(groupsSpec, input, cursorKey).filter);

export const getGroup =
  ({ store, surroundings }: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const connectionId = oneConnection(connectionIds);
    const flags = readFlags(query);
    const { version } = await store.stamp(connectionId);
    const [row] = await store.groupRows([connectionId], [id]);
    if (row === undefined) throw notFound('group', id);
    return alone(show(row, await surroundings(connectionId, version)), flags);
  };

function show(row: DirectoryRow, around: Awaited<ReturnType<ReadSurroundings>>): Shown<UnifiedGroup> {
  const { record, raw } = readRow(row, recordReaders.groups);
  return { unified: toGroup(record, around, row), record, raw };
}
