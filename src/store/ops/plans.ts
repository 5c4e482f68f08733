import {
  nextPlanStates,
  type Plan,
  type PlanItem,
  type PlanKind,
  type PlanState,
  type Step,
} from '../../provisioning/plan.ts';
import type { Approval, PlanEnd, PlanEntry, PlanHead } from '../../provisioning/ports.ts';
import type { Cell, Insert, Session } from '../session.ts';
import { appendEntries } from './events.ts';
import { put } from './jobs.ts';
import type { Op } from './op.ts';

type Told = { entry: PlanEntry; mailBy: number | null };
type Made = { plan: Plan; supersedes: readonly PlanKind[]; at: string; told?: Told | null };
type Stands = { planId: string; isNew: boolean; superseded: readonly string[] };

export const createPlan: Op<Made, Stands> = {
  durable: true,
  run: async (session, { plan, supersedes, at, told = null }) => {
    // Locks the connection's row, so that of two plans that are made at once one supersedes the other.
    await session.get(`select id from connections where id = ? ${session.words.forUpdate}`, plan.connectionId);
    const open = await session.all<{ id: string; kind: PlanKind; state: PlanState; digest: string; body: string }>(
      `select id, kind, state, digest, body from plans
       where connection_id = ? and state in ('draft', 'blocked', 'waiting', 'approved', 'applying') order by built_at, id`,
      plan.connectionId,
    );
    const same = open.find(
      (row) =>
        row.kind === plan.kind &&
        row.digest === plan.digest &&
        isAsFar(row.state, plan.state) &&
        (JSON.parse(row.body) as PlanHead).expiresAt > at,
    );
    if (same !== undefined) return { planId: same.id, isNew: false, superseded: [] };
    const superseded = open.filter(
      ({ kind, state }) => supersedes.includes(kind) && ['draft', 'blocked', 'waiting'].includes(state),
    );
    const end: PlanEnd = { at, by: plan.author, reason: `Plan ${plan.id} took its place.` };
    for (const { id } of superseded) {
      const text = "update plans set state = 'superseded', changed_at = ?, plan_end = ? where id = ?";
      await session.run(text, at, JSON.stringify(end), id);
    }
    await insertPlan(session, plan, at);
    if (told !== null) await tell(session, told);
    return { planId: plan.id, isNew: true, superseded: superseded.map(({ id }) => id) };
  },
};

async function tell(session: Session, { entry, mailBy }: Told): Promise<void> {
  if (mailBy !== null) await put(session, { kind: 'mail', key: entry.key, dueAt: mailBy });
  await appendEntries(session, entry.connectionId, '', [entry]);
}

/** A plan that people have decided about already stands for one that waits for them. */
const isAsFar = (kept: PlanState, made: PlanState): boolean =>
  kept === made || (made === 'waiting' && (kept === 'approved' || kept === 'applying'));

const stepInsert: Insert = {
  table: 'plan_steps',
  columns: {
    ...{ plan_id: 'text', position: 'number', step_id: 'text', connection_id: 'text', action: 'text' },
    ...{ user_id: 'text', person: 'text', email: 'text', body: 'text' },
  },
};
const itemInsert: Insert = {
  table: 'plan_items',
  columns: {
    ...{ plan_id: 'text', position: 'number', connection_id: 'text', kind: 'text', user_id: 'text', body: 'text' },
  },
};

async function insertPlan(session: Session, { steps, items, ...head }: Plan, at: string): Promise<void> {
  await session.run(
    `insert into plans (id, connection_id, kind, state, digest, built_at, changed_at, plan_end, body)
     values (?, ?, ?, ?, ?, ?, ?, null, ?)`,
    head.id,
    head.connectionId,
    head.kind,
    head.state,
    head.digest,
    head.builtAt,
    at,
    JSON.stringify(head),
  );
  await session.insert(
    stepInsert,
    steps.map((step, position) => stepCells(head, step, position)),
  );
  await session.insert(
    itemInsert,
    items.map((item, position) => itemCells(head, item, position)),
  );
}

