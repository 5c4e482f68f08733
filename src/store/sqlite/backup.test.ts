import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/index.ts';
import { type Gateway, openGateway } from '../../gateway/gateway.ts';
import { openStore } from '../store.ts';
import { backUpStore, inspectStoreFile, restoreStore } from './backup.ts';

const by = {
  actor: { kind: 'operator', id: 'ines', name: null, door: 'cli', from: null, requestId: null },
  now: () => new Date('2026-03-02T08:00:00.000Z'),
} as const;
const KEY = Buffer.alloc(32, 3).toString('base64url');

let scratch: string;
let emulator: Emulator;
let gateway: Gateway;
const at = (name: string): string => join(scratch, name);

const open = (folder: string) => openGateway({ folder: at(folder), vaultKeys: KEY, allowBaseUrls: true });

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'foreknow-backup-'));
  emulator = await startEmulator({ people: 80, enrollments: 400, limits: false });
  gateway = await open('data');
  await gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
  });
});

afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('a copy made while a sync writes is a store at one moment: it opens, and the sync in it goes on to the truth', async () => {
  const running = gateway.sync.run('acme', { level: 'full' });
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const file = at(`copy-${n}.db`);
    const { isAudited, ...facts } = await backUpStore(at('data'), file, by);
    expect(facts).toMatchObject({ connections: 1, secrets: 1, bytes: statSync(file).size });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(isAudited).toBe(true);
    expect(await inspectStoreFile(file)).toEqual(facts);
    made.push(file);
  }
  await running;
  const { id } = await gateway.connections.get('acme');
  await restoreStore(made[2]!, at('restored'), by);
  const restored = await open('restored');
  expect((await restored.sync.run('acme', { level: 'full' })).status).toBe('done');
  await restored.close();
  await gateway.close();
  const digests = async (folder: string) => {
    const store = await openStore({ folder });
    const all = await Promise.all(
      (['users', 'enrollments', 'recipients'] as const).map((s) => store.contentDigest(id, s)),
    );
    await store.close();
    return all;
  };
  expect(await digests(at('restored'))).toEqual(await digests(at('data')));
  gateway = await open('data');
});

/** Of the files: action, who, how it ended. */
async function audited(folder: string): Promise<readonly (readonly (string | null)[])[]> {
  const store = await openStore({ folder: at(folder), access: 'read' });
  const entries = await store.auditEntries({ after: 0, limit: 100, connectionIds: null });
  await store.close();
  return entries
    .filter(({ action }) => action.startsWith('store.'))
    .map(({ action, actor, outcome, error, details }) => [action, actor.id, error ?? outcome, String(details.file)]);
}

test('who copied the store stands in it and in the copy, and who restored it in what came of it', async () => {
  await backUpStore(at('data'), at('copy.db'), by);
  await expect(backUpStore(at('data'), at('copy.db'), by)).rejects.toMatchObject({ code: 'conflict' });
  const begun = ['store.backed_up', 'ines', 'begun', 'copy.db'];
  expect(await audited('data')).toEqual([
    begun,
    ['store.backed_up', 'ines', 'done', 'copy.db'],
    begun,
    ['store.backed_up', 'ines', 'conflict', 'copy.db'],
  ]);
  await restoreStore(at('copy.db'), at('restored'), by);
  expect(await audited('restored')).toEqual([begun, ['store.restored', 'ines', 'done', 'copy.db']]);
});

test('a store whose audit log cannot be written is copied all the same, which is said', async () => {
  await gateway.close();
  const db = new DatabaseSync(at('data/foreknow.db'));
  db.exec("create trigger full before insert on audit_log begin select raise(abort, 'full'); end");
  db.close();
  expect(await backUpStore(at('data'), at('copy.db'), by)).toMatchObject({ isAudited: false, connections: 1 });
  gateway = await open('other');
});

test('neither the key nor a token is in the copy', async () => {
  writeFileSync(at('data/vault.key'), `${KEY}\n`);
  await backUpStore(at('data'), at('copy.db'), by);
  const text = readFileSync(at('copy.db'), 'latin1');
  expect(text).not.toContain(KEY);
  expect(text).not.toContain(emulator.reportingToken);
});

test('a file that is there is not overwritten, and a copy that fails leaves nothing behind', async () => {
  writeFileSync(at('copy.db'), 'precious');
  await expect(backUpStore(at('data'), at('copy.db'), by)).rejects.toMatchObject({ code: 'conflict' });
  expect(readFileSync(at('copy.db'), 'utf8')).toBe('precious');
  await expect(backUpStore(at('data'), at('nowhere/copy.db'), by)).rejects.toMatchObject({ code: 'store_failed' });
  await expect(backUpStore(at('nothing'), at('other.db'), by)).rejects.toMatchObject({ code: 'store_failed' });
  expect(existsSync(at('other.db'))).toBe(false);
});

test('a folder that holds anything but the key is not restored into', async () => {
  await backUpStore(at('data'), at('copy.db'), by);
  await expect(restoreStore(at('copy.db'), at('data'), by)).rejects.toMatchObject({ code: 'conflict' });
  mkdirSync(at('keyed'));
  writeFileSync(at('keyed/vault.key'), `${KEY}\n`);
  expect((await restoreStore(at('copy.db'), at('keyed'), by)).connections).toBe(1);
  await expect(restoreStore(at('copy.db'), at('keyed'), by)).rejects.toMatchObject({ code: 'conflict' });
  mkdirSync(at('other'));
  writeFileSync(at('other/notes.txt'), 'x');
  await expect(restoreStore(at('copy.db'), at('other'), by)).rejects.toMatchObject({ code: 'conflict' });
});

test('a damaged file, one that is no store, and one of a newer version are refused before anything is made', async () => {
  await backUpStore(at('data'), at('copy.db'), by);
  const damaged = [0.3, 0.45, 0.6, 0.75, 0.9].map((share) => {
    const bytes = readFileSync(at('copy.db'));
    const start = Math.floor(bytes.length * share);
    bytes.fill(0x5a, start, start + 9000);
    writeFileSync(at(`damaged-${share}.db`), bytes);
    return [`damaged-${share}.db`, 'store_failed'] as const;
  });
  writeFileSync(at('text.db'), 'this is no database, but it is long enough to be read as a page of one');
  new DatabaseSync(at('other.db')).exec('create table t (x)');
  const newer = new DatabaseSync(at('copy.db'));
  newer.exec("insert into schema_version (version, name, applied_at) values (9999, 'later', '2030-01-01')");
  newer.close();
  for (const [file, code] of [
    ...damaged,
    ['text.db', 'store_failed'],
    ['other.db', 'store_failed'],
    ['gone.db', 'store_failed'],
    ['copy.db', 'store_newer'],
  ] as const) {
    await expect(restoreStore(at(file), at('target'), by)).rejects.toMatchObject({ code });
  }
  expect(existsSync(at('target'))).toBe(false);
});
