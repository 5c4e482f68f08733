import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectory } from '../../src/directory/directory.ts';
import { sqliteDirectory } from '../../src/store/sqlite/directory.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export type StoreKind = 'sqlite' | 'postgres';

/** A store of its own, gone when it is closed. In memory where the machine has such a folder. */
export async function temporaryStore(_kind: StoreKind): Promise<{ store: Store; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'foreknow-soak-'));
  const store = await openStore({ folder });
  return {
    store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ids of everyone that the directory lists, page by page, as a caller with cursors would see them. */
export async function listEveryone(store: Store, connectionId: string, limit: number): Promise<string[]> {
  const directory = createDirectory({
    store: sqliteDirectory(store.reads),
    cursorKey: new Uint8Array(32),
    now: () => new Date(),
  });
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { limit: String(limit), ...(cursor !== null && { next_cursor: cursor }) };
    const { result, next_cursor } = await directory.listUsers({ connectionIds: [connectionId], query });
    ids.push(...(result as readonly { id: string }[]).map(({ id }) => id));
    if (next_cursor === null) return ids;
    cursor = next_cursor;
  }
}
