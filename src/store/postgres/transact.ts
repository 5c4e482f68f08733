import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { ForeknowError } from '../../errors/errors.ts';
import { withEntry } from '../ops/noted.ts';
import type { Op } from '../ops/op.ts';
import type { CallOp } from '../ops/ops.ts';
import { ops } from '../ops/ops.ts';
import { recordStreams, tableOf } from '../row-tables.ts';
import { asStoreError, isAnswer, isRepeatable } from './failure.ts';
import { postgresSession } from './session.ts';

const MOST_TRIES = 6;
/** A process that stands still in the middle of a transaction must not keep the others waiting. */
const IDLE_MS = 30_000;

/** Runs operations of the store by name, each in a transaction of its own. */
export const callOver = (pool: Pool): CallOp =>
  ((name, args, note) => transact(pool, withEntry(ops[name] as Op<unknown, unknown>, note), args)) as CallOp;

/** @throws ForeknowError of the operation itself, or `store_failed` */
export async function transact<Args, Result>(pool: Pool, op: Op<Args, Result>, args: Args): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await attempt(pool, op, args);
      if (op.fills?.(args)) await refreshFigures(pool);
      return result;
    } catch (error) {
      const mayRepeat = isRepeatable(error) || error instanceof NotBegun;
      if (error instanceof NotConfirmed) throw asOpen(asStoreError(error.cause));
      if (tries === MOST_TRIES || !mayRepeat) throw asStoreError(error instanceof NotBegun ? error.cause : error);
      await sleep(Math.random() * 10 * 2 ** tries);
    }
  }
}

/** The connection was lost before the transaction began: a server that was restarted leaves such ones in the pool. */
class NotBegun extends Error {}

/** The connection was lost while the server was to confirm the transaction. */
class NotConfirmed extends Error {}

const asOpen = ({ code, cause }: ForeknowError): ForeknowError =>
  new ForeknowError(code, {
    detail: 'The database went away before it confirmed a change: whether it is made is not known.',
    hint: 'Look at what is there before you make it again.',
    isOpen: true,
    cause,
  });

async function attempt<Args, Result>(pool: Pool, op: Op<Args, Result>, args: Args): Promise<Result> {
  const client = await pool.connect();
  let isSound = false;
  try {
    await client.query(beginText(op, args)).catch((error: unknown) => {
      throw isAnswer(error) ? error : new NotBegun('not begun', { cause: error });
    });
    const result = await op.run(postgresSession(client), args);
    await client.query('commit').catch((error: unknown) => {
      throw isAnswer(error) ? error : new NotConfirmed('not confirmed', { cause: error });
    });
    isSound = true;
    return result;
  } catch (error) {
    if (isAnswer(error)) {
      isSound = await client.query('rollback').then(
        () => true,
        () => false,
      );
    }
    throw error;
  } finally {
    client.release(!isSound);
  }
}

function beginText<Args>(op: Op<Args, unknown>, args: Args): string {
  const durable = typeof op.durable === 'function' ? op.durable(args) : op.durable;
  return [
    'begin',
    `set local idle_in_transaction_session_timeout = ${IDLE_MS}`,
    ...(durable ? [] : ['set local synchronous_commit = off']),
    // Without figures of a new table the planner would walk one large set for each row of the other.
    ...(op.wide ? ['set local enable_nestloop = off'] : []),
  ].join('; ');
}

const filledTables = [...recordStreams.map(tableOf), 'memberships', 'person_totals', 'changes'].join(', ');

const AUTOMATIC_MS = 60_000;
const refreshedAt = new WeakMap<Pool, number>();

/**
 * The planner gets new figures by itself, but only after a minute; so once a minute is enough when many accounts are filled.
 * That it could not have them now is no failure.
 */
async function refreshFigures(pool: Pool): Promise<void> {
  const now = performance.now();
  if (now - (refreshedAt.get(pool) ?? -AUTOMATIC_MS) < AUTOMATIC_MS) return;
  refreshedAt.set(pool, now);
  await pool.query(`analyze (skip_locked) ${filledTables}`).catch(() => undefined);
}
