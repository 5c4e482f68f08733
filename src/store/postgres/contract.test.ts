import { afterAll, afterEach, describe } from 'vitest';
import { auditContract } from '../contract/audit.contract.ts';
import { budgetContract } from '../contract/budget.contract.ts';
import { connectionContract } from '../contract/connections.contract.ts';
import type { OpenStore } from '../contract/contract.ts';
import { directoryContract } from '../contract/directory.contract.ts';
import { eventContract } from '../contract/events.contract.ts';
import { intakeContract } from '../contract/intake.contract.ts';
import { jobsContract } from '../contract/jobs.contract.ts';
import { runLocksContract } from '../contract/run-locks.contract.ts';
import { syncContract } from '../contract/sync.contract.ts';
import { openTempPostgresStore, type TempStore } from '../contract/temp-store.ts';
import { tokenContract } from '../contract/tokens.contract.ts';
import { webhookContract } from '../contract/webhooks.contract.ts';

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
  syncContract(open);
  connectionContract(open);
  intakeContract(open);
  tokenContract(open);
  budgetContract(open);
  auditContract(open);
  jobsContract(open);
  runLocksContract(open);
  eventContract(open);
  webhookContract(open);
});

describe('the directory on Postgres', () => {
  let temp: TempStore;
  afterAll(() => temp.remove());
  directoryContract(async () => {
    temp = await openTempPostgresStore();
    return { store: temp.store, directory: temp.store.directory };
  });
});
