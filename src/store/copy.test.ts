import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../audit/ports.ts';
import { aChange, aConnection, aPage, aPass, aRow, aRun, aSecret, aToken, at, aUser } from './contract/builders.ts';
import { blankDatabase, type TestDatabase, withClient } from './contract/test-database.ts';
import { copyStore } from './copy.ts';
import { recordStreams } from './row-tables.ts';
import { openDatabase } from './sqlite/database.ts';
import { databasePath } from './sqlite/folder.ts';
import { openStore, type Store } from './store.ts';

const oldStore = fileURLToPath(new URL('../../test/fixtures/stores/v1.db.gz', import.meta.url));
const actor: Actor = { kind: 'operator', id: 'ines', name: null, door: 'cli', from: null, requestId: null };
const now = () => new Date(at(500));

let folder: string;
let database: TestDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-copy-'));
  database = await blankDatabase();
});
afterEach(async () => {
  await database.remove();
  rmSync(folder, { recursive: true });
});

const copy = () => copyStore({ folder, databaseUrl: database.url, now, actor });

async function withStore<T>(options: { databaseUrl?: string }, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ folder, ...options });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What a reader of the store can tell about it. */
const seen = (store: Store) =>
  store.listConnections().then(async (connections) => ({
    connections,
    secrets: await store.listSecrets(),
    tokens: await store.listTokens(),
    changes: await store.changes({ connectionIds: null, after: 0, limit: 100_000 }),
    last: await store.lastChangeSeq(),
    digests: await Promise.all(
      connections.flatMap(({ id }) => recordStreams.map((stream) => store.contentDigest(id, stream))),
    ),
    runs: await Promise.all(connections.map(({ id }) => store.listRuns(id, 1000))),
    states: await Promise.all(connections.map(({ id }) => store.streamStates(id))),
    budgets: await Promise.all(connections.map(({ accountKey }) => store.budget(accountKey ?? '').state())),
  }));

test('a store that an account was synced into is there on Postgres, row for row and number for number', async () => {
  writeFileSync(databasePath(folder), gunzipSync(readFileSync(oldStore)));
  const tables = await copy();
  expect(tables.find(({ table }) => table === 'user_rows')?.rows).toBeGreaterThan(10);
  const before = await withStore({}, seen);
  expect(before.connections.length).toBeGreaterThan(0);
  expect(await withStore({ databaseUrl: database.url }, seen)).toEqual(before);
});

const audited = async (store: Store) =>
  (await store.auditEntries({ after: 0, limit: 9, connectionIds: null })).map((entry) => [
    ...[entry.action, entry.actor.id, entry.outcome, entry.error],
  ]);
const copied = [
  ['store.copied', 'ines', 'begun', null],
  ['store.copied', 'ines', 'done', null],
];

test('a copy that fails is in the audit log of the folder', async () => {
  await withStore({ databaseUrl: database.url }, (store) => store.createToken(aToken(), 'theirs'));
  await withStore({}, (store) => store.createConnection(aConnection(), []));
  await expect(copy()).rejects.toMatchObject({ code: 'conflict' });
  const refused = [copied[0], ['store.copied', 'ines', 'refused', 'conflict']];
  await withStore({}, async (store) => expect(await audited(store)).toEqual(refused));
});

test('what is written after it goes on with the next number of the log', async () => {
  await withStore({}, async (store) => {
    await store.createConnection(aConnection(), [aSecret()]);
    await store.createToken(aToken(), 'hash');
    await store.startRun(aRun());
    await store.beginPass(aPass());
    const odd = 'a "quoted" \\ back { brace, comma } \u{1F600} \n line';
    await store.commitPage(aPage({ rows: [aRow(aUser('1', { department: odd }))], changes: [aChange({ key: odd })] }));
  });
  const before = await withStore({}, seen);
  const progress: string[] = [];
  await copyStore({
    folder,
    databaseUrl: database.url,
    now,
    actor,
    onProgress: ({ table, rows, done }) => void (done && rows > 0 && progress.push(table)),
  });
  expect(progress).toContain('connections');
  await withStore({ databaseUrl: database.url }, async (store) => {
    expect(await seen(store)).toEqual(before);
    await store.startRun(aRun({ id: 'run_2', startedAt: at(600) }), at(630));
    await store.commitPage(aPage({ runId: 'run_2', changes: [aChange()] }));
    expect(await store.lastChangeSeq()).toBe(before.last + 1);
    expect(await audited(store)).toEqual(copied);
  });
  await withStore({}, async (store) => expect(await audited(store)).toEqual(copied));
});

test('a database that holds anything is left as it was', async () => {
  await withStore({}, (store) => store.createConnection(aConnection(), []));
  await withStore({ databaseUrl: database.url }, (store) => store.createToken(aToken(), 'theirs'));
  await expect(copy()).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining('api_tokens') });
  await withStore({ databaseUrl: database.url }, async (store) => {
    expect(await store.listTokens()).toHaveLength(1);
    expect(await store.listConnections()).toEqual([]);
  });
});

test('a copy that was made before is not made again over it', async () => {
  await withStore({}, (store) => store.createConnection(aConnection(), []));
  await copy();
  await expect(copy()).rejects.toMatchObject({ code: 'conflict' });
});

test('a schema of a newer version is refused on either side', async () => {
  const newer = "insert into schema_version (version, name, applied_at) values (9999, 'later', '')";
  await withStore({}, (store) => store.createConnection(aConnection(), []));
  await withStore({ databaseUrl: database.url }, async () => undefined);
  await withClient(database.url, (client) => client.query(newer));
  await expect(copy()).rejects.toMatchObject({ code: 'store_newer' });
  await withClient(database.url, (client) => client.query('delete from schema_version where version = 9999'));
  const source = openDatabase(databasePath(folder), 'write', 1000);
  source.run(newer);
  source.close();
  await expect(copy()).rejects.toMatchObject({ code: 'store_newer' });
});

test('a target that is no database leaves the folder free', async () => {
  await withStore({}, (store) => store.createConnection(aConnection(), []));
  const wrong = copyStore({ folder, databaseUrl: 'http://127.0.0.1/none', now, actor });
  await expect(wrong).rejects.toMatchObject({ code: 'config_invalid' });
  await withStore({}, async (store) => expect(await store.listConnections()).toHaveLength(1));
});

test('a folder that a server holds is not copied, and the copy fails as a whole when it fails', async () => {
  await withStore({}, async (store) => {
    await store.createConnection(aConnection(), []);
    await expect(copy()).rejects.toMatchObject({ code: 'store_locked' });
  });
  await withStore({ databaseUrl: database.url }, async () => undefined);
  // The last table refuses what it is given.
  await withClient(database.url, (client) =>
    client.query("alter table connections add constraint never check (id = 'nobody')"),
  );
  await expect(copy()).rejects.toMatchObject({ code: 'store_failed' });
  await withClient(database.url, async (client) => {
    const { rows } = await client.query(
      'select (select count(*)::int from api_tokens) + (select count(*)::int from audit_log) as rows',
    );
    expect(rows).toEqual([{ rows: 0 }]);
  });
});
