import { randomInt } from 'node:crypto';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { JoinedPerson, SourceRef } from '../model/source-person.ts';
import { later } from '../provisioning/apply.ts';
import { buildPlan } from '../provisioning/build-plan.ts';
import { leftOutRecords } from '../provisioning/conflicts.ts';
import { layOver } from '../provisioning/in-flight.ts';
import type { Mode, Plan, PlanKind, SourceBasis } from '../provisioning/plan.ts';
import type { PlanInput, PlanResult } from '../provisioning/plan-input.ts';
import type { ProvisioningStore } from '../provisioning/ports.ts';
import { isArchivedThere } from '../provisioning/put-back.ts';
import type { ProvisioningState, WorkItem } from '../provisioning/state.ts';
import type { Target } from '../provisioning/target.ts';
import { type Telling, toldWaiting } from '../provisioning/telling.ts';
import type { ReportingStore } from '../reporting/ports.ts';
import type { DesiredGroup, EvaluatedPerson, Evaluation, RuleSet } from '../rules/rule-set.ts';
import type { MailWaiting } from './plan-telling.ts';
import { carriedFields } from './road-fields.ts';
import type { ScimStatus } from './scim-status.ts';
import type { BudgetView } from './types.ts';

/** Who works here, as the sources last said, and how each of them was read. */
export type People = { readonly people: readonly JoinedPerson[]; readonly basis: readonly SourceBasis[] };

/** A rule file as it is now. */
export type LoadedRules = { readonly file: string | null; readonly commit: string | null; readonly set: RuleSet };

/** What the operator's file says of provisioning a connection. */
export type ProvisioningSettings = {
  /** Null: the file does not say. */
  readonly mode: Mode | null;
  /** Minutes between plans; null: only when somebody asks. */
  readonly everyMinutes: number | null;
  readonly approvalsExpireMs: number;
  /** ISO. */
  readonly freezes: ProvisioningState['freezes'];
};

export type PlanningDeps = {
  readonly store: ProvisioningStore;
  readonly readTarget: (connectionId: string) => Promise<Target>;
  /** Who was ever enrolled in each of these campaigns; null: not known. */
  readonly everEnrolled: ReportingStore['everEnrolled'];
  /** @param left records of sources that a person has told to leave out; @default none */
  readonly people: (left?: readonly SourceRef[]) => Promise<People>;
  /** @throws ForeknowError `rules_invalid`, `not_found` where the connection has no rules */
  readonly rulesOf: (connection: Connection, draft: { file: string; text: string } | null) => Promise<LoadedRules>;
  readonly settingsOf: (connection: Connection) => ProvisioningSettings;
  readonly scimStatus: (connection: Connection, signal?: AbortSignal) => Promise<ScimStatus>;
  /** What tells where a plan is written to: the account, the tenant URL and the key. An approval is for this place alone. */
  readonly destinationOf: (connection: Connection) => Promise<string>;
  readonly budgetOf: (connectionId: string) => Promise<BudgetView>;
  /** How many people were erased from what is known of the account. */
  readonly erasedOf: (connectionId: string) => Promise<number>;
  readonly telling: Telling;
  readonly mailWaiting: MailWaiting;
  readonly now: () => Date;
  /** A process that only looks keeps nothing. */
  readonly isReadOnly: boolean;
};

/** Everything that is known of a connection when a plan is built. */
export type Situation = {
  readonly connection: Connection;
  readonly state: ProvisioningState;
  readonly settings: ProvisioningSettings;
  /** With what is in flight laid over it. */
  readonly target: Target;
  /** As the mirror has it. */
  readonly seen: Target;
  readonly late: number;
};

const DAY_MS = 86_400_000;
/** States in which a step was taken and is not yet confirmed by the mirror. */
const IN_FLIGHT = ['accepted', 'visible', 'late'] as const;

/** A connection that nobody provisioned yet. */
const firstState = (connectionId: string): ProvisioningState => ({
  connectionId,
  mode: 'observe',
  adoption: { state: 'none', planId: null, at: null },
  owner: 'unknown',
  ownerAttested: null,
  testMode: { state: 'unknown', attested: null },
  renames: { state: 'unknown', attested: null },
  exempt: [],
  pausedAt: null,
  stoppedAt: null,
  freezes: [],
  quarantine: null,
  updatedAt: new Date(0).toISOString(),
});

