import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ForeknowError } from '../../errors/errors.ts';
import { type DialectWords, type Migration, migrations } from '../migrations/migration.ts';
import { inTransaction, type Session } from './session.ts';

const words: DialectWords = { clustered: 'without rowid', identity: 'integer primary key autoincrement' };

/**
 * Brings the schema to the newest version, each step in one transaction. A store that holds data is copied first, to
 * `foreknow-backup-vN.db` beside it, N being the version it had.
 * @throws ForeknowError `store_newer` when a newer version wrote the store
 */
export function migrate(session: Session, path: string, now: () => Date, steps = migrations): void {
  const found = schemaVersion(session);
  refuseNewer(found, steps);
  const missing = steps.filter((step) => step.version > found);
  if (missing.length === 0) return;
  if (found > 0) backUp(session, path, found);
  for (const step of missing) inTransaction(session, () => apply(session, step, now));
}

/** @throws ForeknowError `store_newer`, or `store_failed` when the schema is older than this version reads */
export function checkSchema(session: Session): void {
  const found = schemaVersion(session);
  refuseNewer(found, migrations);
  if (found < latest(migrations)) {
    throw new ForeknowError('store_failed', {
      detail: `The store has schema ${found}, this version reads schema ${latest(migrations)}.`,
      hint: 'Start the server once (foreknow up): it brings the store up to date and keeps a copy of the old one.',
    });
  }
}

const latest = (steps: readonly Migration[]): number => steps.at(-1)?.version ?? 0;

function refuseNewer(found: number, steps: readonly Migration[]): void {
  if (found <= latest(steps)) return;
  throw new ForeknowError('store_newer', {
    detail: `The store has schema ${found}; this version knows schemas up to ${latest(steps)}.`,
    hint: 'Update foreknow, or restore the backup copy that was made before the store was brought to the newer schema.',
  });
}

/** @returns 0 for an empty database */
function schemaVersion(session: Session): number {
  const table = "select count(*) as found from sqlite_master where type = 'table' and name = 'schema_version'";
  if (session.get<{ found: number }>(table)!.found === 0) return 0;
  return session.get<{ version: number | null }>('select max(version) as version from schema_version')!.version ?? 0;
}

function backUp(session: Session, path: string, version: number): void {
  const copy = join(dirname(path), `foreknow-backup-v${version}.db`);
  if (existsSync(copy)) return; // an earlier attempt made it from the same version
  const unfinished = `${copy}.part`;
  rmSync(unfinished, { force: true });
  session.run('vacuum into ?', unfinished);
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, copy);
}

function apply(session: Session, step: Migration, now: () => Date): void {
  session.db.exec(
    'create table if not exists schema_version (version integer primary key, name text not null, applied_at text not null)',
  );
  for (const statement of step.statements(words)) session.db.exec(statement);
  session.db
    .prepare('insert into schema_version (version, name, applied_at) values (?, ?, ?)')
    .run(step.version, step.name, now().toISOString());
}
