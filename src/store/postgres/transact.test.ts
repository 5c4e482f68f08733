import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import type { Op } from '../ops/op.ts';
import { transact } from './transact.ts';

/** A pool whose connections fail at one statement, as when the server goes away. */
function poolThatLosesAt(statement: string): { pool: Pool; said: string[] } {
  const said: string[] = [];
  const client = {
    query: async (text: string) => {
      said.push(text.split(';')[0]!);
      if (text.startsWith(statement)) throw new Error('Connection terminated unexpectedly');
      return { rows: [], rowCount: 0 };
    },
    release: () => undefined,
  };
  return { pool: { connect: async () => client } as unknown as Pool, said };
}

const nothing: Op<null, string> = { durable: true, run: async () => 'done' };

test('a change that the server never confirmed is told as open, and is not made again', async () => {
  const { pool, said } = poolThatLosesAt('commit');
  await expect(transact(pool, nothing, null)).rejects.toMatchObject({ code: 'store_failed', isOpen: true });
  expect(said).toEqual(['begin', 'commit']);
});

test('one that was never begun is tried over other connections, and is not open', async () => {
  const { pool, said } = poolThatLosesAt('begin');
  await expect(transact(pool, nothing, null)).rejects.toMatchObject({ code: 'store_failed', isOpen: false });
  expect(said.length).toBeGreaterThan(1);
});
