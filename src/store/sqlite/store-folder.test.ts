import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aConnection, aPage, aPass, aRow, aRun, at, aUser } from '../contract/builders.ts';
import { filesHolding } from '../contract/temp-store.ts';
import { migrations } from '../migrations/migration.ts';
import { openStore, type Store } from '../store.ts';
import { openDatabase } from './database.ts';
import { databasePath } from './folder.ts';
import { readServerInfo } from './lock.ts';
import { migrate } from './migrate.ts';
import { startWriter } from './writer-thread.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
let parent: string;
let folder: string;
const open: Store[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'foreknow-folder-'));
  folder = join(parent, 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const store of open.splice(0)) await store.close();
  rmSync(parent, { recursive: true });
});

async function opened(options: Partial<Parameters<typeof openStore>[0]> = {}): Promise<Store> {
  const store = await openStore({ folder, ...options });
  open.push(store);
  return store;
}
const closed = async (store: Store) => {
  open.splice(open.indexOf(store), 1);
  await store.close();
};

/** A process of its own that opens the folder and writes pages until it is killed. Says `ready`, then each page's number. */
function startWritingProcess(): ChildProcess {
  const child = fork(fileURLToPath(new URL('../contract/writing-process.ts', import.meta.url)), [folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

describe('the data folder', () => {
  test('is made for its owner alone, with everything in it, whatever the umask and the rights it had', async () => {
    mkdirSync(folder, { mode: 0o755 });
    const umask = process.umask(0);
    try {
      const store = await opened();
      await store.createConnection(aConnection(), []);
      store.announce({ pid: process.pid, startedAt: at(0), address: 'http://127.0.0.1:1', token: 'fk_x' });
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      const files = readdirSync(folder);
      expect(files).toEqual(expect.arrayContaining(['foreknow.db', 'foreknow.db-wal', 'server.json', 'server.lock']));
      for (const file of files) expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
    } finally {
      process.umask(umask);
    }
  });

  test('is held against a second server, which is told who holds it', async () => {
    const store = await opened();
    store.announce({ pid: 4242, startedAt: at(0), address: 'http://127.0.0.1:8741', token: 'fk_secret' });
    const refusal = await openStore({ folder }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'store_locked',
      detail: 'Process 4242 at http://127.0.0.1:8741 is using this data folder.',
    });
    expect(JSON.stringify(refusal)).not.toContain('fk_secret');
    expect(readServerInfo(folder)).toMatchObject({ address: 'http://127.0.0.1:8741', token: 'fk_secret' });
    await closed(store);
    expect(readServerInfo(folder)).toBeNull();
    await opened();
  });

  test('is held against another process, and is free the moment that one is killed', async () => {
    const child = startWritingProcess();
    await once(child, 'message');
    expect(readServerInfo(folder)).toMatchObject({ pid: child.pid });
    await expect(openStore({ folder })).rejects.toMatchObject({
      code: 'store_locked',
      detail: `Process ${child.pid} is using this data folder.`,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readServerInfo(folder)).toBeNull();
    await opened();
  });

  test('can be read beside a running server, and only read', async () => {
    const writing = await opened();
    await writing.createConnection(aConnection(), []);
    const reading = await opened({ access: 'read' });
    expect(await reading.listConnections()).toHaveLength(1);
    await writing.createConnection(aConnection({ id: 'con_b', name: 'second' }), []);
    expect(await reading.listConnections()).toHaveLength(2);
    await expect(reading.saveConnection(aConnection())).rejects.toMatchObject({ code: 'store_failed' });
  });

  test('without a store in it says so to a reader and stays as it was', async () => {
    await expect(openStore({ folder, access: 'read' })).rejects.toMatchObject({ code: 'store_failed' });
    mkdirSync(folder);
    await expect(openStore({ folder, access: 'read' })).rejects.toMatchObject({ code: 'store_failed' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('with something else in place of the database is refused in words, and the lock is given back', async () => {
    mkdirSync(folder);
    writeFileSync(databasePath(folder), 'not a database, but long enough to look like a file of some kind'.repeat(40));
    await expect(openStore({ folder })).rejects.toMatchObject({
      code: 'store_failed',
      detail: 'The file is not a database.',
    });
    rmSync(databasePath(folder));
    await opened();
  });
});

describe('killed while it writes', () => {
  test('every page is there as a whole or not at all, and what was confirmed is there', async () => {
    for (let round = 0; round < 5; round += 1) {
      const child = startWritingProcess();
      let confirmed = -1;
      child.on('message', (message) => {
        if (typeof message === 'number') confirmed = message;
      });
      while (confirmed < 3 + round * 4) await once(child, 'message');
      child.kill('SIGKILL');
      await once(child, 'exit');

      const store = await opened();
      const pass = await store.openPass(con, 'users', 'all');
      const rows = await store.liveRows(con, 'users', null, 1_000_000);
      const changes = await store.changes({ connectionIds: null, after: 0, limit: 1_000_000 });
      expect(pass!.pages).toBeGreaterThanOrEqual(confirmed + 1);
      expect(pass!.checkpoint).toBe(`page:${pass!.pages}`);
      expect(rows).toHaveLength(pass!.rows);
      expect(rows).toHaveLength(pass!.pages * 50);
      expect(changes).toHaveLength(pass!.pages);
      expect((await store.listRuns(con, 9))[0]!.status).toBe('interrupted');
      await store.deleteConnection(con, { purge: true, at: at(9) });
      await closed(store);
    }
  });
});

describe('migrations', () => {
  const newest = migrations.at(-1)!.version;
  const later = { version: newest + 1, name: 'later', statements: () => ['create table later (id text primary key)'] };

  test('a store with data is copied before its schema changes', async () => {
    const store = await opened();
    await store.createConnection(aConnection(), []);
    await closed(store);
    const session = openDatabase(databasePath(folder), 'write', 1000);
    await migrate(session, databasePath(folder), () => new Date(0), [...migrations, later]);
    session.close();
    const backup = join(folder, `foreknow-backup-v${newest}.db`);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const copy = openDatabase(backup, 'read', 1000);
    expect(copy.get('select name from connections')).toEqual({ name: 'example-foods' });
    expect(copy.get('select max(version) as version from schema_version')).toEqual({ version: newest });
    copy.close();
  });

  test('a store that a newer version wrote is refused in words and left alone', async () => {
    await closed(await opened());
    const session = openDatabase(databasePath(folder), 'write', 1000);
    await migrate(session, databasePath(folder), () => new Date(0), [...migrations, later]);
    session.close();
    for (const access of ['write', 'read'] as const) {
      await expect(openStore({ folder, access })).rejects.toMatchObject({
        code: 'store_newer',
        detail: `The store has schema ${newest + 1}; this version knows schemas up to ${newest}.`,
      });
    }
    expect(readServerInfo(folder)).toBeNull();
  });

  test('tokens and endpoints of an older version keep what they could read of phishing', async () => {
    mkdirSync(folder);
    const session = openDatabase(databasePath(folder), 'write', 1000);
    await migrate(session, databasePath(folder), () => new Date(0), migrations.slice(0, 9));
    session.run(
      `insert into api_tokens (id, name, hash, last_four, scopes, created_at) values (?, ?, ?, ?, ?, ?)`,
      ...['tok_old', 'old', 'hash-old', 'abcd', '["directory","phishing"]', at(0)],
    );
    session.run(
      `insert into webhook_endpoints (id, url, types, families, format, names, state, created_at, updated_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...['whk_old', 'https://hooks.example.com/', '["*"]', '["phishing","risk"]', 'plain', 0, 'active', at(0), at(0)],
    );
    session.close();
    const store = await opened();
    expect((await store.findTokenByHash('hash-old'))?.token).toMatchObject({
      ...{ kind: 'api', scopes: ['directory', 'phishing.identified'], tags: null, fieldPolicy: null, settings: {} },
    });
    expect(await store.getEndpoint('whk_old')).toMatchObject({
      ...{ families: ['phishing.aggregate', 'phishing.identified', 'risk'], fieldPolicy: null },
    });
  });

  test('a step that fails changes nothing', async () => {
    await closed(await opened());
    const broken = {
      version: newest + 1,
      name: 'broken',
      statements: () => ['create table half (id text)', 'nonsense'],
    };
    const session = openDatabase(databasePath(folder), 'write', 1000);
    await expect(migrate(session, databasePath(folder), () => new Date(0), [...migrations, broken])).rejects.toThrow();
    expect(session.get("select 1 from sqlite_master where name = 'half'")).toBeUndefined();
    session.close();
    await opened();
  });
});

describe('the writer thread', () => {
  test('reads go on while a long write runs', async () => {
    const store = await opened();
    await store.startRun(aRun());
    await store.beginPass(aPass());
    const rows = Array.from({ length: 20_000 }, (_, index) => aRow(aUser(String(index))));
    let writing = true;
    const write = store.commitPage(aPage({ rows })).finally(() => {
      writing = false;
    });
    let readsMeanwhile = 0;
    while (writing) {
      expect(await store.liveRows(con, 'users', null, 100)).toSatisfy((found: unknown[]) =>
        [0, 100].includes(found.length),
      );
      readsMeanwhile += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await write;
    expect(readsMeanwhile).toBeGreaterThan(5);
  });

  test('that dies fails the calls that wait and all later ones instead of leaving them hanging', async () => {
    mkdirSync(folder);
    const script = join(parent, 'dying.mjs');
    writeFileSync(
      script,
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(1));",
    );
    const writer = startWriter(databasePath(folder), new URL(`file://${script}`));
    const calls = [writer.call('dropPass', 'a'), writer.call('dropPass', 'b')];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'store_failed' });
    await expect(writer.call('dropPass', 'c')).rejects.toMatchObject({ code: 'store_failed' });
    await writer.close();
  });

  test('does what was asked before the store is closed', async () => {
    const store = await opened();
    const created = store.createConnection(aConnection(), []);
    await closed(store);
    await created;
    const again = await opened();
    expect(await again.listConnections()).toHaveLength(1);
  });
});

test('an erased person is in no file of the folder', async () => {
  const store = await opened();
  await store.createConnection(aConnection(), []);
  await store.startRun(aRun());
  await store.beginPass(aPass());
  for (let page = 0; page < 20; page += 1) {
    const ids = Array.from({ length: 100 }, (_, index) => String(1000 + ((index * 37 + page * 101) % 2000)));
    await store.commitPage(aPage({ rows: ids.map((id) => aRow(aUser(id, { comment: `n${page}`.repeat(page * 9) }))) }));
  }
  const name = 'Amara.1707@example.com';
  const filesWith = (text: string) => filesHolding(folder, text);
  await store.commitPage(aPage({ rows: [aRow(aUser('1707'))] }));
  expect(filesWith(name)).not.toEqual([]);
  await store.erasePerson({ connectionId: con, userId: '1707', mark: 'mark-1', at: at(9) });
  expect(filesWith(name)).toEqual([]);
  expect(filesWith('amara.1707@example.com')).toEqual([]);
});

test('a process whose writer is asked for something while it closes ends by itself, as it should', async () => {
  await (await openStore({ folder })).close();
  const script = join(parent, 'late.mjs');
  writeFileSync(
    script,
    `import { startWriter } from ${JSON.stringify(new URL('./writer-thread.ts', import.meta.url).href)};
    const writer = startWriter(${JSON.stringify(databasePath(folder))});
    const closing = writer.close();
    writer.call('putJob', { kind: 'watch', key: 'late', dueAt: 0 }).catch(() => undefined);
    await closing;
    console.log('closed');`,
  );
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, 'closed\n']);
});