/** Changes how a connection is provisioned; what the operator's file says stands in it afterwards, whatever was kept. */
export async function changeState(
  { store, settingsOf, now, isReadOnly }: Pick<PlanningDeps, 'store' | 'settingsOf' | 'now' | 'isReadOnly'>,
  connection: Connection,
  change: (state: ProvisioningState) => ProvisioningState,
): Promise<ProvisioningState> {
  const { mode, freezes } = settingsOf(connection);
  for (;;) {
    const kept = await store.getProvisioning(connection.id);
    const before = kept ?? firstState(connection.id);
    const changed = change(before);
    const wanted = { ...changed, mode: mode ?? changed.mode, freezes };
    if (kept !== null && JSON.stringify(wanted) === JSON.stringify(kept)) return kept;
    if (isReadOnly && changed === before) return wanted;
    const state = { ...wanted, updatedAt: later(before.updatedAt, now()) };
    if (await store.saveProvisioning(state, kept?.updatedAt ?? null)) return state;
  }
}

export async function situationOf(deps: PlanningDeps, connection: Connection): Promise<Situation> {
  const state = await changeState(deps, connection, (kept) => kept);
  const inFlight = await deps.store.journaled({ connectionId: connection.id, states: IN_FLIGHT });
  const seen = await deps.readTarget(connection.id);
  return {
    connection,
    state,
    settings: deps.settingsOf(connection),
    seen,
    target: layOver(seen, inFlight, await deps.store.provisionalIds(connection.id)),
    late: inFlight.filter((entry) => entry.state === 'late').length,
  };
}

/** What KnowBe4 itself says of Test Mode and of who provisions the account goes before what somebody said; where it says nothing, that holds. */
async function noteScimStatus(deps: PlanningDeps, connection: Connection): Promise<void> {
  const { testMode, owner } = await deps.scimStatus(connection).catch(() => nothingSaid);
  await changeState(deps, connection, (state) => ({
    ...state,
    testMode: testMode === 'unknown' ? state.testMode : { ...state.testMode, state: testMode },
    owner: owner === 'foreign' ? owner : state.owner,
  }));
}

const nothingSaid: Pick<ScimStatus, 'testMode' | 'owner'> = { testMode: 'unknown', owner: 'unknown' };

export type PlanWish = {
  readonly kind: PlanKind;
  readonly author: string;
  readonly who: string | null;
  readonly only: 'add' | 'remove' | null;
  readonly draft: { readonly file: string; readonly text: string } | null;
};

/** What a plan is computed from, for this moment. */
export async function planInput(
  deps: PlanningDeps,
  { connection, state, settings, target, late }: Situation,
  { kind, author, who, only, draft }: PlanWish,
): Promise<{ readonly input: PlanInput; readonly rules: LoadedRules; readonly people: People }> {
  const { store } = deps;
  const now = deps.now();
  const rules = await deps.rulesOf(connection, draft);
  const timeZone = connection.settings.timeZone ?? 'UTC';
  const workItems = await store.workItems({ connectionIds: [connection.id], limit: ALL });
  const { people, evaluation, leftOut } = await evaluatedPeople(deps, rules, { workItems, now, timeZone });
  const since = new Date(now.getTime() - DAY_MS).toISOString();
  const recent = await store.journaled({ connectionId: connection.id, acceptedSince: since });
  const { freeForSync } = await deps.budgetOf(connection.id);
  return {
    rules,
    people,
    input: {
      ...{ id: newPlanId(), kind, author, now, timeZone, state, late, who, only },
      connection: { id: connection.id, accountKey: await deps.destinationOf(connection) },
      sources: people.basis,
      rules: { file: rules.file, commit: rules.commit, digest: rules.set.digest, settings: rules.set.settings },
      ...{ evaluation, leftOut },
      target: await withEnrolled(deps, target),
      links: await store.identityLinks(connection.id),
      workItems,
      scimObjects: await store.scimObjects(connection.id),
      recent: recent
        .filter(({ step }) => !isArchivedThere(step))
        .map(({ action, userId, groupId, step }) => ({ action, userId, groupId, fields: step.fields })),
      noticed: await store.noticed(connection.id),
      archivedAtOnce: await archivedAtOnce(store, connection.id),
      refusals: await store.refusals(connection.id),
      carries: carriedFields,
      readsLeft: freeForSync,
      erased: await deps.erasedOf(connection.id),
      expiresInMs: settings.approvalsExpireMs,
    },
  };
}

/** Whom plans of the kind `urgent` named; one that was not applied says nothing of an account that is active. */
async function archivedAtOnce(store: ProvisioningStore, connectionId: string): Promise<ReadonlySet<string>> {
  const plans = await store.listPlans({
    ...{ connectionIds: [connectionId], kinds: ['urgent'], limit: ALL },
    states: ['approved', 'applying', 'applied'],
  });
  const steps = await Promise.all(plans.map(({ id }) => store.planSteps(id, { actions: ['archive'], limit: ALL })));
  return new Set(steps.flat().flatMap(({ person }) => person?.userId ?? []));
}

