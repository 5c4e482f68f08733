import { diffPlans, type PlanDiff } from './diff-plans.ts';
import type { Plan, PlanItem, Step } from './plan.ts';

type PlanHead = Omit<Plan, 'steps' | 'items'>;

/** What other rules would do otherwise, of the same people at the same moment. Neither plan is kept. */
export type PlanComparison = {
  /** By the rules in force. */
  readonly current: PlanHead;
  readonly draft: PlanHead;
  readonly steps: PlanDiff;
  /** What is held, unscoped, in conflict …: what the draft sees besides, and what it sees no more. */
  readonly items: { readonly added: readonly PlanItem[]; readonly dropped: readonly PlanItem[]; readonly same: number };
  /** Attributes that only the draft names and that nobody has: sources keep what the rules in force read, so that they are empty here. */
  readonly unseen: readonly string[];
};

export function comparePlans(current: Plan, draft: Plan, unseen: readonly string[]): PlanComparison {
  return {
    current: headOf(current),
    draft: headOf(draft),
    steps: diffSteps(current.steps, draft.steps),
    items: diffItems(current.items, draft.items),
    unseen,
  };
}

/** Somebody who would be called otherwise makes no other step of a membership. */
function diffSteps(before: readonly Step[], after: readonly Step[]): PlanDiff {
  const diff = diffPlans(before, after);
  const changed = diff.changed.filter((one) => doneBy(one.before) !== doneBy(one.after));
  return { ...diff, changed, same: diff.same + diff.changed.length - changed.length };
}

const doneBy = ({ situation, person, group, fields, because, effects, approval, cannot, reversible }: Step): string =>
  JSON.stringify([situation, person?.email, group, fields, because, effects, approval, cannot, reversible]);

const headOf = ({ steps: _steps, items: _items, ...head }: Plan): PlanHead => head;

function diffItems(before: readonly PlanItem[], after: readonly PlanItem[]): PlanComparison['items'] {
  const old = new Set(before.map(subjectOf));
  const now = new Set(after.map(subjectOf));
  const added = after.filter((item) => !old.has(subjectOf(item)));
  const dropped = before.filter((item) => !now.has(subjectOf(item)));
  return { added, dropped, same: after.length - added.length };
}

/** The same is seen of the same person or group, in whatever words. */
const subjectOf = ({ kind, person, group, reason }: PlanItem): string =>
  JSON.stringify([
    kind,
    reason,
    person?.userId ?? null,
    person?.key ?? null,
    group?.groupId ?? null,
    group?.name ?? null,
  ]);
