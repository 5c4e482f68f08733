/**
 * The writer thread: holds the only connection that writes and does one thing after another, so that a long write never
 * keeps the API from answering. It is started by `writer-thread.ts` alone.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Noted, withEntry } from '../ops/noted.ts';
import type { Op } from '../ops/op.ts';
import { type OpName, ops } from '../ops/ops.ts';
import { inTransaction, openDatabase } from './database.ts';
import { type FailureMessage, toFailureMessage } from './failure.ts';
import { sqliteSession } from './session.ts';

/** `args` is JSON. */
export type WriterRequest = {
  readonly id: number;
  readonly op: OpName | 'close';
  readonly args: string;
  readonly note: Noted | undefined;
};
export type WriterAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: FailureMessage };

const CACHE_KIB = 16_000;

const database = openDatabase((workerData as { path: string }).path, 'write', CACHE_KIB);
// Deleted data is overwritten with zeros, and the log does not stay large after a big transaction.
database.db.exec('pragma secure_delete = on; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864');
const session = sqliteSession(database);

let durableNow = true;
let lastDone: Promise<void> = Promise.resolve();

// An operation has awaits in it: the next one begins when it has ended.
parentPort!.on('message', (request: WriterRequest) => {
  lastDone = lastDone.then(() => answer(request));
});

async function answer({ id, op, args, note }: WriterRequest): Promise<void> {
  try {
    const value =
      op === 'close' ? close() : await perform(withEntry(ops[op] as Op<unknown, unknown>, note), JSON.parse(args));
    parentPort!.postMessage({ id, value } satisfies WriterAnswer);
  } catch (error) {
    parentPort!.postMessage({ id, failure: toFailureMessage(error) } satisfies WriterAnswer);
  }
}

async function perform(op: Op<unknown, unknown>, args: unknown): Promise<unknown> {
  setDurable(typeof op.durable === 'function' ? op.durable(args) : op.durable);
  const value = await inTransaction(database, () => op.run(session, args));
  if (op.erases) database.db.exec('pragma wal_checkpoint(truncate)');
  // A sample is enough for the planner.
  if (op.fills?.(args)) database.db.exec('pragma analysis_limit = 1000; analyze');
  return value;
}

/** In WAL mode `full` waits for the disk at each commit; `normal` only loses the newest commits in a power cut, whole ones. */
function setDurable(durable: boolean): void {
  if (durable === durableNow) return;
  database.db.exec(`pragma synchronous = ${durable ? 'full' : 'normal'}`);
  durableNow = durable;
}

function close(): void {
  database.db.exec('pragma optimize');
  database.close();
  parentPort!.unref(); // nothing is left to do: the thread ends by itself
}
