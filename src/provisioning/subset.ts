import type { Step } from './plan.ts';

/** Chosen steps with those that they need, and the ids that were added for it. Ids that no step has are left out. */
export function closeOver(
  steps: readonly Pick<Step, 'id' | 'needs'>[],
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
  const asked = new Set(chosen);
  const stepIds = steps.filter(({ id }) => whole.has(id)).map(({ id }) => id);
  return { stepIds, added: stepIds.filter((id) => !asked.has(id)) };
}
