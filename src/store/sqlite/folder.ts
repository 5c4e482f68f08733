import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

const DATABASE_FILE = 'foreknow.db';

export const databasePath = (folder: string): string => join(folder, DATABASE_FILE);

/** Makes folder and database file readable by their owner alone; SQLite gives its log files the database's rights. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = databasePath(folder);
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
