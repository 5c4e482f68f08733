import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { PlanView } from '../../gateway/provisioning-types.ts';
import type { Effect, Plan, PlanItem, Step } from '../../provisioning/plan.ts';
import type { StoredPlan } from '../../provisioning/ports.ts';
import type { Caller } from '../caller.ts';
import { type Call, tool } from '../tool.ts';

const text = z.string().optional();
const scopes = ['provisioning'] as const;

const step = {
  id: z.string(),
  action: z.string(),
  who: text,
  group: text,
  changes: z.array(z.string()).optional(),
  because: z.array(z.string()).optional(),
  knowbe4_then: z.array(z.string()).optional(),
  approvals: z.number().optional(),
  state: text,
};
const head = {
  plan_id: text,
  state: text,
  kind: text,
  counts: z.record(z.string(), z.number()).optional(),
  seats: z.looseObject({}).optional(),
  guards: z.array(z.string()).optional(),
  knowbe4_then: z.array(z.string()).optional(),
  approvals_needed: z.number().optional(),
  expires_at: text,
};

const who = (person: Step['person']) =>
  person && (person.email === null ? person.name : `${person.name} <${person.email}>`);
const effects = (all: readonly Effect[]) =>
  some(all.map(({ certainty, text: words }) => (certainty === 'certain' ? words : `possibly: ${words}`)));

/** Beside the steps an answer has room for some of each. */
const SOME = 10;
const some = (all: readonly string[]): readonly string[] =>
  all.length <= SOME ? all : [...all.slice(0, SOME), `… ${all.length - SOME} more`];

const stepOf = ({ id, action, person, group, fields, because, effects: all, approval }: Step) => ({
  ...{ id, action, who: who(person), group: group?.name, because, knowbe4_then: effects(all) },
  changes: fields.map(({ name, from, to }) => `${name}: ${from ?? 'none'} → ${to ?? 'none'}`),
  approvals: approval.needed || null,
});

const headOf = (plan: Omit<Plan, 'steps' | 'items'>) => ({
  ...{ plan_id: plan.id, state: plan.state, kind: plan.kind, seats: plan.seats, expires_at: plan.expiresAt },
  counts: Object.fromEntries(Object.entries(plan.counts).filter(([, count]) => count > 0)),
  guards: plan.guards
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, text: words }) => `${name} ${state}: ${words}`),
  knowbe4_then: effects(plan.effects),
  approvals_needed: plan.approval.needed || null,
});

const itemOf = ({ kind, person, group, text: words }: PlanItem) =>
  [kind, who(person) ?? group?.name, words].filter(Boolean).join(': ');

/** The plan, where it is one of the connection that the call is about. */
async function planOf({ gateway, account }: Call<{ plan_id: string }>, id: string): Promise<PlanView> {
  const view = await gateway.provisioning.plan(id);
  if (view.plan.connectionId === account.id) return view;
  throw new ForeknowError('not_found', { detail: `This account has no plan ${id}.` });
}

function refusePolicy({ fieldPolicy }: Caller): void {
  if (fieldPolicy === null) return;
  throw new ForeknowError('field_hidden', {
    detail: 'Plans tell of people field by field, and the field policy of the token hides some of it.',
  });
}

const planId = z.string().max(100).describe('Such as pl_7Q2K…');

export const planBuildTool = tool({
  name: 'plan_build',
  title: 'Build a plan',
  description:
    'What would change at KnowBe4 by the sources and rules, and what KnowBe4 would then do by itself. Nothing is sent: people approve plans, at a page or a terminal; no tool does.',
  scopes,
  isLive: true,
  makes: true,
  input: {
    person: z.string().max(320).optional().describe('Address, employee number or id: only this person'),
    only: z.enum(['add', 'remove']).optional(),
  },
  also: { ...head, not_done: z.array(z.string()).optional() },
  rows: ['steps', step],
  rest: 'plan_show with its plan_id has the others',
  async read(call) {
    const { gateway, caller, account, args, limit } = call;
    refusePolicy(caller);
    const { person, only } = args;
    const plan = await gateway.provisioning.build(
      account.id,
      { ...(person !== undefined && { person }), ...(only && { only }) },
      'agent',
    );
    return {
      as_of: plan.basis.target.asOf,
      total: plan.steps.length,
      ...headOf(plan),
      steps: plan.steps.slice(0, limit).map(stepOf),
      not_done: some(plan.items.map(itemOf)),
      more:
        plan.steps.length > limit
          ? `${limit} of ${plan.steps.length} steps; plan_show with its plan_id has the others`
          : null,
    };
  },
});

