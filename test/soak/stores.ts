import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDirectory } from '../../src/directory/directory.ts';
import { type PostgresServer, startPostgres } from '../../src/store/contract/postgres-server.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export type StoreKind = 'sqlite' | 'postgres';

export type TemporaryStore = { readonly store: Store; close(): Promise<void> };

/** Opens stores that are gone when they are closed. In memory where the machine has such a folder. */
export type Stores = { open(): Promise<TemporaryStore>; close(): Promise<void> };

export const storesOf = (kind: StoreKind): Stores =>
  kind === 'postgres' ? onPostgres() : { open: inFolder, close: done };

const done = async () => undefined;

async function inFolder(databaseUrl?: string): Promise<TemporaryStore> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'foreknow-soak-'));
  const store = await openStore({ folder, ...(databaseUrl !== undefined && { databaseUrl }) });
  return {
    store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One server, which ends with this process, and a database for each store. */
function onPostgres(): Stores {
  let server: Promise<PostgresServer> | null = null;
  let databases = 0;
  return {
    async open() {
      server ??= startPostgres();
      const { url } = await server;
      databases += 1;
      const name = `soak_${databases}`;
      const client = new Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return inFolder(url(name));
    },
    async close() {
      const started = await server;
      await started?.stop();
      if (started !== null) rmSync(started.folder, { recursive: true, force: true });
    },
  };
}

/** Ids of everyone that the directory lists, page by page, as a caller with cursors would see them. */
export async function listEveryone(store: Store, connectionId: string, limit: number): Promise<string[]> {
  const directory = createDirectory({
    store: store.directory,
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
