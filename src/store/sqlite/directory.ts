import { type Kysely, sql } from 'kysely';
import type { DirectoryStore } from '../../directory/ports.ts';
import { directoryReads } from '../queries/directory.ts';
import type { Database } from '../schema.ts';

/** The directory's storage on SQLite, over the read connection. */
export const sqliteDirectory = (db: Kysely<Database>): DirectoryStore => ({
  ...directoryReads(db),
  // Moves when any other connection has committed; this one never writes.
  revision: async () => (await dataVersion.execute(db)).rows[0]!.data_version,
});

const dataVersion = sql<{ data_version: number }>`pragma data_version`;
