import type { ApprovalKind } from '../rules/rule-set.ts';
import { assumedBy, planDigest, stepDigest } from './digest.ts';
import { predictEffects } from './effects.ts';
import { guardsOf } from './guards.ts';
import {
  type Action,
  actions,
  type Effect,
  type Guard,
  type Plan,
  type PlanItem,
  type PlanState,
  type Step,
} from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { isArchivedThere } from './put-back.ts';
import { activeUsers, type Draft, type Work } from './work.ts';

const DAY_MS = 24 * 3_600_000;
/** KnowBe4 runs its SCIM sync once in a window of this length at most. */
const WINDOW_MS = 15 * 60_000;
/** Until our own reads have shown what a window brought. */
const READ_MS = 5 * 60_000;
/** A write and its pause. */
const WRITE_MS = 500;
const MEMBERS_A_WRITE = 100;
const ROWS_A_READ = 500;

/** The plan of the drafts that are left: in the safe order, with effects, guards, approvals, digests and cost. */
export function finishPlan(work: Work, drafts: readonly Draft[], items: readonly PlanItem[] = work.items): Plan {
  const { input } = work;
  const ordered = inOrder(drafts);
  const { bySteps, ofPlan } = predictEffects(work, ordered);
  const bare = withIds(work, ordered, bySteps);
  const cost = costOf(input, bare);
  const guards = guardsOf(work, bare, { cost, effects: ofPlan });
  const steps = bare.map((step) => approvable(input, step, { guards, effects: ofPlan }));
  const now = activeUsers(input.target.users).length;
  const plan = {
    id: input.id,
    connectionId: input.connection.id,
    kind: input.kind,
    state: stateOf(input, guards, steps),
    mode: input.state.mode,
    author: input.author,
    builtAt: input.now.toISOString(),
    expiresAt: new Date(input.now.getTime() + (input.expiresInMs ?? DAY_MS)).toISOString(),
    basis: basisOf(input, now),
    counts: countsOf(work, steps, items),
    seats: { bought: input.target.account.seats, now, after: now + seatsTaken(steps) },
    cost,
    guards,
    approval: approvalOf(input, steps),
    effects: ofPlan,
    steps,
    items,
  };
  return { ...plan, digest: planDigest(plan, input.connection.accountKey) };
}

/** What is told of these steps now: the guards over them, and what KnowBe4 does by itself. */
export function toldNow(
  work: Work,
  steps: readonly Step[],
  cost: Plan['cost'],
): Pick<Plan, 'basis' | 'guards' | 'effects' | 'steps' | 'mode'> {
  const { input } = work;
  const drafts = new Map(steps.map((step) => [step.id, draftOf(step)]));
  const { bySteps, ofPlan } = predictEffects(work, [...drafts.values()]);
  return {
    basis: basisOf(input, activeUsers(input.target.users).length),
    mode: input.state.mode,
    guards: guardsOf(work, steps, { cost, effects: ofPlan }),
    effects: ofPlan,
    steps: steps.map((step) => ({ ...step, effects: bySteps.get(drafts.get(step.id)!) ?? [] })),
  };
}

/** What it needs says nothing of its effects. */
const draftOf = ({
  action,
  situation,
  person,
  group,
  matchedOn,
  fields,
  because,
  reversible,
  cannot,
}: Step): Draft => ({
  ...{ action, situation, person, group, matchedOn, fields, because, reversible, cannot },
  ...{ needs: [], depth: 0 },
});

const rank = new Map<Action, number>(actions.map((action, at) => [action, at]));

/** By kind of step, what frees before what takes; else as they came. */
const inOrder = (drafts: readonly Draft[]): readonly Draft[] =>
  drafts.toSorted((one, other) => rank.get(one.action)! - rank.get(other.action)! || one.depth - other.depth);

type Bare = Omit<Step, 'approval' | 'digest'>;

function withIds(
  work: Work,
  ordered: readonly Draft[],
  effects: ReadonlyMap<Draft, readonly Effect[]>,
): readonly Step[] {
  const ids = new Map(ordered.map((draft, at) => [draft, `st_${String(at + 1).padStart(3, '0')}`]));
  return ordered.map((draft) => {
    const { needs, depth: _depth, ...rest } = draft;
    const bare: Bare = {
      ...rest,
      id: ids.get(draft)!,
      road: 'scim',
      needs: [...new Set(needs.map((need) => ids.get(need)!))],
      assumes: assumedBy(draft, work.index),
      effects: effects.get(draft) ?? [],
    };
    return { ...bare, approval: { needed: 1, reasons: [] }, digest: '' };
  });
}

