import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type { Database } from '../schema.ts';

/** Compiled statements kept for each connection: the API sends few different texts, again and again. */
const STATEMENTS_KEPT = 200;

/**
 * Kysely over an open `node:sqlite` connection. Only for reading: the store's writes go through its writer thread.
 * The connection stays its opener's to close.
 */
export function kyselyOver(db: DatabaseSync): Kysely<Database> {
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= STATEMENTS_KEPT) statements.delete(statements.keys().next().value!);
    const statement = db.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  return new Kysely<Database>({
    dialect: new SqliteDialect({
      database: {
        close: () => undefined,
        prepare: (text) => asKyselyStatement(prepared(text)),
      },
    }),
  });
}

function asKyselyStatement(statement: StatementSync) {
  const bound = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: true,
    all: (parameters: readonly unknown[]) => statement.all(...bound(parameters)),
    run: (parameters: readonly unknown[]) => statement.run(...bound(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...bound(parameters)),
  };
}
