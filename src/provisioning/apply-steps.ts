import { type ForeknowError, isForeknowError } from '../errors/errors.ts';
import { assumedBy } from './digest.ts';
import { consequenceOf, type Health, isRefusedKey, isSick, noteOutcome } from './halts.ts';
import { type Action, actions, type Step, type StepState } from './plan.ts';
import type { Application, ApplyLease, JournalEntry, JournalWrite, ProvisioningStore, StoredPlan } from './ports.ts';
import { provisionalIdOf } from './provisional-id.ts';
import { aimOf, refusedAgain } from './refusals.ts';
import type { Road } from './road.ts';
import { createLedger } from './scim-ledger.ts';
import { groupObjectOf, memberIdOf, type SendDeps, type Sent, sendStep } from './send-steps.ts';
import type { Refusal, ScimObject } from './state.ts';
import { takenBack } from './taken-back.ts';
import type { Target, TargetUser } from './target.ts';
import { indexTarget, type TargetIndex } from './target-index.ts';

/** A step and its place in the plan. */
type OrderedStep = Step & { readonly position: number };

export type Applying = {
  readonly store: Pick<ProvisioningStore, 'journal'>;
  readonly road: Road;
  readonly lease: ApplyLease;
  readonly plan: StoredPlan;
  readonly application: Application;
  /** Those that were approved. */
  readonly steps: readonly OrderedStep[];
  /** Steps that are over, by id: taken before, or decided in this application. */
  readonly done: ReadonlyMap<string, JournalEntry>;
  /** Steps of which nobody knows whether they were taken. */
  readonly open: ReadonlyMap<string, JournalEntry>;
  /** As the mirror has it, with what other plans have in flight laid over it. */
  readonly target: Target;
  readonly scimObjects: readonly ScimObject[];
  /** Steps that were refused before. */
  readonly refusals: readonly Refusal[];
  /** Why nothing may be written now; asked before each write. */
  readonly halt: () => Promise<ForeknowError | null>;
  /** A step of another plan is not visible in time: nobody is archived. */
  readonly isAnyLate: boolean;
  /** Ids of steps that sources and rules do not ask for any more. */
  readonly unasked: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
};

export type Ended = {
  /** How each step ended, by id. */
  readonly states: ReadonlyMap<string, StepState>;
  /** Why it ended before its last step; null: it did not. */
  readonly stop: { readonly code: string; readonly reason: string } | null;
  /** Too many failures for chance. */
  readonly isSick: boolean;
  /** Another process goes on with it: nothing more may be written. */
  readonly isLost: boolean;
};

/** Members that are sent together, at most. */
const MEMBERS_AT_ONCE = 500;

type Running = Applying & {
  readonly send: SendDeps;
  readonly index: TargetIndex;
  readonly states: Map<string, StepState>;
  readonly health: Health;
  /** By aim. */
  readonly refused: Map<string, Refusal>;
  /** People who may still be given a seat; null: nobody counts them. */
  seatsLeft: number | null;
};

type Stop = { readonly code: string; readonly reason: string } | 'lost' | null;

/** Sends the steps in the safe order: members of one group together, people who do not touch one another a few at a time. */
export async function applySteps(applying: Applying): Promise<Ended> {
  const { done, open, plan, steps, signal } = applying;
  const taken = [...done.values()].filter(({ state }) => isTakenState(state));
  const index = indexTarget(takenBack(applying.target, [...taken, ...open.values()]));
  const at = () => applying.now().toISOString();
  const ledger = createLedger(applying.scimObjects, index, applying.road, plan.connectionId, at);
  const running: Running = {
    ...applying,
    ...{ index, states: new Map(), health: healthOf([...done.values()]) },
    refused: new Map(applying.refusals.map((refusal) => [refusal.aim, refusal])),
    send: { connectionId: plan.connectionId, road: applying.road, ledger, index, at },
    seatsLeft: seatsLeft(index, [...taken, ...open.values()]),
  };
  for (const [id, entry] of done) running.states.set(id, isTakenState(entry.state) ? 'accepted' : entry.state);
  let stop: Stop = null;
  const ordered = inOrder(steps.filter(({ id }) => !done.has(id)));
  const { tried: triedBefore } = running.health;
  for (let place = 0; place < ordered.length; ) {
    const unit = unitAt(ordered, place, running.health.tried - triedBefore);
    place += unit.length;
    if (signal.aborted) stop = { code: 'aborted', reason: 'It was asked to end.' };
    const halt: ForeknowError | null = stop === null ? await applying.halt() : null;
    if (halt !== null) stop = { code: halt.code, reason: halt.detail };
    stop ??= await applyUnit(running, unit);
    if (stop === null && isSick(running.health)) {
      const { failed, tried } = running.health;
      stop = { code: 'remote_rejected', reason: `${failed} of ${tried} steps failed.` };
    }
    if (stop !== null) break;
  }
  return {
    states: running.states,
    stop: stop === 'lost' ? null : stop,
    isSick: isSick(running.health),
    isLost: stop === 'lost',
  };
}

