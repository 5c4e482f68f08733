import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillMirror, rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { sqliteDirectory } from '../store/sqlite/directory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDirectory, type Directory } from './directory.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
let folder: string;
let store: Store;
let directory: Directory;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-directory-'));
  store = await openStore({ folder });
  await fillMirror(store, {
    account: [rawAccount({ admins: [{ id: 2, first_name: 'Ines', email: 'ines@example.com' }] })],
    groups: [rawGroup(81), rawGroup(82)],
    users: [rawUser(1, { groups: [81] }), rawUser(2), rawUser(3, { status: 'archived' })],
  });
  directory = createDirectory({
    store: sqliteDirectory(store.reads),
    cursorKey: Buffer.alloc(32, 7),
    now: () => new Date('2026-03-02T09:00:00Z'),
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const list = (query: Record<string, unknown> = {}) => directory.listUsers({ connectionIds: [con], query });

test('people are listed with their groups, roles and organization', async () => {
  const { result } = await list();
  expect(result).toHaveLength(3);
});
