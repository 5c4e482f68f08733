import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Gateway, openGateway } from '../../src/gateway/gateway.ts';
import { openStore } from '../../src/store/store.ts';
import type { RecordStream } from '../../src/wire/records.ts';

const fixtures = new URL('../fixtures/stores/', import.meta.url);
/** What the old version said of its store. */
const old = JSON.parse(readFileSync(new URL('v1.json', fixtures), 'utf8')) as {
  connection: string;
  token: string;
  at: string;
  lastSeq: number;
  changes: number;
  digests: Record<RecordStream, { rows: number; digest: string }>;
};
const KEY = Buffer.alloc(32, 7).toString('base64url');
const SECRET = `fk_${'0'.repeat(43)}`;
/** The address that the stored connection reads. */
const ADDRESS = 'http://127.0.0.1:4081';
const HOUR = 3_600_000;

let folder: string;
let emulator: Emulator;
let gateway: Gateway;

/** The world as it was when the store was written. */
async function sameWorld(): Promise<Emulator> {
  const world = await startEmulator({ people: 25, enrollments: 80, clock: { now: () => 0 }, limits: false });
  world.advance(5 * 24 * HOUR);
  world.advance(HOUR);
  return world;
}

const open = (): Promise<Gateway> =>
  openGateway({
    folder,
    vaultKeys: KEY,
    allowBaseUrls: true,
    now: () => new Date(Date.parse(old.at) + HOUR),
    fetch: (url, init) => fetch(url.replace(ADDRESS, emulator.url), init),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-upgrade-'));
  writeFileSync(join(folder, 'foreknow.db'), gunzipSync(readFileSync(new URL('v1.db.gz', fixtures))));
  emulator = await sameWorld();
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function digests(): Promise<Record<string, unknown>> {
  const store = await openStore({ folder });
  const all: Record<string, unknown> = {};
  for (const stream of Object.keys(old.digests) as RecordStream[]) {
    all[stream] = await store.contentDigest(old.connection, stream);
  }
  await store.close();
  return all;
}

test('a store of schema 1 keeps every row, the log, its tokens and its keys, and the next sync is quiet', async () => {
  gateway = await open();
  const [connection] = await gateway.connections.list();
  expect(connection).toMatchObject({
    id: old.connection,
    name: 'halden',
    tenant: 'Halden',
    tags: ['sample'],
    state: 'active',
  });
  const changes = await gateway.sync.changes({ connectionIds: null, after: 0, limit: 10_000 });
  expect(changes).toHaveLength(old.changes);
  expect(changes.at(-1)!.seq).toBe(old.lastSeq);
  expect(await gateway.tokens.verify(SECRET)).toMatchObject({ id: old.token, connections: [old.connection] });
  expect(await gateway.whatIsNotReady()).toEqual([]);
  await gateway.close();
  expect(await digests()).toEqual(old.digests);
  expect(existsSync(join(folder, 'foreknow-backup-v1.db'))).toBe(true);

  gateway = await open();
  // The sample world has had other campaigns since the store was made, and so other enrollments; nothing else has changed.
  expect((await gateway.sync.run(old.connection, { level: 'full' })).status).toBe('done');
  const sinceThen = await gateway.sync.changes({ connectionIds: null, after: old.lastSeq, limit: 1000 });
  expect(sinceThen[0]!.seq).toBe(old.lastSeq + 1);
  const moved = new Set(['training_campaigns', 'enrollments', 'phishing_campaigns']);
  expect(sinceThen.filter(({ stream }) => !moved.has(stream))).toEqual([]);
  expect(await gateway.sync.run(old.connection, { level: 'full' })).toMatchObject({ status: 'done', changes: 0 });
  emulator.mutate({ kind: 'add-user' });
  expect((await gateway.sync.run(old.connection, { level: 'directory' })).changes).toBeGreaterThan(0);
  const after = await gateway.sync.changes({ connectionIds: null, after: sinceThen.at(-1)!.seq, limit: 100 });
  expect(after[0]!.seq).toBe(sinceThen.at(-1)!.seq + 1);
  await gateway.close();
});

test('the copy that was made before is the old store, row for row', async () => {
  gateway = await open();
  await gateway.close();
  const copy = join(folder, 'foreknow-backup-v1.db');
  rmSync(join(folder, 'foreknow.db'));
  writeFileSync(join(folder, 'foreknow.db'), readFileSync(copy));
  expect(await digests()).toEqual(old.digests);
});
