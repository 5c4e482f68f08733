import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { budgetContract } from '../contract/budget.contract.ts';
import { connectionContract } from '../contract/connections.contract.ts';
import type { OpenStore } from '../contract/contract.ts';
import { syncContract } from '../contract/sync.contract.ts';
import { tokenContract } from '../contract/tokens.contract.ts';
import { openStore, type Store } from '../store.ts';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const open: OpenStore = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-store-'));
  let store: Store = await openStore({ folder });
  cleanUps.push(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openStore({ folder });
      return store;
    },
  };
};

describe('SQLite', () => {
  syncContract(open);
  connectionContract(open);
  tokenContract(open);
  budgetContract(open);
});
