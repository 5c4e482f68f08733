import { existsSync } from 'node:fs';
import type { AuditEntry, AuditStore } from '../../audit/ports.ts';
import { appendAudit } from '../ops/audit.ts';
import { inTransaction, openDatabase } from './database.ts';
import { sqliteSession } from './session.ts';

const CACHE_KIB = 1000;

/**
 * Writes into the audit log of a store's file, for commands that work on the file itself, also beside a server that runs on it.
 * @returns false where there is no log to write into: no file, or a store older than the log
 */
async function appendTo(path: string, entry: AuditEntry): Promise<boolean> {
  if (!existsSync(path)) return false;
  const database = openDatabase(path, 'write', CACHE_KIB);
  try {
    const log = "select count(*) as found from sqlite_master where type = 'table' and name = 'audit_log'";
    if (database.get<{ found: number }>(log)!.found === 0) return false;
    await inTransaction(database, () => appendAudit.run(sqliteSession(database), entry));
    return true;
  } finally {
    database.close();
  }
}

/**
 * The audit log of a store's file for acts on the file itself. What cannot be written is left out, and said: whoever has the
 * file in hand is not kept from copying it by a full disk.
 */
export function fileAudit(path: string): { readonly store: AuditStore; isComplete(): boolean } {
  let isComplete = true;
  return {
    isComplete: () => isComplete,
    store: {
      async appendAudit(entry) {
        isComplete = (await appendTo(path, entry).catch(() => false)) && isComplete;
      },
      noting: async (_note, work) => ({ result: await work(), isWritten: false }),
      auditEntries: async () => [],
    },
  };
}
