import { randomUUID } from 'node:crypto';
import { auditReads } from './audit-reads.ts';
import { callReads } from './call-reads.ts';
import { eventReads } from './event-reads.ts';
import { intakeReads } from './intake-reads.ts';
import { jobReads } from './job-reads.ts';
import { linkReads } from './link-reads.ts';
import { notingCalls } from './noting.ts';
import { operatorReads } from './operator-reads.ts';
import type { CallOp } from './ops/ops.ts';
import { toPageMessage, toPassEnd, toRemovalMessage } from './page-message.ts';
import { provisioningReads } from './provisioning-reads.ts';
import { connectionReads, syncReads, tokenReads } from './reads.ts';
import { scimInReads } from './scim-in-reads.ts';
import type { Session } from './session.ts';
import { sourceReads } from './source-reads.ts';
import type { Store } from './store.ts';
import { webhookReads } from './webhook-reads.ts';

/** What both engines do alike: reads over a session, writes as operations. */
type SharedStore = Omit<Store, 'folder' | 'reads' | 'directory' | 'reporting' | 'budget' | 'announce' | 'close'>;

/** @param holder names this process in the leases that it takes */
export function assemble(session: Session, engine: CallOp, holder: string): SharedStore {
  const { call, noting } = notingCalls(engine);
  return {
    ...reads(session),
    ...writes(call, holder),
    noting,
  };
}

const reads = (session: Session) => ({
  ...syncReads(session),
  ...connectionReads(session),
  ...intakeReads(session),
  ...tokenReads(session),
  ...linkReads(session),
  ...auditReads(session),
  ...jobReads(session),
  ...eventReads(session),
  ...webhookReads(session),
  ...callReads(session),
  ...sourceReads(session),
  ...scimInReads(session),
  ...provisioningReads(session),
  ...operatorReads(session),
});

