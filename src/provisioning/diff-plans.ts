import type { Step } from './plan.ts';

/** What is otherwise in a later plan. A step is the same one when it does the same to the same person or group. */
export type PlanDiff = {
  readonly added: readonly Step[];
  readonly dropped: readonly Step[];
  readonly changed: readonly { readonly before: Step; readonly after: Step }[];
  readonly same: number;
};

export function diffPlans(before: readonly Step[], after: readonly Step[]): PlanDiff {
  const left = new Map(before.map((step) => [subjectOf(step), step]));
  const added: Step[] = [];
  const changed: { before: Step; after: Step }[] = [];
  let same = 0;
  for (const step of after) {
    const subject = subjectOf(step);
    const old = left.get(subject);
    left.delete(subject);
    if (old === undefined) added.push(step);
    else if (old.digest === step.digest) same += 1;
    else changed.push({ before: old, after: step });
  }
  return { added, dropped: [...left.values()], changed, same };
}

const subjectOf = ({ action, person, group }: Step): string =>
  [action, person?.userId ?? person?.key ?? '', group?.groupId ?? group?.name ?? ''].join('\n');
