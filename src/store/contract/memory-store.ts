import { assemble } from '../assemble.ts';
import type { Op } from '../ops/op.ts';
import { type CallOp, ops } from '../ops/ops.ts';
import { inTransaction, openDatabase } from '../sqlite/database.ts';
import { migrate } from '../sqlite/migrate.ts';
import { sqliteSession } from '../sqlite/session.ts';

/** The store's own operations over a database in memory, one after another: for laws that are tried hundreds of times. */
export async function memoryStore(): Promise<ReturnType<typeof assemble>> {
  const database = openDatabase(':memory:', 'write', 4000);
  await migrate(database, ':memory:', () => new Date(0));
  const session = sqliteSession(database);
  let last: Promise<unknown> = Promise.resolve();
  const call = ((name, args) => {
    const op = ops[name] as Op<unknown, unknown>;
    const done = last.then(() => inTransaction(database, () => op.run(session, JSON.parse(JSON.stringify(args)))));
    last = done.catch(() => undefined);
    return done;
  }) as CallOp;
  return assemble(session, call, 'memory');
}