/** How a plan fared before it is gone on with: what fails at its end is not what fails at its start. */
function healthOf(done: readonly JournalEntry[]): Health {
  const health = { tried: 0, failed: 0, failedFirst: 0 };
  const outcomes = done.filter(({ state }) => isTakenState(state) || state === 'failed');
  for (const { state } of outcomes.toSorted((one, other) => one.position - other.position)) {
    noteOutcome(health, state !== 'failed');
  }
  return health;
}

const isTakenState = (state: StepState): boolean => ['accepted', 'visible', 'verified', 'late'].includes(state);

/**
 * Seats that are free before anybody else is let in; those that this plan's archives free are used in the next window.
 * @param begun steps of the plan that were sent before
 */
function seatsLeft({ target, users, usersByEmail }: TargetIndex, begun: readonly JournalEntry[]): number | null {
  const { seats } = target.account;
  if (seats === null) return null;
  const isActive = (user: TargetUser | undefined): boolean => user?.status === 'active';
  const isThere = ({ step: { person } }: JournalEntry): boolean =>
    person?.userId == null ? usersByEmail(person?.email ?? '').some(isActive) : isActive(users.get(person.userId));
  const coming = begun.filter((entry) => entersBy.has(entry.action) && !isThere(entry)).length;
  return seats - target.users.filter(isActive).length - coming;
}

const entersBy: ReadonlySet<string> = new Set(['create', 'restore']);

const rank = new Map(actions.map((action, place) => [action, place] as const));

/** In the safe order, whatever order the plan has; members who join one group, or leave it, stand together. */
function inOrder(steps: readonly OrderedStep[]): readonly OrderedStep[] {
  const firstOf = new Map<string, number>();
  for (const step of steps) {
    const key = groupKey(step);
    firstOf.set(key, Math.min(firstOf.get(key) ?? step.position, step.position));
  }
  return steps.toSorted(
    (one, other) =>
      rank.get(one.action)! - rank.get(other.action)! ||
      firstOf.get(groupKey(one))! - firstOf.get(groupKey(other))! ||
      one.position - other.position,
  );
}

const isAboutMember = ({ action }: OrderedStep): boolean => action === 'member_add' || action === 'member_remove';

const groupKey = (step: OrderedStep): string =>
  isAboutMember(step) ? JSON.stringify([step.action, step.group?.groupId, step.group?.name]) : step.id;

/** Steps about different people that do not touch one another; renames do, for addresses go from one to another. */
const independent: ReadonlySet<Action> = new Set(['claim', 'create', 'manager']);
/** The first ones go alone: what is wrong with the key or the rules shows by them. */
const ALONE_AT_FIRST = 5;
const PEOPLE_AT_ONCE = 4;

/**
 * What is sent next, from a place on: one step, people who are independent of one another, or members of one group.
 * @param tried steps that this process has tried
 */
