import { afterEach, describe } from 'vitest';
import { auditContract } from '../contract/audit.contract.ts';
import { budgetContract } from '../contract/budget.contract.ts';
import { connectionContract } from '../contract/connections.contract.ts';
import type { OpenStore } from '../contract/contract.ts';
import { eventContract } from '../contract/events.contract.ts';
import { intakeContract } from '../contract/intake.contract.ts';
import { jobsContract } from '../contract/jobs.contract.ts';
import { runLocksContract } from '../contract/run-locks.contract.ts';
import { syncContract } from '../contract/sync.contract.ts';
import { openTempStore, type TempStore } from '../contract/temp-store.ts';
import { tokenContract } from '../contract/tokens.contract.ts';
import { webhookContract } from '../contract/webhooks.contract.ts';

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
  syncContract(open);
  connectionContract(open);
  tokenContract(open);
  budgetContract(open);
  auditContract(open);
  jobsContract(open);
  runLocksContract(open);
  eventContract(open);
  webhookContract(open);
  intakeContract(open);
});
