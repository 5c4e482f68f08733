import type { RecordOf } from '../wire/records.ts';
import type { NewChange, SyncStore } from './ports.ts';
import { readStored } from './rows.ts';

/** Adds to changes of membership what their groups are called: the row of a person holds ids alone. */
export async function withGroupNames(
  store: Pick<SyncStore, 'rows'>,
  connectionId: string,
  changes: readonly NewChange[],
): Promise<readonly NewChange[]> {
  const ids = new Set(changes.flatMap((change) => (isMembership(change) ? change.key : [])));
  if (ids.size === 0) return changes;
  const rows = await store.rows(connectionId, 'groups', [...ids]);
  const names = new Map(
    rows.map(({ key, raw }) => [key, (readStored('groups', key, raw) as RecordOf['groups']).name] as const),
  );
  return changes.map((change) =>
    isMembership(change)
      ? { ...change, about: { ...change.about, group: { id: change.key, name: names.get(change.key) ?? null } } }
      : change,
  );
}

const isMembership = ({ kind }: NewChange): boolean => kind === 'group.member_added' || kind === 'group.member_removed';
