import { sql } from 'kysely';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { kyselyOver } from './dialect.ts';

/** A pool whose connection fails each statement with this error; it answers on another one. */
function poolThatLoses(error: Error) {
  const done: string[] = [];
  const client = {
    query: async () => Promise.reject(error),
    release: (isLost: boolean) => done.push(isLost ? 'thrown away' : 'given back'),
  };
  const pool = {
    connect: async () => client,
    query: async () => {
      done.push('asked on another one');
      return { command: 'SELECT', rowCount: 1, rows: [{ one: 1 }] };
    },
  };
  return { done, read: () => sql`select 1 as one`.execute(kyselyOver(pool as unknown as Pool)) };
}

test('a lost connection is thrown away before another one is asked for, so that many do not wait for each other', async () => {
  const { done, read } = poolThatLoses(new Error('Connection terminated unexpectedly'));
  expect((await read()).rows).toEqual([{ one: 1 }]);
  expect(done).toEqual(['thrown away', 'asked on another one']);
});

test('a connection that nobody answers on is thrown away, and its read is not begun again', async () => {
  const { done, read } = poolThatLoses(new Error('Query read timeout'));
  await expect(read()).rejects.toMatchObject({
    code: 'store_failed',
    detail: 'The database does not answer in time.',
  });
  expect(done).toEqual(['thrown away']);
});

test('a refusal of the server leaves its connection to the next one', async () => {
  const { done, read } = poolThatLoses(Object.assign(new Error('no'), { code: '42501', severity: 'ERROR' }));
  await expect(read()).rejects.toMatchObject({ code: 'store_failed', detail: 'The database user lacks a right.' });
  expect(done).toEqual(['given back']);
});
