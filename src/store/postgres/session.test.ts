import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase, withClient } from '../contract/test-database.ts';
import { postgresSession } from './session.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.remove());

test('rows are read by their key, though the planner has never heard of their connection', () =>
  withClient(database.url, async (client) => {
    const fill = (connection: string, rows: number) =>
      client.query(
        `insert into enrollment_rows (connection_id, key, scope, digest, seen_digest, first_seen_at, user_id, campaign_id, status, raw)
           select ${connection}, row::text, '', '', '', '', row::text, '9', 'Passed', '{}' from generate_series(1, ${rows}) as row`,
      );
    await fill("'con_' || row % 20", 4000);
    await client.query('analyze enrollment_rows');
    await fill("'con_new'", 2000);
    const { words } = postgresSession(client);
    const { rows } = await client.query(
      `explain (format json) select mirrored.key ${words.pointReads('enrollment_rows', '$1', '$2')}`,
      [Array.from({ length: 500 }, (_, index) => String(index)), 'con_new'],
    );
    const plan = JSON.stringify(rows[0]);
    expect(plan).toContain('"Index Name":"enrollment_rows_pkey"');
    expect(plan).not.toMatch(/enrollment_rows_(?!pkey)/);
  }));
