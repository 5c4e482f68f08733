import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { assemble } from '../assemble.ts';
import { reportingReads } from '../queries/reporting.ts';
import { readOnlyCall } from '../read-only.ts';
import { announcer } from '../sqlite/announcer.ts';
import { prepareFolder, tellRestored } from '../sqlite/folder.ts';
import type { Store, StoreOptions } from '../store.ts';
import { sharedBudget } from './budget.ts';
import { kyselyOver } from './dialect.ts';
import { postgresDirectory } from './directory.ts';
import { asStoreError, overAnother } from './failure.ts';
import { homeOf } from './home.ts';
import { checkSchema, migrate } from './migrate.ts';
import { openPools } from './pool.ts';
import { postgresSession, type Queryable } from './session.ts';
import { callOver, transact } from './transact.ts';

/** Opens the store in a Postgres database; see `openStore`. Any number of processes may have it open. */
export async function openPostgresStore({
  folder,
  databaseUrl,
  now = () => new Date(),
  access = 'write',
}: StoreOptions & { readonly databaseUrl: string }): Promise<Store> {
  if (access === 'write') prepareKeyFolder(folder);
  const pools = openPools(databaseUrl);
  const isReader = access === 'read';
  const call = isReader ? readOnlyCall : callOver(pools.writes);
  try {
    if (isReader) await transact(pools.writes, checkSchema, null);
    else {
      const at = now().toISOString();
      await transact(pools.writes, migrate, { at });
      const home = await homeOf(pools.writes);
      if (home !== null) await call('settleHome', { home, at });
      await tellRestored(folder, () => call('leaveGap', { at }));
      await call('interruptLapsed', { at });
    }
  } catch (error) {
    await pools.close();
    throw error;
  }
  const reads = kyselyOver(pools.reads);
  const server = announcer(folder, now);
  return {
    folder,
    reads,
    directory: postgresDirectory(reads),
    reporting: reportingReads(reads),
    ...assemble(postgresSession(ownErrors(pools.reads)), call, randomUUID()),
    budget: (accountKey) => sharedBudget(pools.writes, accountKey),
    announce: server.announce,
    close: async () => {
      await pools.close();
      server.withdraw();
    },
  };
}

/** The vault's key is kept in it, unless it comes from elsewhere: then a folder that cannot be made is not missed. */
function prepareKeyFolder(folder: string): void {
  try {
    prepareFolder(folder);
  } catch {
    // The vault says so when it needs the folder.
  }
}

/** A pool whose failures are errors of ours. */
const ownErrors = (pool: Pool): Queryable => ({
  query: ((text: string, values: unknown[]) => {
    const read = () => pool.query(text, values);
    return read()
      .catch(overAnother(read))
      .catch((error: unknown) => {
        throw asStoreError(error);
      });
  }) as Queryable['query'],
});
