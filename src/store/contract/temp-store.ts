import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../store.ts';
import { testDatabase } from './test-database.ts';

export type TempStore = {
  readonly store: Store;
  readonly folder: string;
  reopen(): Promise<Store>;
  remove(): Promise<void>;
};

/** A store in a folder of its own for one test. */
export async function openTempStore(): Promise<TempStore> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-store-'));
  let store = await openStore({ folder });
  return {
    store,
    folder,
    reopen: async () => {
      await store.close();
      store = await openStore({ folder });
      return store;
    },
    remove: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A store in a database of its own, on the Postgres server that the test run shares. */
export async function openTempPostgresStore(): Promise<TempStore & { readonly databaseUrl: string }> {
  const { url: databaseUrl, remove } = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-store-'));
  let store = await openStore({ folder, databaseUrl });
  return {
    store,
    folder,
    databaseUrl,
    reopen: async () => {
      await store.close();
      store = await openStore({ folder, databaseUrl });
      return store;
    },
    remove: async () => {
      await store.close();
      await remove();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Files under the folder that hold the text. In a process of its own: opening and closing a database file in the process
 * that has it open would drop SQLite's locks on it.
 */
export function filesHolding(folder: string, text: string): readonly string[] {
  try {
    return execFileSync('grep', ['-rlaF', '-e', text, folder], { encoding: 'utf8' }).trim().split('\n');
  } catch (error) {
    const nothingFound = 1;
    if ((error as { status?: number }).status === nothingFound) return [];
    throw error;
  }
}
