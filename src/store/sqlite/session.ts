import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** One open connection with its compiled statements. Values are bound in order. */
export type Session = {
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
export function openSession(path: string, access: 'read' | 'write', cacheKiB: number): Session {
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
export function inTransaction<T>(session: Session, work: () => T): T {
  session.db.exec('begin immediate');
  try {
    const value = work();
    session.db.exec('commit');
    return value;
  } catch (error) {
    if (session.db.isTransaction) session.db.exec('rollback');
    throw error;
  }
}
