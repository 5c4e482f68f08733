import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Act, auditRoom } from '../../audit/audit.ts';
import type { Actor } from '../../audit/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { missingSteps } from '../schema-version.ts';
import { fileAudit } from './audit-file.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { asStoreError } from './failure.ts';
import { databasePath, markRestored, prepareFolder, RESTORED_FILE } from './folder.ts';
import { lockFolder } from './lock.ts';
import { schemaVersion } from './migrate.ts';

/** What a copy of a store was found to hold. */
export type BackupFacts = {
  readonly bytes: number;
  /** Of the whole file, hex. */
  readonly sha256: string;
  readonly schema: number;
  /** Number of the newest change of the log: where readers of it stood, at the latest. */
  readonly lastChange: number;
  readonly connections: number;
  readonly secrets: number;
};

/** Who does it, for the audit log of the store. */
export type By = { readonly actor: Actor; readonly now: () => Date };

const CACHE_KIB = 16_000;

/**
 * Copies the folder's store to a new file, readable by its owner alone, while a server may be writing: the copy is the store
 * at one moment. The file is checked before it gets its name. The vault's key file is not part of it.
 * @returns isAudited: false when the store's audit log could not be written, or the store is older than its log
 * @throws ForeknowError `conflict` when the file is there, `store_failed`
 */
export async function backUpStore(
  folder: string,
  file: string,
  { actor, now }: By,
): Promise<BackupFacts & { readonly isAudited: boolean }> {
  const log = fileAudit(databasePath(folder));
  const act: Act = { action: 'store.backed_up', details: { file: basename(file) } };
  const facts = await auditRoom({ store: log.store, now }).act(actor, act, () => makeCopy(folder, file), {
    isAnnounced: true,
    told: ({ bytes, sha256, lastChange }) => ({ details: { bytes, sha256, lastChange } }),
  });
  return { ...facts, isAudited: log.isComplete() };
}

async function makeCopy(folder: string, file: string): Promise<BackupFacts> {
  if (existsSync(file)) throw new ForeknowError('conflict', { detail: 'The file is there already.', field: 'FILE' });
  const part = `${file}.${randomUUID().slice(0, 8)}.part`;
  try {
    closeSync(openSync(part, 'wx', 0o600));
    copyTo(folder, part);
    const facts = await inspectStoreFile(part);
    flush(part);
    renameSync(part, file);
    flush(dirname(file));
    return facts;
  } catch (error) {
    throw fileError(error);
  } finally {
    rmSync(part, { force: true });
  }
}

function copyTo(folder: string, file: string): void {
  const source = openDatabase(databasePath(folder), 'read', CACHE_KIB);
  try {
    source.run('vacuum into ?', file);
  } finally {
    source.close();
  }
}

/**
 * Puts a copy in place as the store of a folder that holds none, with an entry of it in its audit log. The file is checked
 * first; the folder may hold the vault's key file and nothing else.
 * @throws ForeknowError `conflict` when the folder is not empty, `store_locked` when a server runs on it, `store_newer`,
 *   `store_failed` when the file is damaged or no store
 */
export async function restoreStore(file: string, folder: string, by: By): Promise<BackupFacts> {
  refuseFull(folder);
  try {
    const facts = await inspectStoreFile(file);
    prepareFolder(folder);
    const lock = lockFolder(folder, new Date().toISOString());
    try {
      markRestored(folder);
      await place(file, databasePath(folder), { ...by, facts });
    } finally {
      lock.release();
    }
    return facts;
  } catch (error) {
    throw fileError(error);
  }
}

async function place(file: string, target: string, { actor, now, facts }: By & { facts: BackupFacts }): Promise<void> {
  const part = `${target}.part`;
  copyFileSync(file, part);
  chmodSync(part, 0o600);
  const { sha256, lastChange } = facts;
  const act: Act = { action: 'store.restored', details: { file: basename(file), sha256, lastChange } };
  await auditRoom({ store: fileAudit(part).store, now }).act(actor, act, async () => undefined);
  flush(part);
  renameSync(part, target);
  flush(dirname(target));
}

const mayStay = new Set(['vault.key', 'server.lock', RESTORED_FILE]);

function refuseFull(folder: string): void {
  if (!existsSync(folder)) return;
  if (readdirSync(folder).every((name) => mayStay.has(name))) return;
  throw new ForeknowError('conflict', {
    detail: 'The data folder is not empty.',
    hint: 'Name a new folder with --data; put the vault.key that belongs to the backup into it. A server on this folder must be stopped first.',
    field: '--data',
  });
}

/**
 * Opens a copy, checks every page of it and counts what it holds.
 * @throws ForeknowError `store_newer`, `store_failed`
 */
export async function inspectStoreFile(file: string): Promise<BackupFacts> {
  const database = openDatabase(file, 'read', CACHE_KIB);
  try {
    const [check] = database.all<{ integrity_check: string }>('pragma integrity_check(1)');
    if (check?.integrity_check !== 'ok') throw notAStore('The file is damaged.');
    const schema = schemaVersion(database);
    if (schema === 0) throw notAStore('The file is no store of foreknow.');
    missingSteps(schema);
    return { ...contentOf(database), schema, bytes: statSync(file).size, sha256: await digestOf(file) };
  } finally {
    database.close();
  }
}

function contentOf(database: OpenDatabase): Pick<BackupFacts, 'lastChange' | 'connections' | 'secrets'> {
  const number = (text: string): number => database.get<{ found: number | null }>(text)?.found ?? 0;
  return {
    lastChange: number('select max(seq) as found from changes'),
    connections: number('select count(*) as found from connections'),
    secrets: number('select count(*) as found from secrets'),
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What was written is on the disk when this returns. */
function flush(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const notAStore = (detail: string): ForeknowError =>
  new ForeknowError('store_failed', { detail, hint: 'Take another backup.' });

/** Failures of the file system in words; SQLite's own have theirs. */
function fileError(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'The file or its folder is not there.',
    EACCES: 'The rights of the file or its folder do not allow it.',
    EROFS: 'The file system is mounted for reading.',
    ENOSPC: 'The disk is full.',
    EISDIR: 'The file is a folder.',
  };
  const detail = typeof code === 'string' ? words[code] : undefined;
  if (detail === undefined) return asStoreError(error);
  return new ForeknowError('store_failed', { detail, hint: 'Name another file, or mend its folder.', cause: error });
}
