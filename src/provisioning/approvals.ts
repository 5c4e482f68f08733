import type { Guard, Plan, Step } from './plan.ts';
import type { Approval, StoredPlan } from './ports.ts';
import { isCarrying } from './subset.ts';

/** What approvals say of a plan: nothing here writes, asks a clock or knows who is asking. */

/** Steps of the chosen that are not approved by as many people as they need. */
export type Standing = {
  /** Every chosen step has its approvals, and so may be sent. */
  readonly isApproved: boolean;
  /** Ids of the steps that somebody chose, in the order of the plan; null: all. */
  readonly stepIds: readonly string[] | null;
  /** How many more people have to approve. */
  readonly missing: number;
  readonly missingFor: readonly string[];
};

/** Approvals that count at a time, for the plan as it stands. */
export const counting = (plan: Pick<StoredPlan, 'digest'>, approvals: readonly Approval[], now: Date) =>
  approvals.filter(
    ({ decision, digest, lapsed, expiresAt }) =>
      decision === 'approved' && lapsed === null && digest === plan.digest && Date.parse(expiresAt) > now.getTime(),
  );

/**
 * Steps of a plan in mode auto that the rules let apply by themselves, none of which waits for another one that does not; none while what keeps the SCIM
 * store whole waits for a person.
 */
export function automaticSteps(plan: Pick<Plan, 'mode'>, steps: readonly Step[]): readonly string[] {
  if (plan.mode !== 'auto') return [];
  if (steps.some((step) => isCarrying(step) && step.approval.needed > 0)) return [];
  const free = new Set(steps.filter(({ approval }) => approval.needed === 0).map(({ id }) => id));
  for (let before = -1; before !== free.size; ) {
    before = free.size;
    for (const { id, needs } of steps) if (needs.some((need) => !free.has(need))) free.delete(id);
  }
  return steps.filter(({ id }) => free.has(id)).map(({ id }) => id);
}

/**
 * What may be sent of a plan. Each step needs as many different people as it says, in mode propose at least one; what concerns the plan as a
 * whole (an effect that happens whatever is chosen, a guard that names no step) asks for as many as the plan does.
 * @param options.fourEyes whoever asked for the plan is not enough
 */
export function standing(
  plan: StoredPlan,
  steps: readonly Step[],
  approvals: readonly Approval[],
  options: { readonly now: Date; readonly fourEyes: boolean },
): Standing {
  const given = counting(plan, approvals, options.now);
  const automatic = new Set(automaticSteps(plan, steps));
  const isChosen = (step: Step) => automatic.has(step.id) || given.some((approval) => covers(approval, step));
  const chosen = steps.filter(isChosen);
  const isWhole = chosen.length === steps.length;
  const least = plan.mode === 'auto' ? 0 : 1;
  let missing = 0;
  const missingFor: string[] = [];
  for (const step of chosen) {
    if (automatic.has(step.id)) continue;
    const people = peopleOf(given.filter((approval) => covers(approval, step)));
    const lacks = lacking(Math.max(least, step.approval.needed), people, plan, options.fourEyes);
    if (lacks > 0) missingFor.push(step.id);
    missing = Math.max(missing, lacks);
  }
  if (chosen.some(({ id }) => !automatic.has(id)) && (isWhole || concernsAll(plan))) {
    missing = Math.max(missing, lacking(plan.approval.needed, peopleOf(given), plan, options.fourEyes));
  }
  return {
    isApproved: chosen.length > 0 && missing === 0,
    stepIds: isWhole ? null : chosen.map(({ id }) => id),
    missing,
    missingFor,
  };
}

/** An approval of everything, or one that names this step as it is. */
const covers = ({ steps }: Approval, { id, digest }: Step): boolean => steps === null || steps[id] === digest;

const peopleOf = (approvals: readonly Approval[]): ReadonlyMap<string, string> =>
  new Map(approvals.map(({ operator }) => [operator.id, operator.name]));

function lacking(
  needed: number,
  people: ReadonlyMap<string, string>,
  { author }: Pick<Plan, 'author'>,
  fourEyes: boolean,
): number {
  const others = [...people].filter(([id, name]) => id !== author && name !== author).length;
  const lacksAnother = fourEyes && needed > 0 && others === 0 ? 1 : 0;
  return Math.max(needed - people.size, lacksAnother);
}