function unitAt(ordered: readonly OrderedStep[], place: number, tried: number): readonly OrderedStep[] {
  const first = ordered[place]!;
  const people = independent.has(first.action) && tried >= ALONE_AT_FIRST ? PEOPLE_AT_ONCE : 1;
  const most = isAboutMember(first) ? MEMBERS_AT_ONCE : people;
  const belongs = isAboutMember(first)
    ? (step: OrderedStep) => groupKey(step) === groupKey(first)
    : ({ action, needs }: OrderedStep) => action === first.action && !needs.some((id) => isBefore(id));
  const unit: OrderedStep[] = [];
  const isBefore = (id: string): boolean => unit.some((step) => step.id === id);
  for (const step of ordered.slice(place, place + most)) {
    if (unit.length > 0 && !belongs(step)) break;
    unit.push(step);
  }
  return unit;
}

async function applyUnit(running: Running, unit: readonly OrderedStep[]): Promise<Stop> {
  const ready: OrderedStep[] = [];
  const left: JournalEntry[] = [];
  for (const step of unit) {
    const why = reasonToLeave(running, step);
    if (why === null) ready.push(step);
    else left.push(entryOf(running, step, why));
  }
  for (const { stepId, state } of left) running.states.set(stepId, state);
  const written = ready.map((step) => entryOf(running, step, { state: 'written', writtenAt: running.send.at() }));
  const before = takenOver(running, ready);
  if (!(await write(running, { entries: [...before, ...left, ...written] }))) return 'lost';
  if (ready.length === 0) return null;
  return isAboutMember(ready[0]!) ? sendMembers(running, ready, written) : sendEach(running, ready, written);
}

/** What an earlier application of the plan had left open is closed there: it is this one's now. */
function takenOver({ open, application }: Running, steps: readonly OrderedStep[]): readonly JournalEntry[] {
  const entries = steps.flatMap(({ id }) => open.get(id) ?? []);
  return entries
    .filter(({ applicationId }) => applicationId !== application.id)
    .map((entry) => ({ ...entry, state: 'skipped', found: `It was sent again by ${application.id}.` }));
}

type Change = Partial<JournalEntry> & Pick<JournalEntry, 'state'>;

/** Why a step is not sent at all; null: it is. */
function reasonToLeave(running: Running, step: OrderedStep): Change | null {
  const { states, index, isAnyLate, open, unasked } = running;
  const needs = step.needs.filter((need) => states.has(need) && states.get(need) !== 'accepted');
  if (needs.length > 0) return skipped('steps_incomplete', `It needs ${needs.join(', ')}, which did not go through.`);
  // What was written already may be there by now: it is sent again, which changes nothing where it was taken.
  if (open.has(step.id)) return null;
  if (unasked.has(step.id)) return { state: 'stale', found: 'Sources and rules do not ask for it any more.' };
  const found = assumedBy(step, index);
  if (found !== step.assumes) return { state: 'stale', found: foundWords(running, step) };
  if (step.action === 'archive' && isAnyLate) {
    return skipped(
      'provisioning_halted',
      'Earlier steps are not visible at KnowBe4 in time: nobody is archived before they are.',
    );
  }
  if (!entersBy.has(step.action) || running.seatsLeft === null) return null;
  running.seatsLeft -= 1;
  return running.seatsLeft >= 0 ? null : skipped('remote_rejected', 'No seat is free: it is left for the next window.');
}

const skipped = (code: string, detail: string): Change => ({ state: 'skipped', error: { code, detail } });

/** What is there instead of what the step assumed. */
function foundWords({ index }: Running, { action, person, group, fields }: OrderedStep): string {
  const user = index.users.get(person?.userId ?? '');
  if (action === 'create') return 'Somebody has this address by now.';
  if (action === 'group_create' && group?.groupId === null) return 'A group of this name is there by now.';
  if (person?.userId != null && user === undefined) return 'The account is not there any more.';
  if (user === undefined) return 'The group is another one by now.';
  const values = fields.map(({ name }) => `${name} is ${JSON.stringify(user.fields[name] ?? null)}`);
  return [`The account is ${user.status}`, ...values].join(', ');
}

/** All of them at once; each is taken or refused by itself. */
async function sendEach(
  running: Running,
  steps: readonly OrderedStep[],
  entries: readonly JournalEntry[],
): Promise<Stop> {
  const results = await Promise.allSettled(steps.map((step) => sendStep(running.send, step)));
  const outcomes = results.map((result, place) => ({ result, entry: entries[place]! }));
  let stop = await accept(
    running,
    outcomes.flatMap(({ result, entry }) => (result.status === 'fulfilled' ? [{ entry, sent: result.value }] : [])),
  );
  for (const { result, entry } of outcomes) {
    if (result.status === 'fulfilled' || stop === 'lost') continue;
    stop = graver(stop, await refuse(running, [entry], result.reason));
  }
  return stop;
}

