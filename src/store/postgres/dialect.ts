import { Kysely, PostgresDialect } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Database } from '../schema.ts';
import type { Value } from '../session.ts';
import { asStoreError, isAnswer, overAnother } from './failure.ts';
import { bound } from './statement.ts';

/** Kysely over the pool of reading connections. The pool stays its opener's to close. */
export const kyselyOver = (pool: Pool): Kysely<Database> =>
  new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => bindingClient(pool, await pool.connect().catch(rethrown)),
        end: async () => undefined,
      } as never,
    }),
  });

/** Binds values as the rest of the store does, and fails in its words. */
function bindingClient(pool: Pool, client: PoolClient) {
  let isOurs = true;
  const release = (isLost: boolean): void => {
    if (isOurs) client.release(isLost);
    isOurs = false;
  };
  return {
    query: (text: string, values: readonly Value[]) => {
      const given = values.map(bound) as unknown[];
      return client
        .query(text, given)
        .catch((error: unknown) => {
          // Given back before another one is asked for: many who lose theirs at once would wait for each other.
          if (!isAnswer(error)) release(true);
          throw error;
        })
        .catch(overAnother(() => pool.query(text, given)))
        .catch(rethrown);
    },
    release: () => release(false),
  };
}

const rethrown = (error: unknown): never => {
  throw asStoreError(error);
};
