import { afterEach, describe } from 'vitest';
import type { OpenStore } from '../contract/contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { openTempStore, type TempStore } from '../contract/temp-store.ts';

const opened: TempStore[] = [];
afterEach(async () => {
  for (const temp of opened.splice(0)) await temp.remove();
});

const open: OpenStore = async () => {
  const temp = await openTempStore();
  opened.push(temp);
  return temp;
};

describe('SQLite', () => {
  storeContract(open);
});
