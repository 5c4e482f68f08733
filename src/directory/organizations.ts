import { toOrganization } from '../model/from-wire.ts';
import type { UnifiedOrganization } from '../model/organization.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, type Listed, type Shown } from './answer.ts';
import { type ListInput, readFlags } from './list-query.ts';
import type { DirectoryRow } from './ports.ts';
import { readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import { listSmall, smallSpec } from './small-list.ts';
import type { Deps } from './users.ts';

export const organizationsSpec = smallSpec('organizations', ['id', 'name']);

/** The account, as the one organization of its connection. */
export const listOrganizations =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const { completeAt } = await store.stamp(connectionId);
    const row = await store.accountRow(connectionId);
    const shown = row === null ? [] : [show(row)];
    return listSmall(organizationsSpec, input, cursorKey, shown, {
      asOf: completeAt.account ?? null,
      isPartial: false,
    });
  };

export const getOrganization =
  ({ store }: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const connectionId = oneConnection(connectionIds);
    const row = id === connectionId ? await store.accountRow(connectionId) : null;
    if (row === null) throw notFound('organization', id);
    return alone(show(row), readFlags(query));
  };

function show(row: DirectoryRow): Shown<UnifiedOrganization> {
  const { record, raw } = readRow(row, recordReaders.account);
  return { unified: toOrganization(record, row.connectionId, row), record, raw };
}
