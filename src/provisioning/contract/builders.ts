import { createHash } from 'node:crypto';
import { type Action, actions, type Plan, type Step, type StepPerson } from '../plan.ts';
import type { Application, Approval, JournalEntry, PlanEntry } from '../ports.ts';
import type { IdentityLink, ProvisioningState, ScimObject, WorkItem } from '../state.ts';
import type { Telling } from '../telling.ts';

/** The connection of everything built here. */
export const con = 'con_aaaaaaaaaaaaaaaa';

/** Instants of the tests, in seconds after a fixed morning. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 21, 8, 0, seconds)).toISOString();
const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;

export const aState = (changes: Partial<ProvisioningState> = {}): ProvisioningState => ({
  connectionId: con,
  mode: 'propose',
  adoption: { state: 'adopted', planId: null, at: at(0) },
  owner: 'ours',
  ownerAttested: null,
  testMode: { state: 'off', attested: null },
  renames: { state: 'keep', attested: null },
  exempt: [],
  pausedAt: null,
  stoppedAt: null,
  freezes: [],
  quarantine: null,
  updatedAt: at(0),
  ...changes,
});

/** What the log says of a plan, in short. */
export const aPlanEntry = (kind: PlanEntry['kind'], key = 'pl_aaaaaaaa', current: object = {}): PlanEntry => ({
  ...{ connectionId: con, kind, key, at: at(0), current: { ...current } },
});

export const telling: Telling = {
  entryOf: (kind, { id, state }, more = {}) => aPlanEntry(kind, id, { state, ...more }),
  isMailed: false,
};

export const aPerson = (changes: Partial<StepPerson> = {}): StepPerson => ({
  source: { source: 'hr', sourceId: 'e1' },
  key: 'hr:e1',
  userId: '410212',
  name: 'Aiko Tanaka',
  email: 'aiko.tanaka@example.com',
  ...changes,
});

export function aStep(changes: Partial<Step> = {}): Step {
  const step: Step = {
    ...{ id: 'st_1', action: 'update', situation: 'linked', person: aPerson(), group: null, matchedOn: 'link' },
    fields: [{ name: 'job_title', from: 'Clerk', to: 'Lead' }],
    ...{ because: ['map.job_title'], road: 'scim', reversible: true, cannot: [], needs: [] },
    ...{ assumes: 'sha256:seen', effects: [], approval: { needed: 1, reasons: [] }, digest: '' },
    ...changes,
  };
  const { person, group, action, fields, effects } = step;
  return { ...step, digest: changes.digest ?? digestOf([person, group, action, fields, effects]) };
}

export function aPlan(changes: Partial<Plan> = {}): Plan {
  const steps = changes.steps ?? [aStep()];
  const none = Object.fromEntries(
    [...actions, 'conflict', 'held', 'unscoped', 'unmanaged', 'unchanged'].map((name) => [name, 0]),
  ) as Record<Action | 'conflict' | 'held' | 'unscoped' | 'unmanaged' | 'unchanged', number>;
  for (const { action } of steps) none[action] += 1;
  return {
    ...{ id: 'pl_aaaaaaaa', connectionId: con, kind: 'sync', state: 'waiting', mode: 'propose', author: 'schedule' },
    ...{ builtAt: at(0), expiresAt: at(86_400), digest: digestOf(steps.map(({ digest }) => digest)) },
    basis: { sources: [], target: { active: 3, archived: 0, asOf: at(0) }, rules: null },
    counts: none,
    seats: { bought: 10, now: 3, after: 3 },
    cost: { writes: steps.length, verifyReads: 1, scimWindows: 1, visibleBy: null },
    ...{ guards: [], approval: { needed: 1, reasons: [] }, effects: [], items: [] },
    ...changes,
    steps,
  };
}

export const anApproval = (plan: Plan, changes: Partial<Approval> = {}): Approval => ({
  ...{ id: 'apr_1', planId: plan.id, connectionId: plan.connectionId, digest: plan.digest, steps: null },
  ...{ decision: 'approved', operator: { id: 'op_1', name: 'priya' }, reason: null },
  ...{ at: at(10), expiresAt: at(86_400), lapsed: null },
  ...changes,
});

export const anApplication = (plan: Plan, changes: Partial<Application> = {}): Application => ({
  ...{ id: 'app_1', planId: plan.id, planDigest: plan.digest, connectionId: plan.connectionId, state: 'running' },
  ...{ by: 'priya', stepIds: null, startedAt: at(20), endedAt: null, resumed: 0, stop: null },
  ...changes,
});

export const anEntry = (plan: Plan, position: number, changes: Partial<JournalEntry> = {}): JournalEntry => {
  const step = plan.steps[position]!;
  return {
    ...{ applicationId: 'app_1', planId: plan.id, connectionId: plan.connectionId, stepId: step.id, position },
    ...{ action: step.action, state: 'written', userId: step.person?.userId ?? null },
    ...{ groupId: step.group?.groupId ?? null, provisionalId: null, scimId: 'scim-1', before: null, step },
    ...{ found: null, error: null, writtenAt: at(21), acceptedAt: null, visibleAt: null, verifiedAt: null },
    ...changes,
  };
};

export const aScimObject = (changes: Partial<ScimObject> = {}): ScimObject => ({
  ...{ connectionId: con, kind: 'user', scimId: 'scim-1', targetId: '410212', externalId: 'hr:e1' },
  ...{ name: 'aiko.tanaka@example.com', origin: 'adopted', known: { job_title: 'Clerk' }, active: true },
  updatedAt: at(0),
  ...changes,
});

export const aLink = (changes: Partial<IdentityLink> = {}): IdentityLink => ({
  ...{ connectionId: con, source: 'hr', sourceId: 'e1', userId: '410212', matchedOn: 'employee_number' },
  linkedAt: at(0),
  ...changes,
});

export const anItem = (changes: Partial<WorkItem> = {}): WorkItem => ({
  ...{ id: 'wi_1', connectionId: con, kind: 'conflict', about: 'hr:e1', records: [{ user_id: '410212' }] },
  ...{ digest: 'sha256:1', state: 'open', decision: null, openedAt: at(0) },
  ...changes,
});