const stepCells = ({ id, connectionId }: PlanHead, step: Step, position: number): readonly Cell[] => [
  ...[id, position, step.id, connectionId, step.action, step.person?.userId ?? null, step.person?.key ?? null],
  ...[step.person?.email?.toLowerCase() ?? null, JSON.stringify(step)],
];

const itemCells = ({ id, connectionId }: PlanHead, item: PlanItem, position: number): readonly Cell[] => [
  ...[id, position, connectionId, item.kind, item.person?.userId ?? null, JSON.stringify(item)],
];

type Move = { id: string; from: readonly PlanState[]; to: PlanState; at: string; end: PlanEnd | null };

export const movePlan: Op<Move, boolean> = { durable: true, run: move };

async function move(session: Session, { id, from, to, at, end }: Move): Promise<boolean> {
  const text = `update plans set state = ?, changed_at = ?, plan_end = ? where id = ? and ${session.words.among('state', '?')}`;
  const able = from.filter((state) => state === to || nextPlanStates[state].includes(to));
  return (await session.run(text, to, at, end === null ? null : JSON.stringify(end), id, able)) > 0;
}

type Given = {
  approval: Approval;
  expects: {
    states: readonly PlanState[];
    approvals: number;
    to: PlanState | null;
    end: PlanEnd | null;
    entry?: PlanEntry | null;
  };
};

export const addApproval: Op<Given, boolean> = {
  durable: true,
  run: async (session, { approval, expects }) => {
    const { planId, digest, at } = approval;
    const plan = await session.get<{ state: PlanState; digest: string }>(
      `select state, digest from plans where id = ? ${session.words.forUpdate}`,
      planId,
    );
    if (plan === undefined || plan.digest !== digest || !expects.states.includes(plan.state)) return false;
    const counting = await session.get<{ n: number }>(
      'select count(*) as n from plan_approvals where plan_id = ? and lapsed is null',
      planId,
    );
    if (counting!.n !== expects.approvals) return false;
    const text =
      'insert into plan_approvals (id, plan_id, connection_id, operator_id, given_at, lapsed, body) values (?, ?, ?, ?, ?, null, ?)';
    const { id, connectionId, operator } = approval;
    await session.run(text, id, planId, connectionId, operator.id, at, JSON.stringify(approval));
    const { states, to, end, entry = null } = expects;
    if (to !== null && !(await move(session, { id: planId, from: states, to, at, end }))) return false;
    if (entry !== null) await appendEntries(session, entry.connectionId, '', [entry]);
    return true;
  },
};

type Lapse = { planId: string; at: string; reason: string; told?: Told | null };

export const lapseApprovals: Op<Lapse, number> = {
  durable: true,
  run: async (session, { planId, at, reason, told = null }) => {
    await session.get(`select id from plans where id = ? ${session.words.forUpdate}`, planId);
    const text = 'update plan_approvals set lapsed = ? where plan_id = ? and lapsed is null';
    const lapsed = await session.run(text, JSON.stringify({ at, reason }), planId);
    const waitsAgain = await move(session, { id: planId, from: ['approved'], to: 'waiting', at, end: null });
    if (waitsAgain && told !== null) await tell(session, told);
    return lapsed;
  },
};

export const dropPlans: Op<{ endedBefore: string; appliedBefore: string }, number> = {
  durable: false,
  run: async (session, { endedBefore, appliedBefore }) => {
    const rows = await session.all<{ id: string }>(
      `select id from plans where (state = 'applied' and changed_at < ?) or
         (state in ('stale', 'superseded', 'rejected', 'expired') and changed_at < ?
           and not exists (select 1 from applications where applications.plan_id = plans.id))`,
      appliedBefore,
      endedBefore,
    );
    const ids = rows.map(({ id }) => id);
    for (const table of ['plan_steps', 'plan_items', 'plan_approvals', 'plan_journal', 'applications']) {
      await session.run(`delete from ${table} where ${session.words.among('plan_id', '?')}`, ids);
    }
    await session.run(`delete from plans where ${session.words.among('id', '?')}`, ids);
    return ids.length;
  },
};
