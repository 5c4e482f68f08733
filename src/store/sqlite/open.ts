import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ForeknowError } from '../../errors/errors.ts';
import { assemble } from '../assemble.ts';
import { reportingReads } from '../queries/reporting.ts';
import { readOnlyCall } from '../read-only.ts';
import type { Store, StoreOptions } from '../store.ts';
import { storedBudgets } from './budget.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { kyselyOver } from './dialect.ts';
import { sqliteDirectory } from './directory.ts';
import { asStoreError } from './failure.ts';
import { databasePath, prepareDatabaseFile, prepareFolder, tellRestored } from './folder.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { checkSchema, migrate } from './migrate.ts';
import { sqliteSession } from './session.ts';
import { startWriter, type WriterThread } from './writer-thread.ts';

const READ_CACHE_KIB = 8_000;
const MIGRATION_CACHE_KIB = 64_000;

/** Opens the folder's SQLite store; see `openStore`. */
export async function openSqliteStore({
  folder,
  now = () => new Date(),
  access = 'write',
}: StoreOptions): Promise<Store> {
  const path = databasePath(folder);
  if (access === 'read') return storeOver(folder, openReader(path), readOnlyWriter, null);
  prepareFolder(folder);
  const lock = takeFolder(folder, now().toISOString());
  let writer: WriterThread | undefined;
  try {
    prepareDatabaseFile(folder);
    await prepareDatabase(path, now);
    writer = startWriter(path);
    const { call } = writer;
    await tellRestored(folder, () => call('leaveGap', { at: now().toISOString() }));
    await writer.call('interruptRuns', { at: now().toISOString() });
    await writer.call('freeJobs', null);
    return storeOver(folder, openReader(path), writer, lock);
  } catch (error) {
    await writer?.close().catch(() => undefined);
    lock.release();
    throw asStoreError(error);
  }
}

function takeFolder(folder: string, startedAt: string): FolderLock {
  try {
    return lockFolder(folder, startedAt);
  } catch (error) {
    throw asStoreError(error);
  }
}

async function prepareDatabase(path: string, now: () => Date): Promise<void> {
  const database = openDatabase(path, 'write', MIGRATION_CACHE_KIB);
  try {
    // Rows are some hundred bytes: larger pages than usual save work. Counts for new files only.
    database.db.exec('pragma page_size = 8192; pragma journal_mode = wal');
    await migrate(database, path, now);
  } finally {
    database.close();
  }
}

function openReader(path: string): OpenDatabase {
  if (!existsSync(path)) {
    throw new ForeknowError('store_failed', {
      detail: 'There is no store in this data folder.',
      hint: 'Name the folder with --data, or make a store in it with foreknow connect or foreknow up.',
    });
  }
  let database: OpenDatabase | undefined;
  try {
    database = openDatabase(path, 'read', READ_CACHE_KIB);
    checkSchema(database);
    return database;
  } catch (error) {
    database?.close();
    throw asStoreError(error);
  }
}

const readOnlyWriter: WriterThread = { call: readOnlyCall, close: async () => undefined };

function storeOver(folder: string, database: OpenDatabase, writer: WriterThread, lock: FolderLock | null): Store {
  const reads = kyselyOver(database.db);
  const budgets = storedBudgets(database, writer);
  return {
    folder,
    reads,
    directory: sqliteDirectory(reads),
    reporting: reportingReads(reads),
    ...assemble(sqliteSession(database), writer.call, randomUUID()),
    budget: budgets.of,
    announce: (info) => lock?.writeInfo(info),
    close: async () => {
      await budgets.settle().catch(() => undefined); // too many are counted then, not too few
      database.close();
      await writer.close(); // last, so that the log is folded into the database file
      lock?.release();
    },
  };
}
