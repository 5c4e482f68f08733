/**
 * The writer thread: holds the only connection that writes and does one thing after another, so that a long write never
 * keeps the API from answering. It is started by `writer-thread.ts` alone.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type FailureMessage, toFailureMessage } from './failure.ts';
import type { Op } from './ops/op.ts';
import { type OpName, ops } from './ops/ops.ts';
import { inTransaction, openSession, type Session } from './session.ts';

export type WriterRequest = { readonly id: number; readonly op: OpName | 'close'; readonly args: unknown };
export type WriterAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: FailureMessage };

const CACHE_KIB = 16_000;

const session = openSession((workerData as { path: string }).path, 'write', CACHE_KIB);
// Deleted data is overwritten with zeros, and the log does not stay large after a big transaction.
session.db.exec('pragma secure_delete = on; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864');

let durableNow = true;

parentPort!.on('message', ({ id, op, args }: WriterRequest) => {
  try {
    const value = op === 'close' ? close() : perform(session, ops[op] as Op<unknown, unknown>, args);
    parentPort!.postMessage({ id, value } satisfies WriterAnswer);
  } catch (error) {
    parentPort!.postMessage({ id, failure: toFailureMessage(error) } satisfies WriterAnswer);
  }
});

function perform(target: Session, op: Op<unknown, unknown>, args: unknown): unknown {
  setDurable(typeof op.durable === 'function' ? op.durable(args) : op.durable);
  const value = inTransaction(target, () => op.run(target, args));
  if (op.erases) target.db.exec('pragma wal_checkpoint(truncate)');
  return value;
}

/** In WAL mode `full` waits for the disk at each commit; `normal` only loses the newest commits in a power cut, whole ones. */
function setDurable(durable: boolean): void {
  if (durable === durableNow) return;
  session.db.exec(`pragma synchronous = ${durable ? 'full' : 'normal'}`);
  durableNow = durable;
}

function close(): void {
  session.db.exec('pragma optimize');
  session.close();
}
