import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** One open SQLite connection with its compiled statements. Values are bound in order. */
export type OpenDatabase = {
  readonly db: DatabaseSync;
  /** Compiles the text once for each connection. */
  statement(text: string): StatementSync;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  /** @returns rows changed */
  run(text: string, ...values: SQLInputValue[]): number;
  close(): void;
};

const BUSY_TIMEOUT_MS = 10_000;

/**
 * @param access `read` cannot write whatever is asked of it
 * @param cacheKiB page cache of this connection
 */
export function openDatabase(path: string, access: 'read' | 'write', cacheKiB: number): OpenDatabase {
  const db = new DatabaseSync(path, { readOnly: access === 'read', timeout: BUSY_TIMEOUT_MS });
  db.exec(`pragma cache_size = -${cacheKiB}`);
  const statements = new Map<string, StatementSync>();
  const statement = (text: string): StatementSync => {
    let known = statements.get(text);
    if (known === undefined) {
      known = db.prepare(text);
      statements.set(text, known);
    }
    return known;
  };
  return {
    db,
    statement,
    all: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).all(...values) as Row[],
    get: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).get(...values) as Row | undefined,
    run: (text, ...values) => Number(statement(text).run(...values).changes),
    close: () => db.close(),
  };
}

/** Runs `work` in one transaction: all of it or nothing. */
export async function inTransaction<T>({ db }: OpenDatabase, work: () => T | Promise<T>): Promise<T> {
  db.exec('begin immediate');
  try {
    const value = await work();
    db.exec('commit');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}