const concernsAll = ({ effects, guards }: Pick<Plan, 'effects' | 'guards'>): boolean =>
  effects.length > 0 || guards.some(({ state, stepIds }) => state === 'tripped' && stepIds.length === 0);

/** Of the chosen steps, those that need others which are not chosen, with their names. All of them need those that keep the store whole. */
export function needsOf(
  steps: readonly Step[],
  chosen: ReadonlySet<string>,
): readonly { readonly step: string; readonly needs: readonly string[] }[] {
  const carrying = steps.flatMap((step) => (isCarrying(step) && !chosen.has(step.id) ? [step.id] : []));
  return steps.flatMap(({ id, needs }) => {
    const lacking = chosen.has(id) ? new Set([...needs.filter((need) => !chosen.has(need)), ...carrying]) : [];
    const named = [...lacking];
    return named.length === 0 ? [] : [{ step: id, needs: named }];
  });
}

/**
 * Why what was approved is not what would happen now; null: it is. That the target has moved is no reason: such steps are stale, one by one.
 * @param fresh the same steps, with what is told of them by now
 * @param stepIds steps that were approved; null: all
 */
export function worsened(
  kept: Pick<Plan, 'basis' | 'guards' | 'effects' | 'steps' | 'mode'>,
  fresh: Pick<Plan, 'basis' | 'guards' | 'effects' | 'steps' | 'mode'>,
  stepIds: ReadonlySet<string> | null,
): string | null {
  if (kept.basis.rules?.digest !== fresh.basis.rules?.digest) return 'The rules or the mapping have changed.';
  if (kept.mode !== 'observe' && fresh.mode === 'observe') return 'The connection is only observed by now.';
  for (const guard of fresh.guards) {
    if (isWorse(guard, kept, stepIds)) return `The guard ${guard.name} is ${guard.state} by now: ${guard.text}`;
  }
  const added = newEffect(kept.effects, fresh.effects);
  if (added !== null) return `KnowBe4 would also do this by now: ${added}`;
  const now = new Map(fresh.steps.map((step) => [step.id, step]));
  for (const step of kept.steps) {
    if (stepIds !== null && !stepIds.has(step.id)) continue;
    const more = newEffect(step.effects, now.get(step.id)?.effects ?? []);
    if (more !== null) return `KnowBe4 would also do this by now: ${more}`;
  }
  return null;
}

/**
 * Whether a guard blocks that did not, or asks for two people for an approved step that it did not ask them for. What it says of other steps is for those
 * who approve them.
 */
function isWorse(
  { name, state, stepIds: named }: Guard,
  kept: Pick<Plan, 'guards'>,
  approved: ReadonlySet<string> | null,
): boolean {
  const before = kept.guards.filter((guard) => guard.name === name);
  if (state === 'blocked') return before.every((guard) => guard.state !== 'blocked');
  if (state !== 'tripped') return false;
  const tripped = before.filter((guard) => guard.state === 'tripped');
  const asked = new Set(tripped.flatMap(({ stepIds }) => stepIds));
  if (named.length === 0) return tripped.length === 0;
  return named.some((id) => !asked.has(id) && (approved === null || approved.has(id)));
}

/** Text of the first effect that was not there before, or that reaches more people. */
function newEffect(before: Plan['effects'], now: Plan['effects']): string | null {
  const known = new Map(before.map((effect) => [effectKey(effect), effect]));
  for (const effect of now) {
    // Says only that it comes by itself.
    if (effect.kind === 'put_back') continue;
    const kept = known.get(effectKey(effect));
    if (kept === undefined) return effect.text;
    const ids = new Set(kept.userIds);
    if (effect.userIds?.some((id) => !ids.has(id))) return effect.text;
  }
  return null;
}

const effectKey = ({ kind, certainty, campaign, group }: Plan['effects'][number]): string =>
  JSON.stringify([kind, certainty, campaign?.id ?? null, group?.groupId ?? group?.name ?? null]);
