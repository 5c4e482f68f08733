import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../store.ts';
import { startPostgres } from './postgres-server.ts';
import { withClient } from './test-database.ts';

test('the binaries of the development dependency make a server too, whoever runs the tests', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-server-'));
  const server = await startPostgres({ source: 'package' });
  try {
    await withClient(server.url('postgres'), async (client) => {
      const { rows } = await client.query("select current_setting('server_version_num')::int as version");
      expect(rows[0].version).toBeGreaterThanOrEqual(150_000);
    });
    const store = await openStore({ folder, databaseUrl: server.url('postgres') });
    expect(await store.lastChangeSeq()).toBe(0);
    await store.close();
  } finally {
    await server.stop();
    for (const path of [folder, server.folder]) rmSync(path, { recursive: true });
  }
});
