import { ForeknowError } from '../errors/errors.ts';
import { automaticSteps, counting, needsOf, type Standing, standing, worsened } from './approvals.ts';
import type { Step } from './plan.ts';
import type { Approval, Approver, PlanEnd, ProvisioningStore, StoredPlan } from './ports.ts';
import { lapseApprovals, type Telling } from './telling.ts';

export type ApproveDeps = {
  readonly store: Pick<
    ProvisioningStore,
    'getPlan' | 'planSteps' | 'approvalsOf' | 'addApproval' | 'movePlan' | 'lapseApprovals'
  >;
  readonly telling: Telling;
  readonly now: () => Date;
  /** `apr_…` */
  readonly newId: () => string;
};

export type ApprovalRequest = {
  readonly planId: string;
  /** Digest of the plan as it was shown. */
  readonly digest: string;
  /** Ids of the steps that are approved; null: all. */
  readonly steps: readonly string[] | null;
  readonly reason: string | null;
  /** Somebody who has just proved that they are this person of the room `operators`; a token never is one. */
  readonly operator: Approver;
  /** Whether somebody else than who asked for the plan has to approve. */
  readonly fourEyes: boolean;
  /** How long it counts; default 24 hours, and never longer than the plan. */
  readonly expiresInMs?: number;
};

export type Decided = { readonly plan: StoredPlan; readonly approval: Approval; readonly standing: Standing };

const DAY_MS = 24 * 3_600_000;
const ALL_STEPS = 1_000_000;

/**
 * One person approves a plan, or some of its steps.
 * @throws ForeknowError `not_found`, `observe_mode`, `plan_blocked`, `plan_closed`, `plan_stale` (another digest), `steps_incomplete`,
 *   `second_person_needed` (this one has approved all of it already), `conflict` when somebody decided at the same moment
 */
export async function approvePlan(deps: ApproveDeps, request: ApprovalRequest): Promise<Decided> {
  const plan = await openPlan(deps, request.planId);
  if (plan.digest !== request.digest) throw otherDigest(plan);
  const steps = await deps.store.planSteps(plan.id, { limit: ALL_STEPS });
  const before = await deps.store.approvalsOf(plan.id);
  const approval = approvalOf(deps, plan, request, chosenSteps(steps, request.steps));
  const counts = counting(plan, before, deps.now());
  refuseRepeated(counts, approval);
  refuseIncomplete(plan, steps, [...counts, approval]);
  const options = { now: deps.now(), fourEyes: request.fourEyes };
  const then = standing(plan, steps, [...before, approval], options);
  const expects = {
    states: ['waiting', 'approved'],
    approvals: before.filter(({ lapsed }) => lapsed === null).length,
    to: then.isApproved ? 'approved' : 'waiting',
    end: null,
  } as const;
  const decided: StoredPlan = { ...plan, state: expects.to, changedAt: approval.at };
  const entry = then.isApproved ? entryOf(deps, 'plan.approved', decided, approval) : null;
  if (!(await deps.store.addApproval(approval, { ...expects, entry }))) throw changedMeanwhile(plan);
  return { plan: decided, approval, standing: then };
}

/**
 * One person refuses a plan: it is over.
 * @throws ForeknowError `not_found`, `plan_closed`, `conflict`
 */
export async function rejectPlan(
  deps: ApproveDeps,
  { planId, reason, operator }: { readonly planId: string; readonly reason: string; readonly operator: Approver },
): Promise<Decided> {
  const plan = await required(deps, planId);
  if (plan.state !== 'waiting' && plan.state !== 'approved') throw closed(plan);
  const before = await deps.store.approvalsOf(plan.id);
  const at = deps.now().toISOString();
  const approval: Approval = {
    ...{ id: deps.newId(), planId, connectionId: plan.connectionId, digest: plan.digest, steps: null },
    ...{ decision: 'rejected', operator: approver(operator), reason, at, expiresAt: plan.expiresAt, lapsed: null },
  };
  const end: PlanEnd = { at, by: operator.name, reason };
  const approvals = before.filter(({ lapsed }) => lapsed === null).length;
  const decided: StoredPlan = { ...plan, state: 'rejected', end, changedAt: at };
  const entry = entryOf(deps, 'plan.rejected', decided, approval);
  const expects = { states: ['waiting', 'approved'], approvals, to: 'rejected', end, entry } as const;
  if (!(await deps.store.addApproval(approval, expects))) throw changedMeanwhile(plan);
  const then: Standing = { isApproved: false, stepIds: [], missing: 0, missingFor: [] };
  return { plan: decided, approval, standing: then };
}

