import type { Surroundings } from '../model/from-wire.ts';
import type { AccountRecord } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import type { DirectoryRow, DirectoryStore } from './ports.ts';
import { readRow } from './rows.ts';

type Known = { readonly version: number; readonly surroundings: Surroundings };
type Reads = Pick<DirectoryStore, 'groupNames' | 'accountRow'>;

/** Names and admins of a connection, kept until its directory version moves. */
export type ReadSurroundings = (connectionId: string, version: number) => Promise<Surroundings>;

/**
 * The version must have been read before: what is built may then be newer than its version says, never older, and the
 * next version builds it again.
 */
export function keepSurroundings(store: Reads): ReadSurroundings {
  const kept = new Map<string, Known>();
  return async (connectionId, version) => {
    const known = kept.get(connectionId);
    if (known !== undefined && known.version === version) return known.surroundings;
    const surroundings = await buildSurroundings(store, connectionId);
    kept.set(connectionId, { version, surroundings });
    return surroundings;
  };
}

async function buildSurroundings(store: Reads, connectionId: string): Promise<Surroundings> {
  const [groupNames, row] = await Promise.all([store.groupNames(connectionId), store.accountRow(connectionId)]);
  const account = row === null ? null : readAccountRow(row);
  return {
    organization: { id: connectionId, name: account?.name ?? null },
    groupNames,
    adminIds: new Set(account?.admins.map(({ id }) => id)),
  };
}

const readAccountRow = (row: DirectoryRow): AccountRecord => readRow(row, recordReaders.account).record;
