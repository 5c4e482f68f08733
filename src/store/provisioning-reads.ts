import type { PlanItem, Step } from '../provisioning/plan.ts';
import type { ProvisioningStore, StepQuery } from '../provisioning/ports.ts';
import type { ProvisioningState } from '../provisioning/state.ts';
import {
  type ApprovalRow,
  type LinkRow,
  type PlanRow,
  type ProvisionalRow,
  type ScimObjectRow,
  toApplication,
  toApproval,
  toIdentityLink,
  toJournalEntry,
  toPlan,
  toProvisionalId,
  toRefusal,
  toScimObject,
  toWorkItem,
  type WorkItemRow,
} from './provisioning-rows.ts';
import type { Session, Value } from './session.ts';

type Reads =
  | 'getProvisioning'
  | 'listProvisioning'
  | 'identityLinks'
  | 'scimObjects'
  | 'workItems'
  | 'getWorkItem'
  | 'noticed'
  | 'refusals'
  | 'getPlan'
  | 'listPlans'
  | 'planSteps'
  | 'planItems'
  | 'approvalsOf'
  | 'getApplication'
  | 'listApplications'
  | 'journalOf'
  | 'journaled'
  | 'provisionalId'
  | 'provisionalIds';

/** Reads of how connections are provisioned, of plans and of what was applied. */
export function provisioningReads(session: Session): Pick<ProvisioningStore, Reads> {
  const one = async <Row, T>(make: (row: Row) => T, text: string, ...values: readonly Value[]): Promise<T | null> => {
    const row = await session.get<Row>(text, ...values);
    return row === undefined ? null : make(row);
  };
  const all = async <Row, T>(make: (row: Row) => T, text: string, ...values: readonly Value[]): Promise<T[]> =>
    (await session.all<Row>(text, ...values)).map(make);
  const toState = ({ body }: { body: string }): ProvisioningState => JSON.parse(body) as ProvisioningState;

  return {
    getProvisioning: (id) => one(toState, 'select body from provisioning_states where connection_id = ?', id),
    listProvisioning: () => all(toState, 'select body from provisioning_states order by connection_id'),
    identityLinks: (id) =>
      all<LinkRow, ReturnType<typeof toIdentityLink>>(
        toIdentityLink,
        'select * from identity_links where connection_id = ? order by source, source_id',
        id,
      ),
    scimObjects: (id) =>
      all<ScimObjectRow, ReturnType<typeof toScimObject>>(
        toScimObject,
        'select * from scim_objects where connection_id = ? order by kind, scim_id',
        id,
      ),
    workItems: ({ connectionIds, states, limit }) => {
      const { where, values } = narrowed(session, [
        ['connection_id', connectionIds],
        ['state', states],
      ]);
      const order = "case state when 'open' then 0 else 1 end, opened_at desc, id";
      return all<WorkItemRow, ReturnType<typeof toWorkItem>>(
        toWorkItem,
        `select * from work_items ${where} order by ${order} limit ?`,
        ...values,
        limit,
      );
    },
    getWorkItem: (id) =>
      one<WorkItemRow, ReturnType<typeof toWorkItem>>(toWorkItem, 'select * from work_items where id = ?', id),

    noticed: async (id) => {
      const rows = await session.all<{ notice: string; since: string }>(
        'select notice, since from provisioning_notices where connection_id = ? order by notice',
        id,
      );
      return new Map(rows.map(({ notice, since }) => [notice, since]));
    },

    refusals: (id) => all(toRefusal, 'select body from refused_steps where connection_id = ? order by aim', id),

    getPlan: (id) =>
      one<PlanRow, ReturnType<typeof toPlan>>(
        toPlan,
        'select state, changed_at, plan_end, body from plans where id = ?',
        id,
      ),
    listPlans: ({ connectionIds, states, kinds, before, limit }) => {
      const { conditions, values } = narrowed(session, [
        ['connection_id', connectionIds],
        ['state', states],
        ['kind', kinds],
      ]);
      if (before !== undefined) {
        conditions.push('(built_at < ? or (built_at = ? and id < ?))');
        values.push(before.builtAt, before.builtAt, before.id);
      }
      return all<PlanRow, ReturnType<typeof toPlan>>(
        toPlan,
        `select state, changed_at, plan_end, body from plans ${whereOf(conditions)} order by built_at desc, id desc limit ?`,
        ...values,
        limit,
      );
    },
    planSteps: (planId, query) => planSteps(session, planId, query),
    planItems: async (planId, { kinds, after = -1, limit }) => {
      const { conditions, values } = narrowed(session, [['kind', kinds]]);
      conditions.push('plan_id = ?', 'position > ?');
      const rows = await session.all<{ position: number; body: string }>(
        `select position, body from plan_items ${whereOf(conditions)} order by position limit ?`,
        ...values,
        planId,
        after,
        limit,
      );
      return rows.map(({ position, body }) => ({ ...(JSON.parse(body) as PlanItem), position }));
    },
    approvalsOf: (planId) =>
      all<ApprovalRow, ReturnType<typeof toApproval>>(
        toApproval,
        'select lapsed, body from plan_approvals where plan_id = ? order by given_at, id',
        planId,
      ),

    getApplication: (id) => one(toApplication, 'select body from applications where id = ?', id),
    listApplications: ({ connectionIds, planId, states, limit }) => {
      const { where, values } = narrowed(session, [
        ['connection_id', connectionIds],
        ['plan_id', planId === undefined ? undefined : [planId]],
        ['state', states],
      ]);
      const text = `select body from applications ${where} order by started_at desc, id desc limit ?`;
      return all(toApplication, text, ...values, limit);
    },
    journalOf: (applicationId) =>
      all(toJournalEntry, 'select body from plan_journal where application_id = ? order by position', applicationId),
    journaled: ({ connectionId, states, acceptedSince }) => {
      const { conditions, values } = narrowed(session, [
        ['connection_id', [connectionId]],
        ['state', states],
      ]);
      if (acceptedSince !== undefined) {
        conditions.push('accepted_at >= ?');
        values.push(acceptedSince);
      }
      const order = "coalesce(accepted_at, ''), application_id, position";
      return all(toJournalEntry, `select body from plan_journal ${whereOf(conditions)} order by ${order}`, ...values);
    },

    provisionalId: (connectionId, id) =>
      one<ProvisionalRow, ReturnType<typeof toProvisionalId>>(
        toProvisionalId,
        'select * from provisional_ids where connection_id = ? and provisional_id = ?',
        connectionId,
        id,
      ),
    provisionalIds: (connectionId) =>
      all<ProvisionalRow, ReturnType<typeof toProvisionalId>>(
        toProvisionalId,
        'select * from provisional_ids where connection_id = ? order by made_at, provisional_id',
        connectionId,
      ),
  };
}