export const planShowTool = tool({
  name: 'plan_show',
  title: 'Show a plan',
  description:
    'A plan with its steps: field by field from → to, the rule that caused each, what KnowBe4 does because of it, how far it is.',
  scopes,
  input: { plan_id: planId },
  also: head,
  rows: ['steps', step],
  async read(call) {
    const { gateway, caller, args, limit, cursor } = call;
    refusePolicy(caller);
    const { plan } = await planOf(call, args.plan_id);
    const after = /^\d{1,7}$/.test(cursor ?? '') ? Number(cursor) : -1;
    const steps = await gateway.provisioning.steps(plan.id, { after, limit });
    const total = stepsIn(plan);
    const last = steps.at(-1)?.step.position ?? total;
    return {
      ...{ as_of: plan.basis.target.asOf, total, ...headOf(plan) },
      steps: steps.map(({ step: one, entry }) => ({ ...stepOf(one), state: entry?.state ?? null })),
      next_cursor: last + 1 < total ? String(last) : null,
    };
  },
});

const notSteps = new Set(['conflict', 'held', 'unscoped', 'unmanaged', 'unchanged']);
const stepsIn = ({ counts }: StoredPlan): number =>
  Object.entries(counts).reduce((sum, [name, count]) => (notSteps.has(name) ? sum : sum + count), 0);

export const planRequestApprovalTool = tool({
  name: 'plan_request_approval',
  title: 'Ask people to approve a plan',
  description:
    'Tells who may approve the plan and where. It is pending then, which is a normal answer: people decide, at the page or a terminal; no tool can. A plan that nobody can approve says why in `not_open`.',
  scopes,
  isLive: true,
  makes: true,
  input: { plan_id: planId },
  also: { ...head, url: text, command: text, approvers: z.array(z.string()).optional(), not_open: text },
  async read(call) {
    refusePolicy(call.caller);
    const { plan } = await planOf(call, call.args.plan_id);
    const { url, approvers } = await call.gateway.provisioning.requestApproval(plan.id, 'agent');
    const about = { as_of: plan.basis.target.asOf, total: stepsIn(plan), ...headOf(plan) };
    const closed = notOpen(plan, call.now);
    return closed === null
      ? { ...about, url, command: `foreknow approve ${plan.id}`, approvers }
      : { ...about, not_open: closed };
  },
});

/** Why nobody can approve it; null: people can. */
function notOpen({ state, expiresAt, end, guards }: StoredPlan, now: Date): string | null {
  if (state === 'draft') return 'A draft: the connection is in mode observe, and a person sets the mode.';
  if (state === 'blocked') {
    const why = guards.flatMap((guard) => (guard.state === 'blocked' ? [guard.text] : []));
    return `A guard blocks it: ${why.join('; ')}.`;
  }
  if (state !== 'waiting' && state !== 'approved') return `It is ${state}. ${end?.reason ?? ''}`.trim();
  return Date.parse(expiresAt) > now.getTime() ? null : `Its time ended at ${expiresAt}: build a new one.`;
}

export const planStatusTool = tool({
  name: 'plan_status',
  title: 'How far a plan is',
  description:
    'Whether a plan waits, was approved and by whom, and how many of its steps are written, accepted, visible, verified, stale, failed or late. Without plan_id: the open plan of the account.',
  scopes,
  input: { plan_id: planId.optional() },
  also: {
    ...head,
    approved_by: z.array(z.string()).optional(),
    steps_by_state: z.record(z.string(), z.number()).optional(),
    stopped: text,
    mode: text,
    test_mode: text,
    adoption: text,
  },
  async read(call) {
    const { gateway, caller, account, args } = call;
    refusePolicy(caller);
    const status = await gateway.provisioning.status(account.id);
    const named = args.plan_id ?? status.openPlan?.id;
    const about = {
      mode: status.state.mode,
      test_mode: status.state.testMode.state,
      adoption: status.state.adoption.state,
    };
    if (named === undefined) return { as_of: null, total: 0, ...about };
    const { plan, approvals, applications } = await planOf({ ...call, args: { plan_id: named } }, named);
    const steps = await gateway.provisioning.steps(named, { limit: ALL });
    const states = Object.groupBy(steps, ({ entry }) => entry?.state ?? 'planned');
    return {
      ...{ as_of: plan.basis.target.asOf, total: stepsIn(plan), ...about, ...headOf(plan) },
      approved_by: approvals.flatMap(({ decision, lapsed, operator }) =>
        decision === 'approved' && lapsed === null ? [operator.name] : [],
      ),
      steps_by_state: Object.fromEntries(Object.entries(states).map(([state, some]) => [state, some!.length])),
      stopped: applications[0]?.stop?.reason ?? null,
    };
  },
});

const ALL = 1_000_000;
