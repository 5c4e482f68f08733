import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { auditRoom } from '../audit/audit.ts';
import type { Actor, AuditEntry } from '../audit/ports.ts';
import { ForeknowError } from '../errors/errors.ts';
import { appendAudit } from './ops/audit.ts';
import { HOME } from './ops/events.ts';
import type { Op } from './ops/op.ts';
import { lockSchema, migrate } from './postgres/migrate.ts';
import { openPools } from './postgres/pool.ts';
import { cleaned } from './postgres/statement.ts';
import { transact } from './postgres/transact.ts';
import type { Cell, CellType, Session } from './session.ts';
import { type OpenDatabase, openDatabase } from './sqlite/database.ts';
import { databasePath } from './sqlite/folder.ts';
import { openSqliteStore } from './sqlite/open.ts';

export type CopyOptions = {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly now: () => Date;
  /** Who copies: stands in the audit log of the folder and in that of the copy. */
  readonly actor: Actor;
  /** Told after each batch, and once more when the table is done. */
  readonly onProgress?: (progress: { readonly table: string; readonly rows: number; readonly done: boolean }) => void;
};

export type CopiedTable = {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over the rows in the order of their key; equal on both sides. */
  readonly digest: string;
};

/** Columns in their order, and those of the primary key. */
type Table = {
  readonly name: string;
  readonly columns: Readonly<Record<string, CellType>>;
  readonly key: readonly string[];
};

const ROWS_A_BATCH = 1000;
/** Tables of one row that the schema itself puts there: counters, which are at 0 in an empty store. */
const counters = ['log_head', 'audit_head'];

/**
 * Copies the SQLite store of a folder into an empty Postgres database: every table, secrets sealed as they are, numbers of the
 * log as they are. All of it in one transaction, which ends well only when every table reads back with the digest it has in the
 * folder. The folder is held meanwhile, so a server on it has to be stopped, and it stays as it is but for its audit log.
 * @throws ForeknowError `store_locked` when a server holds the folder, `store_newer` when a newer version wrote one of the two,
 *   `conflict` when the database holds anything, `store_failed`
 */
export async function copyStore(options: CopyOptions): Promise<readonly CopiedTable[]> {
  const { folder, databaseUrl, now } = options;
  const pools = openPools(databaseUrl);
  try {
    // Opening it brings it up to date and ends what a killed process had begun.
    const source = await openSqliteStore({ folder, now });
    try {
      const act = { action: 'store.copied', target: null };
      return await auditRoom({ store: source, now }).act(options.actor, act, () => copyAll(pools.writes, options), {
        isAnnounced: true,
        told: detailsOf,
      });
    } finally {
      await source.close();
    }
  } finally {
    await pools.close();
  }
}

async function copyAll(target: Pool, options: CopyOptions): Promise<readonly CopiedTable[]> {
  await transact(target, migrate, { at: options.now().toISOString() });
  const database = openDatabase(databasePath(options.folder), 'read', 8000);
  try {
    return await transact(target, copyInto, { database, ...options });
  } finally {
    database.close();
  }
}

const entryOf = ({ now, actor }: CopyOptions, tables: readonly CopiedTable[]): AuditEntry => ({
  at: now().toISOString(),
  actor,
  action: 'store.copied',
  target: null,
  connectionId: null,
  outcome: 'done',
  error: null,
  ...detailsOf(tables),
});

const detailsOf = (tables: readonly CopiedTable[]) => ({
  details: { rows: tables.reduce((sum, { rows }) => sum + rows, 0) },
});

type Copying = CopyOptions & { readonly database: OpenDatabase };

const copyInto: Op<Copying, readonly CopiedTable[]> = {
  durable: true,
  fills: () => true,
  run: async (session, { database, ...options }) => {
    const tables = tablesOf(database);
    await lockSchema(session);
    await session.run(`lock table ${tables.map(({ name }) => name).join(', ')} in share row exclusive mode`);
    // Where the database is, which a server that was only started on it has noted, is no content.
    await session.run('delete from store_facts where name = ?', HOME);
    for (const { name } of tables) await refuseFilled(session, name);
    const copied: CopiedTable[] = [];
    for (const table of tables) {
      if (counters.includes(table.name)) await session.run(`delete from ${table.name}`);
      const written = await copyTable(session, database, table, options.onProgress);
      const readBack = await digestOf(session, table);
      if (written.digest !== readBack.digest || written.rows !== readBack.rows) throw differs(table.name);
      copied.push({ table: table.name, ...written });
    }
    await appendAudit.run(session, entryOf(options, copied));
    return copied;
  },
};

function tablesOf(database: OpenDatabase): readonly Table[] {
  const names = database.all<{ name: string }>(
    `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'schema_version'
     order by name`,
  );
  return names.map(({ name }) => {
    const columns = database.all<{ name: string; type: string; pk: number }>(`pragma table_info(${name})`);
    const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    return {
      name,
      columns: Object.fromEntries(
        columns.map((column) => [column.name, /^text$/i.test(column.type) ? 'text' : 'number'] as const),
      ),
      key: key.map((column) => column.name),
    };
  });
}

/** @throws ForeknowError `conflict` when the table holds anything */
async function refuseFilled(session: Session, table: string): Promise<void> {
  const isEmpty = counters.includes(table)
    ? `not exists (select 1 from ${table} where seq <> 0)`
    : `not exists (select 1 from ${table})`;
  const found = await session.get<{ filled: number }>(`select case when ${isEmpty} then 0 else 1 end as filled`);
  if (found?.filled === 0) return;
  throw new ForeknowError('conflict', {
    detail: `The database is not empty: its table ${table} holds rows.`,
    hint: 'Name a database that no foreknow server has been started on, or drop and create this one.',
  });
}

async function copyTable(
  session: Session,
  database: OpenDatabase,
  { name, columns, key }: Table,
  onProgress: CopyOptions['onProgress'],
): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  let batch: (readonly Cell[])[] = [];
  const flush = async () => {
    await session.insert({ table: name, columns }, batch);
    rows += batch.length;
    batch = [];
    onProgress?.({ table: name, rows, done: false });
  };
  const names = Object.keys(columns);
  for (const found of database.statement(readText(name, names, key)).iterate()) {
    const row = names.map((column) => found[column] as Cell);
    hash.update(line(row));
    batch.push(row);
    if (batch.length === ROWS_A_BATCH) await flush();
  }
  await flush();
  onProgress?.({ table: name, rows, done: true });
  return { rows, digest: hash.digest('hex') };
}

async function digestOf(session: Session, { name, columns, key }: Table): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  const names = Object.keys(columns);
  await session.walk<Record<string, Cell>>(readText(name, names, key), [], (found) => {
    hash.update(line(names.map((column) => found[column] ?? null)));
    rows += 1;
  });
  return { rows, digest: hash.digest('hex') };
}

const readText = (table: string, columns: readonly string[], key: readonly string[]): string =>
  `select ${columns.join(', ')} from ${table} order by ${key.join(', ')}`;

/** Postgres keeps no U+0000; everything else reads back as it was. */
const line = (row: readonly Cell[]): string =>
  `${JSON.stringify(row.map((cell) => (typeof cell === 'string' ? cleaned(cell) : cell)))}\n`;

const differs = (table: string): ForeknowError =>
  new ForeknowError('store_failed', {
    detail: `The copy of the table ${table} does not read back as it was written; nothing was kept.`,
    hint: 'Look into the log of the database server, and try again.',
  });
