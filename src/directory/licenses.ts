import { toLicense, type UnifiedLicense } from '../model/license.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, type Listed, type Shown } from './answer.ts';
import { type ListInput, readFlags } from './list-query.ts';
import type { DirectoryStore } from './ports.ts';
import { readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import { listSmall, smallSpec } from './small-list.ts';

type Deps = { readonly store: DirectoryStore; readonly cursorKey: Uint8Array; readonly now: () => Date };

export const licensesSpec = smallSpec('licenses', ['id', 'name', 'status']);

/** The seats of the account: owned as it says, taken by whoever the mirror knows and is not archived. */
export const listLicenses =
  (deps: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const { completeAt } = await deps.store.stamp(connectionId);
    const shown = await licenseOf(deps, connectionId);
    const isPartial = completeAt.users === undefined;
    return listSmall(licensesSpec, input, deps.cursorKey, shown === null ? [] : [shown], {
      asOf: completeAt.account ?? null,
      isPartial,
    });
  };

export const getLicense =
  (deps: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const shown = await licenseOf(deps, oneConnection(connectionIds));
    if (shown === null || shown.unified.id !== id) throw notFound('license', id);
    return alone(shown, readFlags(query));
  };

async function licenseOf({ store, now }: Deps, connectionId: string): Promise<Shown<UnifiedLicense> | null> {
  const row = await store.accountRow(connectionId);
  if (row === null) return null;
  const { record, raw } = readRow(row, recordReaders.account);
  const taken = await store.countUsers({ connectionIds: [connectionId], status: { eq: 'active' } });
  return { unified: toLicense(record, taken, now().toISOString().slice(0, 10), row), record, raw };
}