/** Their reason may name anybody in any words: it stands at the plan alone. */
const entryOf = (
  { telling }: ApproveDeps,
  kind: 'plan.approved' | 'plan.rejected',
  plan: StoredPlan,
  { operator }: Approval,
) => telling.entryOf(kind, plan, { by: operator.name });

/**
 * In mode auto: the plan goes on without anybody when the rules let steps of it apply by themselves; the others stay undone until they are approved.
 * @returns ids of the steps that apply; empty when a person has to decide about all of them
 */
export async function approveByRules(deps: ApproveDeps, planId: string): Promise<readonly string[]> {
  const plan = await required(deps, planId);
  if (plan.mode !== 'auto' || plan.state !== 'waiting' || isPast(plan.expiresAt, deps.now())) return [];
  const free = automaticSteps(plan, await deps.store.planSteps(plan.id, { limit: ALL_STEPS }));
  if (free.length === 0) return [];
  const at = deps.now().toISOString();
  const isMoved = await deps.store.movePlan(plan.id, { from: ['waiting'], to: 'approved', at, end: null });
  return isMoved ? free : [];
}

/**
 * Holds an approved plan against what is told of its steps by now, right before it is applied.
 * @returns why its approvals have lapsed; null: they hold
 */
export async function lapseIfWorse(
  deps: ApproveDeps,
  planId: string,
  fresh: Parameters<typeof worsened>[1],
): Promise<string | null> {
  const plan = await required(deps, planId);
  const steps = await deps.store.planSteps(plan.id, { limit: ALL_STEPS });
  const approvals = counting(plan, await deps.store.approvalsOf(plan.id), deps.now());
  const isAll = approvals.some((approval) => approval.steps === null);
  const named = approvals.flatMap((approval) => Object.keys(approval.steps ?? {}));
  const chosen = isAll ? null : new Set([...named, ...automaticSteps(plan, steps)]);
  const reason = worsened({ ...plan, steps }, fresh, chosen);
  if (reason !== null) await lapseApprovals(deps, plan, reason);
  return reason;
}

/** Plans whose time is over become `expired`. @returns false when it was not open any more */
export const expirePlan = ({ store, now }: ApproveDeps, { id, expiresAt }: StoredPlan): Promise<boolean> => {
  const at = now().toISOString();
  const end: PlanEnd = { at, by: 'system', reason: `Nobody decided until ${expiresAt}.` };
  return store.movePlan(id, { from: ['draft', 'blocked', 'waiting', 'approved'], to: 'expired', at, end });
};

async function required({ store }: ApproveDeps, planId: string): Promise<StoredPlan> {
  const plan = await store.getPlan(planId);
  if (plan !== null) return plan;
  throw new ForeknowError('not_found', { detail: `There is no plan ${planId}.` });
}

async function openPlan(deps: ApproveDeps, planId: string): Promise<StoredPlan> {
  const plan = await required(deps, planId);
  if (['draft', 'blocked', 'waiting', 'approved'].includes(plan.state) && isPast(plan.expiresAt, deps.now())) {
    await expirePlan(deps, plan);
    throw closed({ ...plan, state: 'expired' });
  }
  if (plan.state === 'draft') {
    throw new ForeknowError('observe_mode', {
      detail: `Plan ${plan.id} is a draft: it only shows what would be done.`,
      hint: 'Set the mode of the connection to propose, then make the plan anew.',
    });
  }
  if (plan.state === 'blocked') {
    const guards = plan.guards.filter(({ state }) => state === 'blocked').map(({ name }) => name);
    throw new ForeknowError('plan_blocked', {
      detail: `Plan ${plan.id} is blocked${guards.length === 0 ? '' : ` by ${guards.join(', ')}`}.`,
      hint: 'Mend what the guard names, then make the plan anew.',
    });
  }
  if (plan.state === 'stale') throw otherDigest(plan);
  if (plan.state !== 'waiting' && plan.state !== 'approved') throw closed(plan);
  return plan;
}

