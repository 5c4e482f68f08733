import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { type ApproveDeps, lapseIfWorse } from '../provisioning/approve.ts';
import { buildPlan } from '../provisioning/build-plan.ts';
import { planDigest } from '../provisioning/digest.ts';
import { guardsNow } from '../provisioning/guards.ts';
import { haltOf } from '../provisioning/halts.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { StoredPlan } from '../provisioning/ports.ts';
import { lapseApprovals } from '../provisioning/telling.ts';
import { changeState, type PlanningDeps, planInput, situationOf } from './planning.ts';

type Deps = PlanningDeps & { readonly approving: ApproveDeps };

const HOUR_MS = 3_600_000;
/** Who came to KnowBe4 since it was read is not in the store that is taken over, and would be archived for it. */
const READ_WITHIN_MS = 2 * HOUR_MS;

/**
 * Looks once more at what was approved, with everything as it is now: what the operator's file says, the account of the connection, the rules, and what
 * other plans did within a day. Approvals of what is worse by now lapse.
 * @throws ForeknowError `approval_needed`, and what halts writes: `observe_mode`, `scim_not_adopted`, `foreign_owner`, `provisioning_halted`
 */
export async function lookBeforeApplying(deps: Deps, connection: Connection, plan: Plan & StoredPlan): Promise<void> {
  const state = await changeState(deps, connection, (kept) => kept);
  if (plan.state !== 'approved') return;
  const halt = plan.kind === 'adoption' ? null : haltOf(state, plan.kind, deps.now());
  if (halt?.code === 'observe_mode') await lapse(deps, plan, 'The connection is only observed by now.');
  if (halt !== null) throw halt;
  const reason = await whyLapsed(deps, connection, plan);
  if (reason === null) return;
  throw new ForeknowError('approval_needed', {
    detail: `The approval of plan ${plan.id} does not hold any more: ${reason}`,
    hint: 'Build a new plan, look at it, and let it be approved.',
  });
}

async function lapse(deps: Deps, plan: StoredPlan, reason: string): Promise<string> {
  await lapseApprovals(deps, plan, reason);
  return reason;
}

async function whyLapsed(deps: Deps, connection: Connection, plan: Plan & StoredPlan): Promise<string | null> {
  if (planDigest(plan, await deps.destinationOf(connection)) !== plan.digest) {
    return lapse(deps, plan, 'The connection has another account or another SCIM key by now.');
  }
  if (plan.kind === 'adoption') return null;
  const { author, kind } = plan;
  const wish = { kind, author, who: null, only: null, draft: null } as const;
  const { input } = await planInput(deps, await situationOf(deps, connection), wish);
  // What somebody asked for does not come out of the sources again: its guards alone are looked at.
  const fresh =
    kind === 'sync' ? buildPlan(input).plan : { ...plan, mode: input.state.mode, guards: guardsNow(input, plan) };
  return lapseIfWorse(deps.approving, plan.id, fresh);
}

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
