import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { type ApproveDeps, lapseIfWorse } from '../provisioning/approve.ts';
import { lookAgain } from '../provisioning/build-plan.ts';
import { planDigest } from '../provisioning/digest.ts';
import { haltOf } from '../provisioning/halts.ts';
import type { Plan, StepState } from '../provisioning/plan.ts';
import type { StoredPlan } from '../provisioning/ports.ts';
import { lapseApprovals } from '../provisioning/telling.ts';
import { changeState, type PlanningDeps, planInput, situationOf } from './planning.ts';

type Deps = PlanningDeps & { readonly approving: ApproveDeps };

const HOUR_MS = 3_600_000;
/** Who came to KnowBe4 since it was read is not in the store that is taken over, and would be archived for it. */
const READ_WITHIN_MS = 2 * HOUR_MS;

/**
 * Looks once more at what was approved, with everything as it is now: what the operator's file says, the account of the connection, the rules, what
 * other plans did within a day, and what the sources say by now. Approvals of what is worse by now lapse.
 * @returns ids of steps that sources and rules do not ask for any more
 * @throws ForeknowError `approval_needed`, and what halts writes: `observe_mode`, `scim_not_adopted`, `foreign_owner`, `provisioning_halted`
 */
export async function lookBeforeApplying(
  deps: Deps,
  connection: Connection,
  plan: Plan & StoredPlan,
): Promise<ReadonlySet<string>> {
  const state = await changeState(deps, connection, (kept) => kept);
  if (plan.state !== 'approved') return new Set();
  const halt = plan.kind === 'adoption' ? null : haltOf(state, plan.kind, deps.now());
  if (halt?.code === 'observe_mode') await lapse(deps, plan, 'The connection is only observed by now.');
  if (halt !== null) throw halt;
  if (planDigest(plan, await deps.destinationOf(connection)) !== plan.digest) {
    throw lapsed(plan, await lapse(deps, plan, 'The connection has another account or another SCIM key by now.'));
  }
  if (plan.kind === 'adoption') return new Set();
  const { unasked, ...fresh } = await secondLook(deps, connection, plan);
  const reason = await lapseIfWorse(deps.approving, plan.id, fresh);
  if (reason !== null) throw lapsed(plan, reason);
  return unasked;
}

const lapsed = ({ id }: Plan, reason: string): ForeknowError =>
  new ForeknowError('approval_needed', {
    detail: `The approval of plan ${id} does not hold any more: ${reason}`,
    hint: 'Build a new plan, look at it, and let it be approved.',
  });

async function lapse(deps: Deps, plan: StoredPlan, reason: string): Promise<string> {
  await lapseApprovals(deps, plan, reason);
  return reason;
}

async function secondLook(deps: Deps, connection: Connection, { id, author, kind, steps, cost }: Plan) {
  const wish = { kind, author, who: null, only: null, draft: null } as const;
  const { input } = await planInput(deps, await situationOf(deps, connection), wish);
  const done = await takenSteps(deps, id);
  return lookAgain(
    input,
    steps.filter((step) => !done.has(step.id)),
    cost,
  );
}

/** What an application of the plan that was stopped has done already: it counts as done, not as to be done. */
async function takenSteps({ store }: Deps, planId: string): Promise<ReadonlySet<string>> {
  const earlier = await store.listApplications({ connectionIds: null, planId, limit: 1000 });
  const entries = await Promise.all(earlier.map(({ id }) => store.journalOf(id)));
  return new Set(entries.flat().flatMap(({ stepId, state }) => (taken.has(state) ? [stepId] : [])));
}

const taken: ReadonlySet<StepState> = new Set(['accepted', 'visible', 'verified', 'late']);

/** @throws ForeknowError `scim_not_adopted` while what is known of KnowBe4 is hours old */
export async function requireRecentRead(
  { readTarget, now }: Pick<PlanningDeps, 'readTarget' | 'now'>,
  { id, name }: Connection,
): Promise<void> {
  const { asOf } = await readTarget(id);
  if (asOf !== null && now().getTime() - Date.parse(asOf) <= READ_WITHIN_MS) return;
  throw new ForeknowError('scim_not_adopted', {
    detail:
      asOf === null
        ? 'KnowBe4 was never read whole: nobody knows who would be missing in its SCIM store.'
        : `KnowBe4 was last read whole at ${asOf}: whoever came since would be missing in its SCIM store, and archived.`,
    hint: `Sync it first: foreknow sync ${name}.`,
  });
}
