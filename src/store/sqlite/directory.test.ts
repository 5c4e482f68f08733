import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { directoryContract } from '../contract/directory.contract.ts';
import { openStore, type Store } from '../store.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-directory-'));
let store: Store | null = null;
afterAll(async () => {
  await store?.close();
  rmSync(folder, { recursive: true });
});

describe('SQLite', () => {
  directoryContract(async () => {
    store = await openStore({ folder });
    return { store, directory: store.directory };
  });
});