/** Of two reasons to end: a refused key lets writes rest, whatever else went wrong. */
const graver = (one: Stop, other: Stop): Stop =>
  one === null || other === 'lost' || (other !== null && isRefusedKey(other.code)) ? other : one;

/** Halves what is refused as a whole, so that one bad member does not keep the others out. */
async function sendMembers(
  running: Running,
  steps: readonly OrderedStep[],
  entries: readonly JournalEntry[],
): Promise<Stop> {
  let group: ScimObject;
  try {
    group = groupObjectOf(running.send, steps[0]!);
  } catch (error) {
    return refuse(running, entries, error);
  }
  const members: Member[] = [];
  for (const [place, step] of steps.entries()) {
    const entry = entries[place]!;
    try {
      members.push({ id: await memberIdOf(running.send, step), entry });
    } catch (error) {
      const stop = await refuse(running, [entry], error);
      if (stop !== null) return stop;
    }
  }
  return members.length === 0 ? null : sendBatch(running, group, members);
}

type Member = { readonly id: string; readonly entry: JournalEntry };

async function sendBatch(running: Running, group: ScimObject, members: readonly Member[]): Promise<Stop> {
  const isAdd = members[0]!.entry.action === 'member_add';
  const ids = members.map(({ id }) => id);
  try {
    const change = isAdd ? { add: ids, remove: [] } : { add: [], remove: ids };
    const { refused = [] } = await running.road.changeMembers(group.scimId, change);
    const reasons = new Map(refused.map(({ id, reason }) => [id, reason]));
    const taken = members.filter(({ id }) => !reasons.has(id));
    const object = withMembers(running, group, taken, isAdd);
    const stop = await accept(
      running,
      taken.map(({ id, entry }) => ({ entry, sent: { scimId: id, object, provisionalId: null, otherwise: null } })),
    );
    if (stop !== null || reasons.size === 0) return stop;
    const failed = members.filter(({ id }) => reasons.has(id));
    return fail(
      running,
      failed.map(({ id, entry }) => ({ ...entry, error: { code: 'remote_rejected', detail: reasons.get(id)! } })),
    );
  } catch (error) {
    if (consequenceOf(error) !== 'failed' || members.length === 1)
      return refuse(
        running,
        members.map(({ entry }) => entry),
        error,
      );
    const half = Math.ceil(members.length / 2);
    return (
      (await sendBatch(running, group, members.slice(0, half))) ??
      (await sendBatch(
        running,
        running.send.ledger.group({ name: group.name, groupId: group.targetId }) ?? group,
        members.slice(half),
      ))
    );
  }
}

function withMembers({ send }: Running, group: ScimObject, members: readonly Member[], isAdd: boolean): ScimObject {
  const known = new Set((group.known.memberIds as readonly string[] | undefined) ?? []);
  for (const { id } of members) {
    if (isAdd) known.add(id);
    else known.delete(id);
  }
  const object = { ...group, known: { ...group.known, memberIds: [...known] }, updatedAt: send.at() };
  send.ledger.put(object);
  return object;
}

async function accept(
  running: Running,
  taken: readonly { readonly entry: JournalEntry; readonly sent: Sent }[],
): Promise<Stop> {
  if (taken.length === 0) return null;
  const acceptedAt = running.send.at();
  const aims = running.refused.size === 0 ? [] : taken.map(({ entry }) => aimOf(entry.step));
  const isKept = await write(running, {
    entries: taken.map(({ entry, sent }) => ({
      ...entry,
      ...{ state: 'accepted', scimId: sent.scimId, found: sent.otherwise, error: null, acceptedAt },
    })),
    scimObjects: [...new Set(taken.map(({ sent }) => sent.object))],
    taken: aims.filter((aim) => running.refused.delete(aim)),
    provisionalIds: taken.flatMap(({ sent }) => sent.provisionalId ?? []),
  });
  for (const { entry } of taken) {
    running.states.set(entry.stepId, 'accepted');
    noteOutcome(running.health, true);
  }
  return isKept ? null : 'lost';
}

