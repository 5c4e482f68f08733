import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openStore } from '../store.ts';
import { sharedPostgres } from './postgres-server.ts';

/** A database of its own for one test, on the server that the whole test run shares. */
export type TestDatabase = { readonly url: string; remove(): Promise<void> };

const TEMPLATE = 'foreknow_template';

/** Databases with the newest schema that this process has used before. Making one takes longer than emptying one. */
const used: string[] = [];

/** A database that has the newest schema and nothing in it. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const known = used.pop();
  const url = known ?? (await newDatabase(server.url, ` template ${TEMPLATE}`));
  if (known !== undefined) await withClient(url, emptied);
  return { url, remove: async () => void used.push(url) };
}

/** A database without a single table. */
export async function blankDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const url = await newDatabase(server.url, '');
  const name = new URL(url).pathname.slice(1);
  return {
    url,
    remove: () => withClient(server.url('postgres'), (client) => client.query(`drop database ${name} with (force)`)),
  };
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const testServer = () =>
  sharedPostgres(inject('postgresFolder'), inject('runnerPid'), async (url) => {
    await withClient(url('postgres'), (client) => client.query(`create database ${TEMPLATE}`));
    const store = await openStore({ folder: inject('postgresFolder'), databaseUrl: url(TEMPLATE) });
    await store.close();
  });

async function newDatabase(url: (database: string) => string, from: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(url('postgres'), (client) => client.query(`create database ${name}${from}`));
  return url(name);
}

/** Takes every row out, those behind triggers too, but what the schema itself puts in. */
async function emptied(client: Client): Promise<void> {
  const { rows: tables } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_version'",
  );
  const { rows: counters } = await client.query<{ name: string }>('select sequencename as name from pg_sequences');
  await client.query(
    [
      'set session_replication_role = replica',
      ...tables.filter(({ name }) => !name.endsWith('_head')).map(({ name }) => `delete from ${name}`),
      ...counters.map(({ name }) => `alter sequence ${name} restart`),
      'update log_head set seq = 0, dropped_to = 0',
      'update audit_head set seq = 0',
    ].join('; '),
  );
}
