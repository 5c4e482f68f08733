import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendOnlyOn } from '../migrations/append-only.ts';
import { type DialectWords, type Migration, migrations } from '../migrations/migration.ts';
import { checkVersion, missingSteps } from '../schema-version.ts';
import { inTransaction, type OpenDatabase } from './database.ts';

const words: DialectWords = {
  clustered: 'without rowid',
  identity: 'integer primary key autoincrement',
  lastChange: "coalesce((select seq from sqlite_sequence where name = 'changes'), 0)",
  appendOnly: appendOnlyOn.sqlite,
};

/**
 * Brings the schema to the newest version, each step in one transaction. A store that holds data is copied first, to
 * `foreknow-backup-vN.db` beside it, N being the version it had.
 * @throws ForeknowError `store_newer` when a newer version wrote the store
 */
export async function migrate(
  database: OpenDatabase,
  path: string,
  now: () => Date,
  steps = migrations,
): Promise<void> {
  const found = schemaVersion(database);
  const missing = missingSteps(found, steps);
  if (missing.length === 0) return;
  if (found > 0) backUp(database, path, found);
  for (const step of missing) await inTransaction(database, () => apply(database, step, now));
}

/** @throws ForeknowError `store_newer`, or `store_failed` when the schema is older than this version reads */
export const checkSchema = (database: OpenDatabase): void => checkVersion(schemaVersion(database));

/** @returns 0 for an empty database */
export function schemaVersion(database: OpenDatabase): number {
  const table = "select count(*) as found from sqlite_master where type = 'table' and name = 'schema_version'";
  if (database.get<{ found: number }>(table)!.found === 0) return 0;
  return database.get<{ version: number | null }>('select max(version) as version from schema_version')!.version ?? 0;
}

function backUp(database: OpenDatabase, path: string, version: number): void {
  const copy = join(dirname(path), `foreknow-backup-v${version}.db`);
  if (existsSync(copy)) return; // an earlier attempt made it from the same version
  const unfinished = `${copy}.part`;
  rmSync(unfinished, { force: true });
  database.run('vacuum into ?', unfinished);
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, copy);
}

function apply(database: OpenDatabase, step: Migration, now: () => Date): void {
  database.db.exec(
    'create table if not exists schema_version (version integer primary key, name text not null, applied_at text not null)',
  );
  for (const statement of step.statements(words)) database.db.exec(statement);
  database.db
    .prepare('insert into schema_version (version, name, applied_at) values (?, ?, ?)')
    .run(step.version, step.name, now().toISOString());
}
