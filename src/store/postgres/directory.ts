import { type Kysely, sql } from 'kysely';
import type { DirectoryStore } from '../../directory/ports.ts';
import { directoryReads } from '../queries/directory.ts';
import type { Database } from '../schema.ts';

/** The directory's storage on Postgres. */
export const postgresDirectory = (db: Kysely<Database>): DirectoryStore => ({
  ...directoryReads(db),
  // Which transactions are done: another text as soon as one more has ended, whichever process it belongs to.
  revision: async () => (await snapshot.execute(db)).rows[0]!.snapshot,
});

const snapshot = sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`;
