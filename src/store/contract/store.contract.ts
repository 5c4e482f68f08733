import { auditContract } from './audit.contract.ts';
import { budgetContract } from './budget.contract.ts';
import { callContract } from './calls.contract.ts';
import { connectionContract } from './connections.contract.ts';
import type { OpenStore } from './contract.ts';
import { eventContract } from './events.contract.ts';
import { holdsContract } from './holds.contract.ts';
import { intakeContract } from './intake.contract.ts';
import { jobsContract } from './jobs.contract.ts';
import { linkContract } from './links.contract.ts';
import { operatorContract } from './operators.contract.ts';
import { provisioningContract } from './provisioning.contract.ts';
import { runLocksContract } from './run-locks.contract.ts';
import { scimInContract } from './scim-in.contract.ts';
import { sourceContract } from './sources.contract.ts';
import { syncContract } from './sync.contract.ts';
import { tokenContract } from './tokens.contract.ts';
import { totalsContract } from './totals.contract.ts';
import { webhookContract } from './webhooks.contract.ts';

/** Everything that a driver has to do, whichever it is. */
export function storeContract(open: OpenStore): void {
  syncContract(open);
  totalsContract(open);
  holdsContract(open);
  connectionContract(open);
  tokenContract(open);
  linkContract(open);
  budgetContract(open);
  auditContract(open);
  jobsContract(open);
  runLocksContract(open);
  eventContract(open);
  webhookContract(open);
  intakeContract(open);
  callContract(open);
  provisioningContract(open);
  operatorContract(open);
  sourceContract(open);
  scimInContract(open);
}
