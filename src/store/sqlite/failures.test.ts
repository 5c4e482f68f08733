import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aChange, aConnection, aPage, aRow, aRun, at, aUser } from '../contract/builders.ts';
import { openStore } from '../store.ts';
import { openDatabase } from './database.ts';
import { databasePath } from './folder.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'foreknow-failures-'));
  chmodSync(parent, 0o755);
  folder = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Does the work as an account that is not almighty. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  const nobody = 65534;
  process.seteuid!(nobody);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

test('files that cannot grow any more: the write fails in words, and what was confirmed is there without hand work', async () => {
  const script = fileURLToPath(new URL('../contract/writing-process.ts', import.meta.url));
  const limited = `trap '' XFSZ; ulimit -f 6000; exec "$@"`;
  const child = spawn('/bin/sh', ['-c', limited, 'sh', process.execPath, script, folder], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let confirmed = -1;
  let said = '';
  child.on('message', (message) => {
    if (typeof message === 'number') confirmed = message;
  });
  child.stderr!.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(1);
  expect(said).toMatch(/store_failed/);
  expect(said).toMatch(/The disk is full\.|The disk reported an error\./);
  expect(confirmed).toBeGreaterThan(3);

  const store = await openStore({ folder });
  const pass = await store.openPass(con, 'users', 'all');
  expect(pass!.pages).toBeGreaterThanOrEqual(confirmed + 1);
  expect(await store.liveRows(con, 'users', null, 1_000_000)).toHaveLength(pass!.pages * 50);
  await store.startRun(aRun({ id: 'run_2', startedAt: at(99) }));
  await store.commitPage(aPage({ runId: 'run_2', rows: [aRow(aUser('x'))], changes: [aChange()] }));
  await store.close();
  const database = openDatabase(databasePath(folder), 'read', 1000);
  expect(database.get('pragma integrity_check')).toEqual({ integrity_check: 'ok' });
  database.close();
});

test('a folder that may not be written is refused in words, left as it is, and works once it may', async () => {
  const store = await openStore({ folder });
  await store.createConnection(aConnection(), []);
  await store.close();
  chmodSync(folder, 0o555);
  await expect(unprivileged(() => openStore({ folder }))).rejects.toMatchObject({
    code: 'store_failed',
    detail: 'The data folder cannot be written.',
    hint: expect.stringContaining('rights'),
  });
  expect(statSync(folder).mode & 0o777).toBe(0o555);
  const again = await openStore({ folder });
  expect(await again.listConnections()).toHaveLength(1);
  await again.close();
});

test('a folder that cannot be made is refused in words, and at once', async () => {
  const file = join(parent, 'file');
  writeFileSync(file, '');
  const closed = join(parent, 'closed');
  mkdirSync(closed, { mode: 0o555 });
  const told: readonly (readonly [string, string])[] = [
    [join(file, 'data'), 'a file is in the way'],
    [join(closed, 'deep', 'data'), 'cannot be written'],
    ['/proc/nothing/here', 'cannot be'],
  ];
  for (const [path, words] of told) {
    await expect(unprivileged(() => openStore({ folder: path }))).rejects.toMatchObject({
      code: 'store_failed',
      detail: expect.stringContaining(words),
    });
  }
});
