import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ForeknowError } from '../../errors/errors.ts';
import type { Store, StoreOptions } from '../store.ts';
import { storedBudgets } from './budget.ts';
import { kyselyOver } from './dialect.ts';
import { asStoreError } from './failure.ts';
import { databasePath, prepareFolder } from './folder.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { checkSchema, migrate } from './migrate.ts';
import { toPageMessage, toPassEnd, toRemovalMessage } from './page-message.ts';
import { connectionReads, syncReads, tokenReads } from './reads.ts';
import { openSession, type Session } from './session.ts';
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
  if (access === 'read') return assemble(folder, openReader(path), readOnlyWriter, null);
  prepareFolder(folder);
  const lock = lockFolder(folder, now().toISOString());
  try {
    prepareDatabase(path, now);
    const writer = startWriter(path);
    await writer.call('interruptRuns', { at: now().toISOString() });
    return assemble(folder, openReader(path), writer, lock);
  } catch (error) {
    lock.release();
    throw asStoreError(error);
  }
}

function prepareDatabase(path: string, now: () => Date): void {
  const session = openSession(path, 'write', MIGRATION_CACHE_KIB);
  try {
    // Rows are some hundred bytes: larger pages than usual save work. Counts for new files only.
    session.db.exec('pragma page_size = 8192; pragma journal_mode = wal');
    migrate(session, path, now);
  } finally {
    session.close();
  }
}

function openReader(path: string): Session {
  if (!existsSync(path)) {
    throw new ForeknowError('store_failed', {
      detail: 'There is no store in this data folder.',
      hint: 'Name the folder with --data, or make a store in it with foreknow connect or foreknow up.',
    });
  }
  let session: Session | undefined;
  try {
    session = openSession(path, 'read', READ_CACHE_KIB);
    checkSchema(session);
    return session;
  } catch (error) {
    session?.close();
    throw asStoreError(error);
  }
}

/** Stands where the writer would when a folder was opened for reading. */
const readOnlyWriter: WriterThread = {
  call: () =>
    Promise.reject(
      new ForeknowError('store_failed', {
        detail: 'The store was opened for reading.',
        hint: 'Writes go through the server that runs on this folder.',
      }),
    ),
  close: async () => undefined,
};

function assemble(folder: string, session: Session, writer: WriterThread, lock: FolderLock | null): Store {
  const holder = randomUUID();
  const { call } = writer;
  const budgets = storedBudgets(session, writer);
  return {
    folder,
    reads: kyselyOver(session.db),
    ...syncReads(session),
    ...connectionReads(session),
    ...tokenReads(session),
    startRun: (run) => call('startRun', { run, holder }),
    saveRun: (run) => call('saveRun', run),
    saveStreamState: (state) => call('saveStreamState', state),
    beginPass: (pass) => call('beginPass', pass),
    dropPass: (passId) => call('dropPass', passId),
    commitPage: async (page) => call('commitPage', toPageMessage(page)),
    absence: (passId) => call('absence', passId),
    absentRows: (passId, after, limit) => call('absentRows', { passId, after, limit }),
    noteMissed: (passId, keys, at) => call('noteMissed', { passId, keys, at }),
    removeRows: async (removal) => call('removeRows', toRemovalMessage(removal)),
    endPass: async (end) => call('endPass', toPassEnd(end)),
    contentDigest: (connectionId, stream) => call('contentDigest', { connectionId, stream }),
    saveHold: (hold) => call('saveHold', hold),
    saveRiskPoints: (connectionId, points) => call('saveRiskPoints', { connectionId, points }),
    createConnection: (connection, secrets) => call('createConnection', { connection, secrets }),
    saveConnection: (connection) => call('saveConnection', connection),
    deleteConnection: (id, { purge }) => call('deleteConnection', { id, purge }),
    saveSecret: (secret) => call('saveSecret', secret),
    erasePerson: (erasure) => call('erasePerson', erasure),
    forgetErasure: (connectionId, mark) => call('forgetErasure', { connectionId, mark }),
    dropRecipientClients: (connectionId) => call('dropRecipientClients', { connectionId }),
    createToken: (token, hash) => call('createToken', { token, hash }),
    revokeToken: (id, at) => call('revokeToken', { id, at }),
    touchToken: (id, at) => call('touchToken', { id, at }),
    budget: budgets.of,
    announce: (info) => lock?.writeInfo(info),
    close: async () => {
      await budgets.settle().catch(() => undefined); // too many are counted then, not too few
      session.close();
      await writer.close(); // last, so that the log is folded into the database file
      lock?.release();
    },
  };
}
