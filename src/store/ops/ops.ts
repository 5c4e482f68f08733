import { beginApplication, endApplication, journal, noteSeen, renewApplyLease } from './applications.ts';
import { appendAudit } from './audit.ts';
import { saveBudget } from './budget.ts';
import { claimAnswer, dropAnswers, dropCalls, keepAnswer, releaseAnswer, saveCalls } from './calls.ts';
import { createConnection, deleteConnection, resealSecret, saveConnection, saveSecret } from './connections.ts';
import { erasePerson, forgetErasure } from './erase-person.ts';
import {
  appendEntry,
  closeAlert,
  dropEntries,
  dropRuns,
  leaveGap,
  noteRefusal,
  openAlert,
  settleHome,
  takeForMail,
  untakeForMail,
} from './events.ts';
import { keepFact, setFact } from './facts.ts';
import { dropIntake, noteIntakeCall, saveIntake, spendWakeUp } from './intake.ts';
import { claimJobs, dropJob, finishJob, freeJobs, putJob, renewJob } from './jobs.ts';
import {
  addReminderSecret,
  countAttempt,
  createLink,
  dropLinks,
  findLinkByCode,
  noteLinkOpened,
  noteLinkSent,
  renewLink,
  revokeLink,
  takeForReminder,
  untakeReminder,
} from './links.ts';
import type { Noted } from './noted.ts';
import type { Op } from './op.ts';
import { commitPage, saveRiskPoints } from './pages.ts';
import { absence, absentRows, beginPass, contentDigest, dropPass, endPass, noteMissed, removeRows } from './passes.ts';
import { addApproval, createPlan, dropPlans, lapseApprovals, movePlan } from './plans.ts';
import {
  decideWorkItem,
  keepNoticed,
  meetWorkItems,
  saveIdentityLinks,
  saveProvisioning,
  saveScimObjects,
} from './provisioning.ts';
import { dropRecipientClients } from './recipient-clients.ts';
import { askStop, dropQueued, holdConnection, pulseRun, queueRun, releaseConnection } from './run-locks.ts';
import { interruptLapsed, interruptRuns, renewRun, saveHold, saveRun, saveStreamState, startRun } from './runs.ts';
import {
  deleteScimInObject,
  dropDeletedScimIn,
  dropScimIn,
  eraseScimInUser,
  saveScimInObject,
  saveScimInToken,
  touchScimInToken,
} from './scim-in.ts';
import {
  acceptSourceRead,
  dropOldSources,
  dropSource,
  endSourceRead,
  eraseSourcePerson,
  stageSourcePeople,
  startSourceRead,
} from './sources.ts';
import { createToken, revokeToken, rotateToken, touchToken, updateToken } from './tokens.ts';
import {
  addLanes,
  commitLane,
  createEndpoint,
  deleteEndpoint,
  dropDeliveries,
  replayDead,
  rewindLane,
  saveDeliveries,
  saveEndpoint,
  saveEndpointSecrets,
  takeLost,
  takeTold,
} from './webhooks.ts';

/** Everything the writer thread can do, by name. */
export const ops = {
  appendAudit,
  putJob,
  claimJobs,
  renewJob,
  finishJob,
  dropJob,
  freeJobs,
  pulseRun,
  askStop,
  holdConnection,
  releaseConnection,
  queueRun,
  dropQueued,
  createConnection,
  saveConnection,
  deleteConnection,
  saveSecret,
  resealSecret,
  saveIntake,
  dropIntake,
  noteIntakeCall,
  spendWakeUp,
  erasePerson,
  forgetErasure,
  dropRecipientClients,
  createToken,
  rotateToken,
  revokeToken,
  touchToken,
  updateToken,
  createLink,
  findLinkByCode,
  countAttempt,
  renewLink,
  revokeLink,
  noteLinkOpened,
  noteLinkSent,
  takeForReminder,
  addReminderSecret,
  untakeReminder,
  dropLinks,
  startRun,
  saveRun,
  renewRun,
  interruptRuns,
  interruptLapsed,
  keepFact,
  setFact,
  saveStreamState,
  saveHold,
  beginPass,
  dropPass,
  commitPage,
  saveRiskPoints,
  absence,
  absentRows,
  noteMissed,
  removeRows,
  endPass,
  contentDigest,
  saveBudget,
  appendEntry,
  dropEntries,
  dropRuns,
  leaveGap,
  settleHome,
  openAlert,
  closeAlert,
  takeForMail,
  untakeForMail,
  noteRefusal,
  createEndpoint,
  saveEndpoint,
  deleteEndpoint,
  saveEndpointSecrets,
  takeTold,
  takeLost,
  addLanes,
  commitLane,
  rewindLane,
  saveDeliveries,
  replayDead,
  dropDeliveries,
  saveCalls,
  dropCalls,
  claimAnswer,
  keepAnswer,
  releaseAnswer,
  dropAnswers,
  startSourceRead,
  stageSourcePeople,
  endSourceRead,
  acceptSourceRead,
  eraseSourcePerson,
  dropSource,
  dropOldSources,
  saveScimInToken,
  touchScimInToken,
  saveScimInObject,
  deleteScimInObject,
  eraseScimInUser,
  dropScimIn,
  dropDeletedScimIn,
  saveProvisioning,
  saveIdentityLinks,
  saveScimObjects,
  meetWorkItems,
  decideWorkItem,
  keepNoticed,
  createPlan,
  movePlan,
  addApproval,
  lapseApprovals,
  dropPlans,
  beginApplication,
  renewApplyLease,
  journal,
  endApplication,
  noteSeen,
} as const;

export type OpName = keyof typeof ops;
export type OpArgs<Name extends OpName> = (typeof ops)[Name] extends Op<infer Args, unknown> ? Args : never;
export type OpResult<Name extends OpName> = Awaited<ReturnType<(typeof ops)[Name]['run']>>;
/**
 * Does one operation in a transaction of its own, with an audit entry if one is given; calls of one process that build on each
 * other are awaited in between.
 */
export type CallOp = <Name extends OpName>(op: Name, args: OpArgs<Name>, note?: Noted) => Promise<OpResult<Name>>;