async function refuse(running: Running, entries: readonly JournalEntry[], thrown: unknown): Promise<Stop> {
  const error = isForeknowError(thrown)
    ? { code: thrown.code, detail: thrown.detail }
    : { code: 'internal', detail: 'Something broke on our side.' };
  const consequence = consequenceOf(thrown);
  const told = entries.map((entry) => ({ ...entry, error }));
  if (consequence === 'failed') return fail(running, told);
  // A step that is `written` is asked for when the plan is gone on with; one that was surely not taken, now or before, is begun anew.
  const ended = told.map((entry): JournalEntry => {
    const isOpen = consequence === 'open' || running.open.has(entry.stepId);
    return { ...entry, state: isOpen ? 'written' : 'planned' };
  });
  for (const { stepId, state } of ended) running.states.set(stepId, state);
  if (!(await write(running, { entries: ended }))) return 'lost';
  return { code: error.code, reason: error.detail };
}

async function fail(running: Running, entries: readonly JournalEntry[]): Promise<Stop> {
  for (const { stepId } of entries) {
    running.states.set(stepId, 'failed');
    noteOutcome(running.health, false);
  }
  const refusals = entries.map((entry) => {
    const refusal = refusedAgain(running.refused.get(aimOf(entry.step)), entry, running.now());
    running.refused.set(refusal.aim, refusal);
    return refusal;
  });
  const isKept = await write(running, {
    ...{ entries: entries.map((entry) => ({ ...entry, state: 'failed' })), refusals },
    goneScimObjects: await goneOf(running, entries),
  });
  return isKept ? null : 'lost';
}

/** Ids that the store did not know: it is looked once more, and what is not there is sent anew by the next plan. */
async function goneOf({ send: { ledger } }: Running, entries: readonly JournalEntry[]): Promise<readonly ScimObject[]> {
  const unknown = entries.filter(({ error }) => error?.code === 'remote_not_found');
  const objects = new Set(unknown.flatMap(({ step }) => ledger.knownOf(step) ?? []));
  const gone: ScimObject[] = [];
  // Where it cannot be asked for, it is not said to be gone.
  for (const object of objects) if (await ledger.isGone(object).catch(() => false)) gone.push(object);
  return gone;
}

const write = ({ store, lease }: Running, entries: JournalWrite): Promise<boolean> => store.journal(lease, entries);

function entryOf(
  { application, plan, index, open }: Running,
  { position, ...step }: OrderedStep,
  change: Change,
): JournalEntry {
  const { person, group } = step;
  return {
    ...{ applicationId: application.id, planId: plan.id, connectionId: plan.connectionId, stepId: step.id, position },
    ...{ action: step.action, userId: person?.userId ?? null, groupId: group?.groupId ?? null },
    provisionalId: person !== null && person.userId === null ? provisionalIdOf(plan.connectionId, person) : null,
    ...{ scimId: null, step, found: null, error: null },
    // What was there before the first try is what an undo puts back.
    before: open.get(step.id)?.before ?? beforeImage(index, step),
    ...{ writtenAt: null, acceptedAt: null, visibleAt: null, verifiedAt: null },
    ...change,
  };
}

function beforeImage(
  index: TargetIndex,
  { person, group }: Pick<OrderedStep, 'person' | 'group'>,
): JournalEntry['before'] {
  const user = index.users.get(person?.userId ?? '');
  const there = index.groups.get(group?.groupId ?? '');
  if (user === undefined && there === undefined) return null;
  return {
    ...(user === undefined ? {} : { status: user.status, fields: user.fields, groupIds: user.groupIds }),
    ...(user === undefined ? {} : { provisioningManaged: user.provisioningManaged }),
    ...(there === undefined ? {} : { group: { id: there.id, name: there.name } }),
    ...(user === undefined || there === undefined ? {} : { isMember: user.groupIds.includes(there.id) }),
  };
}
