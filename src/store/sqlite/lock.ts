import { chmodSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ForeknowError } from '../../errors/errors.ts';

/** What the holder of a data folder says about itself, for commands run beside it. Readable by its owner alone. */
export type ServerInfo = {
  readonly pid: number;
  readonly startedAt: string;
  /** Where the server listens and the token of its owner's commands; absent until it listens. */
  readonly address?: string;
  readonly token?: string;
  /** PEM of the certificate the server shows, when it speaks TLS. */
  readonly certificate?: string;
};

export type FolderLock = {
  writeInfo(info: ServerInfo): void;
  release(): void;
};

const lockFile = (folder: string): string => join(folder, 'server.lock');
const infoFile = (folder: string): string => join(folder, 'server.json');

/** Long enough for a command that only looks whether the lock is held. */
const PATIENCE_MS = 500;

/**
 * Takes the folder for this process. The lock is the operating system's, on a small SQLite file: it is free the moment its
 * holder ends, however it ends.
 * @throws ForeknowError `store_locked`, naming the process and address that hold it
 */
export function lockFolder(folder: string, startedAt: string): FolderLock {
  const path = lockFile(folder);
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: PATIENCE_MS });
  try {
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    db.close();
    throw isBusy(error) ? lockedBy(readInfo(folder), error) : error;
  }
  const writeInfo = (info: ServerInfo): void => {
    const part = `${infoFile(folder)}.part`;
    rmSync(part, { force: true });
    writeFileSync(part, JSON.stringify(info), { mode: 0o600 });
    chmodSync(part, 0o600);
    renameSync(part, infoFile(folder));
  };
  try {
    writeInfo({ pid: process.pid, startedAt });
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    writeInfo,
    release: () => {
      rmSync(infoFile(folder), { force: true });
      db.close();
    },
  };
}

/** Who holds the folder now; null when nobody does, whatever an ended process left behind. */
export function readServerInfo(folder: string): ServerInfo | null {
  return isLocked(folder) ? readInfo(folder) : null;
}

function isLocked(folder: string): boolean {
  if (!existsSync(lockFile(folder))) return false;
  const db = new DatabaseSync(lockFile(folder), { readOnly: true });
  try {
    db.prepare('select count(*) from sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === SQLITE_BUSY;

function readInfo(folder: string): ServerInfo | null {
  try {
    return JSON.parse(readFileSync(infoFile(folder), 'utf8')) as ServerInfo;
  } catch {
    return null; // the holder is just starting or just ending
  }
}

function lockedBy(info: ServerInfo | null, cause: unknown): ForeknowError {
  const holder = info === null ? 'Another process' : `Process ${info.pid}`;
  const at = info?.address === undefined ? '' : ` at ${info.address}`;
  return new ForeknowError('store_locked', {
    detail: `${holder}${at} is using this data folder.`,
    hint: 'Send what you want to the running server, end it, or name another folder with --data.',
    cause,
  });
}
