import { afterAll, afterEach, describe } from 'vitest';
import type { OpenStore } from '../contract/contract.ts';
import { directoryContract } from '../contract/directory.contract.ts';
import { reportingContract } from '../contract/reporting.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { openTempPostgresStore, type TempStore } from '../contract/temp-store.ts';

const opened: TempStore[] = [];
afterEach(async () => {
  for (const temp of opened.splice(0)) await temp.remove();
});

const open: OpenStore = async () => {
  const temp = await openTempPostgresStore();
  opened.push(temp);
  return temp;
};

describe('Postgres', () => {
  storeContract(open);
});

describe('the directory on Postgres', () => {
  let temp: TempStore;
  afterAll(() => temp.remove());
  directoryContract(async () => {
    temp = await openTempPostgresStore();
    return { store: temp.store, directory: temp.store.directory };
  });
});

describe('answers in the shapes of KnowBe4 on Postgres', () => {
  let temp: TempStore;
  afterAll(() => temp.remove());
  reportingContract(async () => {
    temp = await openTempPostgresStore();
    return temp.store;
  });
});
