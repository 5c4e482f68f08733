import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

const DATABASE_FILE = 'foreknow.db';

export const databasePath = (folder: string): string => join(folder, DATABASE_FILE);

/** Makes the folder, readable by its owner alone. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** Makes the database file readable by its owner alone; SQLite gives its log files the database's rights. */
export function prepareDatabaseFile(folder: string): void {
  const path = databasePath(folder);
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
