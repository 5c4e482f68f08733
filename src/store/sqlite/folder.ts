import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { asStoreError } from './failure.ts';

const DATABASE_FILE = 'foreknow.db';

export const databasePath = (folder: string): string => join(folder, DATABASE_FILE);

/**
 * Makes the folder, readable by its owner alone.
 * @throws ForeknowError `store_failed`
 */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
    chmodSync(folder, 0o700);
  } catch (error) {
    throw asStoreError(error);
  }
}

/** One step after the other: a recursive mkdir never ends where the file system takes no folders and denies that they lack. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(folder)) throw error; // another process was faster
  }
}

/** A file of this name says that the store was put back from a copy: by `restore`, or by whoever did it in another way. */
export const RESTORED_FILE = 'restored';

export const markRestored = (folder: string): void => writeFileSync(join(folder, RESTORED_FILE), '', { mode: 0o600 });

/** Tells the log of a store that was put back, once. */
export async function tellRestored(folder: string, tell: () => Promise<unknown>): Promise<void> {
  const mark = join(folder, RESTORED_FILE);
  if (!existsSync(mark)) return;
  await tell();
  rmSync(mark, { force: true });
}

/** Makes the database file readable by its owner alone; SQLite gives its log files the database's rights. */
export function prepareDatabaseFile(folder: string): void {
  const path = databasePath(folder);
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