const writes = (call: CallOp, holder: string): Omit<SharedStore, keyof ReturnType<typeof reads> | 'noting'> => ({
  appendAudit: (entry) => call('appendAudit', entry),
  putJob: (put) => call('putJob', put),
  claimJobs: (claim) => call('claimJobs', { ...claim, token: randomUUID() }),
  renewJob: ({ kind, key, token }, leaseUntil) => call('renewJob', { kind, key, token, leaseUntil }),
  finishJob: ({ kind, key, token }, next) => call('finishJob', { kind, key, token, next }),
  dropJob: (kind, key) => call('dropJob', { kind, key }),
  pulseRun: (pulse) => call('pulseRun', pulse),
  askStop: (connectionId, at) => call('askStop', { connectionId, at }),
  holdConnection: (hold) => call('holdConnection', { ...hold, holder }),
  releaseConnection: (holdId) => call('releaseConnection', { holdId }),
  queueRun: (run, streams, dueAt) => call('queueRun', { run, streams, dueAt }),
  dropQueued: (connectionId, at) => call('dropQueued', { connectionId, at }),
  startRun: (run, leaseUntil = null) => call('startRun', { run, holder, leaseUntil }),
  renewRun: (runId, until) => call('renewRun', { runId, until }),
  interruptLapsed: (at) => call('interruptLapsed', { at }),
  fact: (name, value) => call('keepFact', { name, value }),
  setFact: (name, value) => call('setFact', { name, value }),
  appendEntry: (entry) => call('appendEntry', entry),
  dropEntries: (drop) => call('dropEntries', drop),
  dropRuns: (drop) => call('dropRuns', drop),
  openAlert: (alert, entry) => call('openAlert', { alert, entry }),
  closeAlert: (alert, at, entry) => call('closeAlert', { alert, at, entry }),
  takeForMail: (take) => call('takeForMail', take),
  untakeForMail: (ids) => call('untakeForMail', { ids }),
  noteRefusal: (accountKey, at) => call('noteRefusal', { accountKey, at, oldest: before(at, REFUSALS_KEPT_MS) }),
  saveRun: (run) => call('saveRun', run),
  saveStreamState: (state, runId = undefined) => call('saveStreamState', { state, runId: runId ?? null }),
  beginPass: (pass) => call('beginPass', pass),
  dropPass: (passId) => call('dropPass', passId),
  commitPage: async (page) => call('commitPage', toPageMessage(page)),
  absence: (passId) => call('absence', passId),
  absentRows: (passId, after, limit) => call('absentRows', { passId, after, limit }),
  noteMissed: (passId, keys, at) => call('noteMissed', { passId, keys, at }),
  removeRows: async (removal) => call('removeRows', toRemovalMessage(removal)),
  endPass: async (end) => call('endPass', toPassEnd(end)),
  contentDigest: (connectionId, stream) => call('contentDigest', { connectionId, stream }),
  saveHold: (hold) => call('saveHold', hold),
  saveRiskPoints: (connectionId, points) => call('saveRiskPoints', { connectionId, points }),
  createConnection: (connection, secrets, link = undefined) =>
    call('createConnection', { connection, secrets, link: link ?? null }),
  saveConnection: (connection, before = undefined, secrets = [], gone = [], link = undefined) =>
    call('saveConnection', { connection, before: before ?? null, secrets, gone, link: link ?? null }),
  createLink: (link, hashes) => call('createLink', { link, hashes }),
  findLinkByCode: (hashes, attempt) => call('findLinkByCode', { hashes, attempt }),
  countAttempt: (attempt) => call('countAttempt', attempt),
  forgetAttempt: (attempt) => call('forgetAttempt', attempt),
  renewLink: (id, hashes, at) => call('renewLink', { id, hashes, at }),
  revokeLink: (id, at) => call('revokeLink', { id, at }),
  noteLinkOpened: (id, at) => call('noteLinkOpened', { id, at }),
  noteLinkSent: (id, at) => call('noteLinkSent', { id, at }),
  takeForReminder: (take) => call('takeForReminder', take),
  addReminderSecret: (id, hash) => call('addReminderSecret', { id, hash }),
  untakeReminder: (id) => call('untakeReminder', { id }),
  dropLinks: (endedBefore) => call('dropLinks', { endedBefore }),
  deleteConnection: (id, { purge, at }) => call('deleteConnection', { id, purge, at }),
  saveSecret: (secret) => call('saveSecret', secret),
  resealSecret: (read, sealed) => call('resealSecret', { read, sealed }),
  saveIntake: (intake, secret) => call('saveIntake', { intake, secret }),
  dropIntake: (connectionId) => call('dropIntake', { connectionId }),
  noteIntakeCall: (intakeCall) => call('noteIntakeCall', intakeCall),
  spendWakeUp: (spend) => call('spendWakeUp', spend),
  erasePerson: (erasure) => call('erasePerson', erasure),
  forgetErasure: (connectionId, mark) => call('forgetErasure', { connectionId, mark }),
  dropRecipientClients: (connectionId) => call('dropRecipientClients', { connectionId }),
  createToken: (token, hash, expiredBefore = '') => call('createToken', { token, hash, expiredBefore }),
  rotateToken: (rotation) => call('rotateToken', rotation),
  revokeToken: (id, at) => call('revokeToken', { id, at }),
  updateToken: (id, fields) => call('updateToken', { id, fields }),
  touchToken: (id, at) => call('touchToken', { id, at }),
  createEndpoint: (endpoint, secret) => call('createEndpoint', { endpoint, secret }),
  saveEndpoint: (endpoint, { forget } = { forget: false }) => call('saveEndpoint', { endpoint, forget }),
  deleteEndpoint: (id) => call('deleteEndpoint', { id }),
  saveEndpointSecrets: (change) => call('saveEndpointSecrets', change),
  takeTold: (id, step, failingSince) => call('takeTold', { id, step, failingSince }),
  takeLost: () => call('takeLost', null),
  addLanes: () => call('addLanes', null),
  commitLane: (commit) => call('commitLane', commit),
  rewindLane: (key, position) => call('rewindLane', { ...key, position }),
  saveDeliveries: (deliveries, health, at) => call('saveDeliveries', { deliveries, health, at }),
  replayDead: (replay) => call('replayDead', replay),
  dropDeliveries: (drop) => call('dropDeliveries', drop),
  saveCalls: (calls) => call('saveCalls', { calls }),
  dropCalls: (drop) => call('dropCalls', drop),
  claimAnswer: (claim) => call('claimAnswer', claim),
  keepAnswer: (kept) => call('keepAnswer', kept),
  releaseAnswer: (slot) => call('releaseAnswer', slot),
  dropAnswers: (drop) => call('dropAnswers', drop),
  startSourceRead: (read, now, until) => call('startSourceRead', { read, now, until }),
  stageSourcePeople: (readId, people, until) => call('stageSourcePeople', { readId, people, until }),
  endSourceRead: (read) => call('endSourceRead', { read }),
  acceptSourceRead: (accept) => call('acceptSourceRead', accept),
  eraseSourcePerson: (erasure) => call('eraseSourcePerson', erasure),
  readmitSourcePerson: (readmission) => call('readmitSourcePerson', readmission),
  dropSource: (source) => call('dropSource', { source }),
  dropOldSources: (drop) => call('dropOldSources', drop),
  saveScimInToken: (token, othersEndAt) => call('saveScimInToken', { token, othersEndAt }),
  touchScimInToken: (id, at) => call('touchScimInToken', { id, at }),
  saveScimInObject: (write) => call('saveScimInObject', write),
  deleteScimInObject: (deletion) => call('deleteScimInObject', deletion),
  dropScimIn: (source) => call('dropScimIn', { source }),
  dropDeletedScimIn: (before) => call('dropDeletedScimIn', { before }),
  saveProvisioning: (state, before) => call('saveProvisioning', { state, before }),
  saveIdentityLinks: (connectionId, change) => call('saveIdentityLinks', { connectionId, ...change }),
  saveScimObjects: (connectionId, change) => call('saveScimObjects', { connectionId, ...change }),
  meetWorkItems: (connectionId, items) => call('meetWorkItems', { connectionId, items }),
  decideWorkItem: (id, digest, decision) => call('decideWorkItem', { id, digest, decision }),
  keepNoticed: (connectionId, keys, noticedAt) => call('keepNoticed', { connectionId, keys, at: noticedAt }),
  keepRefusals: (connectionId, aims) => call('keepRefusals', { connectionId, aims }),
  createPlan: (plan, options) => call('createPlan', { plan, ...options }),
  movePlan: (id, move) => call('movePlan', { id, ...move }),
  addApproval: (approval, expects) => call('addApproval', { approval, expects }),
  lapseApprovals: (planId, lapsed) => call('lapseApprovals', { planId, ...lapsed }),
  dropPlans: (drop) => call('dropPlans', drop),
  beginApplication: (begin) => call('beginApplication', begin),
  renewApplyLease: (lease, until) => call('renewApplyLease', { ...lease, until }),
  journal: (lease, write) => call('journal', { lease, write }),
  endApplication: (lease, application, then) => call('endApplication', { lease, application, ...then }),
  noteSeen: (seen, also, told = []) => call('noteSeen', { seen, also, told }),
  createOperator: (operator, hash, totp) => call('createOperator', { operator, hash, totp }),
  resetOperator: (id, reset) => call('resetOperator', { id, ...reset }),
  disableOperator: (id, disabledAt) => call('disableOperator', { id, at: disabledAt }),
  useTotpStep: (id, step) => call('useTotpStep', { id, step }),
  createOperatorSession: (operatorSession) => call('createOperatorSession', operatorSession),
  endOperatorSession: (hash) => call('endOperatorSession', { hash }),
  dropOperatorSessions: (expiredBefore) => call('dropOperatorSessions', { expiredBefore }),
});

/** Longer than anybody asks for. */
const REFUSALS_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

const before = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString();