const isPast = (time: string, now: Date): boolean => Date.parse(time) <= now.getTime();

/** The steps that are meant, each as it stands in the plan; null: all. */
function chosenSteps(steps: readonly Step[], ids: readonly string[] | null): readonly Step[] | null {
  if (ids === null) return null;
  const wanted = new Set(ids);
  const chosen = steps.filter(({ id }) => wanted.delete(id));
  if (chosen.length > 0 && wanted.size === 0) return chosen;
  throw new ForeknowError('invalid_request', {
    detail: wanted.size === 0 ? 'No step is named.' : `The plan has no step ${[...wanted].slice(0, 5).join(', ')}.`,
    field: 'steps',
  });
}

function approvalOf(
  { now, newId }: ApproveDeps,
  plan: StoredPlan,
  { operator, reason, expiresInMs = DAY_MS }: ApprovalRequest,
  chosen: readonly Step[] | null,
): Approval {
  const at = now();
  const until = Math.min(at.getTime() + expiresInMs, Date.parse(plan.expiresAt));
  return {
    ...{ id: newId(), planId: plan.id, connectionId: plan.connectionId, digest: plan.digest, decision: 'approved' },
    steps: chosen === null ? null : Object.fromEntries(chosen.map(({ id, digest }) => [id, digest])),
    ...{
      operator: approver(operator),
      reason,
      at: at.toISOString(),
      expiresAt: new Date(until).toISOString(),
      lapsed: null,
    },
  };
}

/** Whatever else is known of them is not kept with what they decided. */
const approver = ({ id, name }: Approver): Approver => ({ id, name });

function refuseRepeated(counts: readonly Approval[], { operator, steps }: Approval): void {
  const own = counts.filter((approval) => approval.operator.id === operator.id);
  const isAll = own.some((approval) => approval.steps === null);
  const named = new Set(own.flatMap((approval) => Object.keys(approval.steps ?? {})));
  if (!isAll && (steps === null || Object.keys(steps).some((id) => !named.has(id)))) return;
  throw new ForeknowError('second_person_needed', {
    detail: `${operator.name} has approved this already.`,
    hint: 'What still lacks an approval has to be approved by another person.',
  });
}

/** A step whose group, person or manager is left out could not be sent. */
function refuseIncomplete(plan: StoredPlan, steps: readonly Step[], approvals: readonly Approval[]): void {
  if (approvals.some((approval) => approval.steps === null)) return;
  const named = approvals.flatMap((approval) => Object.keys(approval.steps ?? {}));
  const chosen = new Set([...named, ...automaticSteps(plan, steps)]);
  const lacking = needsOf(steps, chosen);
  if (lacking.length === 0) return;
  const missing = [...new Set(lacking.flatMap(({ needs }) => needs))];
  throw new ForeknowError('steps_incomplete', {
    detail: `The chosen steps need ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ' and others' : ''} too.`,
    hint: `Choose ${missing.length === 1 ? 'it' : 'them'} as well, or leave out what needs ${missing.length === 1 ? 'it' : 'them'}.`,
    field: 'steps',
    issues: lacking.slice(0, 50).map(({ step, needs }) => ({ field: step, reason: `needs ${needs.join(', ')}` })),
  });
}

const closed = ({ id, state, end }: StoredPlan) =>
  new ForeknowError('plan_closed', {
    detail: `Plan ${id} is ${state}.${end === null ? '' : ` ${end.reason}`}`,
    hint: 'Look at the newest plan of the connection.',
  });

const otherDigest = ({ id }: StoredPlan) =>
  new ForeknowError('plan_stale', {
    detail: `Plan ${id} is not the one that was shown.`,
    hint: 'Look at it again and decide about what it says now.',
  });

const changedMeanwhile = ({ id }: StoredPlan) =>
  new ForeknowError('conflict', {
    detail: `Somebody else decided about plan ${id} at the same moment.`,
    hint: 'Look at the plan again.',
  });