const kindOf: Readonly<Record<Action, ApprovalKind>> = {
  claim: 'update',
  restore: 'restore',
  create: 'create',
  update: 'update',
  manager: 'update',
  group_create: 'group_create',
  member_add: 'member_add',
  member_remove: 'member_remove',
  group_rename: 'group_rename',
  archive: 'archive',
};

/**
 * Who has to approve it: as the rules say, at least one in any mode but `auto`, more where a guard tripped. Nothing goes by itself that lets KnowBe4 archive
 * somebody whom its SCIM store lacks.
 */
function approvable(
  input: PlanInput,
  step: Step,
  { guards, effects }: { readonly guards: readonly Guard[]; readonly effects: readonly Effect[] },
): Step {
  const { approval } = input.rules.settings;
  const tripped = guards.filter(({ state, stepIds }) => state === 'tripped' && stepIds.includes(step.id));
  const isArchiving = effects.some(({ kind }) => kind === 'archived_by_scim');
  const isAutomatic = input.state.mode === 'auto' && input.kind !== 'adoption' && input.kind !== 'undo' && !isArchiving;
  const least = isAutomatic ? 0 : 1;
  const needed = Math.max(least, approval[kindOf[step.action]], tripped.length > 0 ? approval.tripped_guard : 0) as
    | 0
    | 1
    | 2;
  const reasons = needed === 0 ? [] : [step.action, ...new Set(tripped.map(({ name }) => `guard:${name}`))];
  const whole = { ...step, approval: { needed, reasons } };
  return { ...whole, digest: stepDigest(whole) };
}

function approvalOf(input: PlanInput, steps: readonly Step[]): Plan['approval'] {
  const needed = steps.reduce<0 | 1 | 2>((most, { approval }) => (approval.needed > most ? approval.needed : most), 0);
  const reasons = new Set(steps.flatMap(({ approval }) => approval.reasons));
  if (needed > 0 && input.rules.settings.fourEyes) reasons.add('four_eyes');
  return { needed, reasons: [...reasons] };
}

function stateOf(input: PlanInput, guards: readonly Guard[], steps: readonly Step[]): PlanState {
  if (guards.some(({ state }) => state === 'blocked')) return 'blocked';
  if (input.state.mode === 'observe' || steps.length === 0) return 'draft';
  return 'waiting';
}

const basisOf = ({ sources, target, rules }: PlanInput, active: number): Plan['basis'] => ({
  sources,
  target: { active, archived: target.users.length - active, asOf: target.asOf },
  rules: { file: rules.file, digest: rules.digest, commit: rules.commit },
});

const conflicts: ReadonlySet<PlanItem['kind']> = new Set(['ambiguous', 'doubled', 'conflict', 'vanished', 'foreign']);

function countsOf(work: Work, steps: readonly Step[], items: readonly PlanItem[]): Plan['counts'] {
  const byAction = Object.fromEntries(actions.map((action) => [action, 0])) as Record<Action, number>;
  for (const { action } of steps) byAction[action] += 1;
  const touched = new Set([...steps, ...items].flatMap(({ person }) => person?.userId ?? []));
  return {
    ...byAction,
    conflict: items.filter(({ kind }) => conflicts.has(kind)).length,
    held: items.filter(({ kind }) => kind === 'held').length,
    unscoped: items.filter(({ kind }) => kind === 'unscoped').length,
    unmanaged: items.filter(({ kind }) => kind === 'unmanaged').length,
    unchanged: activeUsers(work.input.target.users).filter(({ id }) => !touched.has(id)).length,
  };
}

const seatsTaken = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, step) =>
      sum +
      (step.action === 'create' || step.action === 'restore'
        ? 1
        : step.action === 'archive' && !isArchivedThere(step)
          ? -1
          : 0),
    0,
  );

function costOf({ now, target }: PlanInput, steps: readonly Step[]): Plan['cost'] {
  const members = steps.filter(({ action }) => action === 'member_add' || action === 'member_remove');
  const batches = [
    ...Map.groupBy(members, ({ action, group }) => `${action} ${group?.groupId ?? group?.name}`).values(),
  ];
  const writes =
    steps.length - members.length + batches.reduce((sum, batch) => sum + Math.ceil(batch.length / MEMBERS_A_WRITE), 0);
  const verifyReads =
    steps.length === 0
      ? 0
      : Math.ceil(target.users.length / ROWS_A_READ) + Math.ceil(target.groups.length / ROWS_A_READ);
  const visibleMs = now.getTime() + writes * WRITE_MS + WINDOW_MS + READ_MS;
  return {
    writes,
    verifyReads,
    scimWindows: steps.length === 0 ? 0 : 1,
    visibleBy: steps.length === 0 ? null : new Date(visibleMs).toISOString(),
  };
}
