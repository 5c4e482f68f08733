import type { Step } from './plan.ts';

/** Whether a step keeps the SCIM store whole. KnowBe4 archives whoever is not in it, so no part of a plan goes without these. */
export const isCarrying = ({ because }: Pick<Step, 'because'>): boolean => because.includes('adoption');

/** Chosen steps with those that they need, and the ids that were added for it. Ids that no step has are left out. */
export function closeOver(
  steps: readonly Pick<Step, 'id' | 'needs' | 'because'>[],
  chosen: readonly string[],
): { readonly stepIds: readonly string[]; readonly added: readonly string[] } {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const whole = new Set<string>();
  const add = (id: string): void => {
    const step = byId.get(id);
    if (step === undefined || whole.has(id)) return;
    whole.add(id);
    step.needs.forEach(add);
  };
  chosen.forEach(add);
  if (whole.size > 0) for (const step of steps) if (isCarrying(step)) add(step.id);
  const asked = new Set(chosen);
  const stepIds = steps.filter(({ id }) => whole.has(id)).map(({ id }) => id);
  return { stepIds, added: stepIds.filter((id) => !asked.has(id)) };
}
