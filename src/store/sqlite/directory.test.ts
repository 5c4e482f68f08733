import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { directoryContract } from '../contract/directory.contract.ts';
import { reportingContract } from '../contract/reporting.contract.ts';
import { openStore, type Store } from '../store.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-directory-'));
const opened: Store[] = [];
afterAll(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(name: string): Promise<Store> {
  const store = await openStore({ folder: join(folder, name) });
  opened.push(store);
  return store;
}

describe('SQLite', () => {
  directoryContract(async () => {
    const store = await open('directory');
    return { store, directory: store.directory };
  });
});

describe('answers in the shapes of KnowBe4 on SQLite', () => {
  reportingContract(() => open('reporting'));
});