/** Everybody under the rules; where people have decided to leave records of the sources out, the others are joined without them. */
async function evaluatedPeople(
  deps: PlanningDeps,
  { set }: LoadedRules,
  { workItems, ...options }: { readonly workItems: readonly WorkItem[]; readonly now: Date; readonly timeZone: string },
): Promise<{
  readonly people: People;
  readonly evaluation: Evaluation;
  readonly leftOut: readonly EvaluatedPerson[];
}> {
  const people = await deps.people();
  const evaluation = set.evaluate(people.people, options);
  const leftOut = leftOutRecords(evaluation.people, workItems);
  if (leftOut.length === 0) return { people, evaluation, leftOut };
  const others = await deps.people(leftOut.flatMap(({ person }) => person.refs));
  return { people: others, evaluation: set.evaluate(others.people, options), leftOut };
}

/** Campaigns that take people by themselves, with those whom they had before: so it can be said who is enrolled again. */
async function withEnrolled({ everEnrolled }: PlanningDeps, target: Target): Promise<Target> {
  const takesPeople = ({ kind, open, autoEnroll, allowMultipleEnrollments }: Target['campaigns'][number]) =>
    kind === 'training' && open && (autoEnroll || allowMultipleEnrollments);
  const ids = target.campaigns.filter(takesPeople).map(({ id }) => id);
  const enrolled = await everEnrolled(target.connectionId, ids);
  if (enrolled === null) return target;
  const campaigns = target.campaigns.map((campaign) => {
    const people = campaign.kind === 'training' ? enrolled.get(campaign.id) : undefined;
    return people === undefined ? campaign : { ...campaign, everEnrolled: people };
  });
  return { ...target, campaigns };
}

const ALL = 1_000_000;

/** Which waiting plans a new one makes needless. What somebody asked for by itself stays. */
const supersedes: Readonly<Record<PlanKind, readonly PlanKind[]>> = {
  sync: ['sync', 'adoption'],
  adoption: ['sync', 'adoption'],
  undo: ['undo'],
  request: [],
  urgent: [],
};

/**
 * Builds a plan and keeps it with what it learned: pairs that were found, conflicts, since when things are noticed. A look at a part, or at other rules
 * than the connection's, is not kept.
 * @returns it, with the groups that the rules fill
 */
export async function planAndKeep(
  deps: PlanningDeps,
  connection: Connection,
  wish: PlanWish,
): Promise<{ readonly plan: Plan; readonly groups: readonly DesiredGroup[] }> {
  await noteScimStatus(deps, connection);
  const situation = await situationOf(deps, connection);
  if (situation.target.asOf === null) throw unread(connection);
  const { input } = await planInput(deps, situation, wish);
  const result = buildPlan(input);
  const { groups } = input.evaluation;
  if (wish.draft !== null) return { plan: { ...result.plan, state: 'draft' }, groups };
  return { plan: await keep(deps, result, { isWhole: wish.who === null && wish.only === null }), groups };
}

/** Keeps a plan. @returns it, or the same one that waits already */
export async function keep(
  { store, now, telling, mailWaiting }: Pick<PlanningDeps, 'store' | 'now' | 'telling' | 'mailWaiting'>,
  { plan, workItems, links, noticed, refused }: PlanResult,
  { isWhole }: { readonly isWhole: boolean },
): Promise<Plan> {
  const at = now().toISOString();
  const { connectionId } = plan;
  if (links.length > 0) await store.saveIdentityLinks(connectionId, { save: links, drop: [] });
  if (isWhole && plan.kind === 'sync') {
    await store.meetWorkItems(connectionId, workItems);
    await store.keepNoticed(connectionId, noticed, at);
    await store.keepRefusals(connectionId, refused);
  }
  // What the rules let happen by itself waits for nobody.
  const isForPeople = plan.state === 'waiting' && plan.approval.needed > 0;
  const told = isForPeople ? toldWaiting(telling, plan, new Date(now().getTime() + MAIL_AGAIN_MS)) : null;
  const options = { supersedes: isWhole ? supersedes[plan.kind] : [], at, told };
  const { planId, isNew } = await store.createPlan(plan, options);
  if (isNew && isForPeople) await mailWaiting.now(plan);
  return { ...plan, id: planId };
}

/** A mail goes out at once; when this process ends before, or the mail server does not take it, it is due again then. */
const MAIL_AGAIN_MS = 60_000;

export const unread = ({ name }: Connection): ForeknowError =>
  new ForeknowError('conflict', {
    detail: `Connection ${name} was never read to its end: what is missing there says nothing yet.`,
    hint: `Sync it first: foreknow sync ${name}.`,
  });

/** Letters and digits that nobody takes for one another. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

const newPlanId = (): string => `pl_${Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('')}`;
