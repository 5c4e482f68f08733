import type { Connection } from '../connections/connection.ts';
import { buildPlan } from '../provisioning/build-plan.ts';
import { comparePlans, type PlanComparison } from '../provisioning/compare-plans.ts';
import { type PlanningDeps, type PlanWish, planInput, situationOf, unread } from './planning.ts';

/**
 * What a draft of the rules would do otherwise than the rules in force: both plans of one moment, of which nothing is kept.
 * @throws ForeknowError `rules_invalid`, and as a plan does
 */
export async function compareRules(
  deps: PlanningDeps,
  connection: Connection,
  wish: PlanWish & { readonly draft: NonNullable<PlanWish['draft']> },
): Promise<PlanComparison> {
  const situation = await situationOf(deps, connection);
  if (situation.target.asOf === null) throw unread(connection);
  const moment = deps.now();
  const frozen = { ...deps, now: () => moment };
  // A draft that cannot be read is told before anything is worked out.
  const draft = await planInput(frozen, situation, wish);
  const current = await planInput(frozen, situation, { ...wish, draft: null });
  const seen = new Set(draft.people.people.flatMap(({ attributes }) => Object.keys(attributes)));
  const unseen = [...draft.rules.set.named].filter((name) => !seen.has(name) && !current.rules.set.named.has(name));
  return comparePlans(buildPlan(current.input).plan, buildPlan(draft.input).plan, unseen.toSorted());
}
