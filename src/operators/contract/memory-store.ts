import { assemble } from '../../store/assemble.ts';
import type { Op } from '../../store/ops/op.ts';
import { type CallOp, ops } from '../../store/ops/ops.ts';
import { inTransaction, openDatabase } from '../../store/sqlite/database.ts';
import { migrate } from '../../store/sqlite/migrate.ts';
import { sqliteSession } from '../../store/sqlite/session.ts';
import type { OperatorStore } from '../ports.ts';

/** The store's own operations over a database in memory, one after another. */
export async function memoryStore(): Promise<OperatorStore> {
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