const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;

/** Conditions for columns that have to be in a list; null or nothing: any value. */
function narrowed(
  { words }: Session,
  lists: readonly (readonly [column: string, list: readonly string[] | null | undefined])[],
): { where: string; conditions: string[]; values: Value[] } {
  const asked = lists.flatMap(([column, list]) => (list ? [{ column, list }] : []));
  const conditions = asked.map(({ column }) => words.among(column, '?'));
  return { where: whereOf(conditions), conditions, values: asked.map(({ list }) => list) };
}

async function planSteps(
  session: Session,
  planId: string,
  { actions, stepIds, person, after = -1, limit }: StepQuery,
): Promise<readonly (Step & { position: number })[]> {
  const { conditions, values } = narrowed(session, [
    ['action', actions],
    ['step_id', stepIds],
  ]);
  conditions.push('plan_id = ?', 'position > ?');
  values.push(planId, after);
  if (person !== undefined) {
    conditions.push('(user_id = ? or person = ? or email = ?)');
    values.push(person, person, person.toLowerCase());
  }
  const rows = await session.all<{ position: number; body: string }>(
    `select position, body from plan_steps ${whereOf(conditions)} order by position limit ?`,
    ...values,
    limit,
  );
  return rows.map(({ position, body }) => ({ ...(JSON.parse(body) as Step), position }));
}
