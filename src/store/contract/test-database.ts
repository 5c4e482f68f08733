import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openStore } from '../store.ts';
import { sharedPostgres } from './postgres-server.ts';

/** A database of its own for one test, on the server that the whole test run shares. */
export type TestDatabase = { readonly url: string; remove(): Promise<void> };

const TEMPLATE = 'foreknow_template';

/** @param filled true for one that has the newest schema already, false for an empty one */
export async function testDatabase(filled = true): Promise<TestDatabase> {
  const server = await sharedPostgres(inject('postgresFolder'), inject('runnerPid'), async (url) => {
    await asAdmin(url('postgres'), `create database ${TEMPLATE}`);
    const store = await openStore({ folder: inject('postgresFolder'), databaseUrl: url(TEMPLATE) });
    await store.close();
  });
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(server.url('postgres'), `create database ${name}${filled ? ` template ${TEMPLATE}` : ''}`);
  return {
    url: server.url(name),
    remove: () => asAdmin(server.url('postgres'), `drop database ${name} with (force)`),
  };
}

export async function asAdmin(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
