import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { UnifiedGroup } from '../../model/group.ts';
import { may } from '../caller.ts';
import { type Call, changeOf, daysBefore, partsOf, tenth, tool } from '../tool.ts';

const number = z.number().optional();
const text = z.string().optional();
const group = { id: z.string(), name: text, group_type: text, status: text, member_count: number, risk_score: number };

const rowOf = (found: UnifiedGroup, { caller }: Pick<Call, 'caller'>) => ({
  id: found.id,
  name: found.name,
  group_type: found.x_group_type,
  status: found.x_status,
  member_count: found.x_member_count,
  risk_score: may(caller, 'risk') ? tenth(found.x_risk_score) : null,
});

export const groupsTool = tool({
  name: 'list_groups',
  title: 'List groups',
  description: 'Groups of KnowBe4 accounts with size, kind and risk score.',
  scopes: ['directory'],
  narrow: 'search, status',
  input: {
    search: z.string().max(200).optional().describe('Part of the name'),
    status: z.enum(['active', 'archived']).optional(),
  },
  rows: ['groups', group],
  async read(call) {
    const { gateway, account, args, limit, cursor } = call;
    const filter = {
      ...(args.search === undefined ? {} : { name: { like: args.search } }),
      ...(args.status === undefined ? {} : { x_status: args.status }),
    };
    const connectionIds = [account.id];
    const page = { ...filter, sort_by: 'name', limit, ...(cursor === undefined ? {} : { next_cursor: cursor }) };
    const [list, total] = await Promise.all([
      gateway.directory.listGroups({ connectionIds, query: { ...page, truto_ignore_remote_data: 'true' } }),
      gateway.directory.countGroups({ connectionIds, query: filter }),
    ]);
    const groups = (list.result as readonly UnifiedGroup[]).map((one) => rowOf(one, call));
    return { as_of: list.x_freshness.as_of, total, groups, next_cursor: list.next_cursor };
  },
});

const RISKIEST = 5;

export const groupTool = tool({
  name: 'explain_group',
  title: 'Explain a group',
  description:
    'One group by id or name: size, risk and its change in 90 days, how many active members are overdue, never trained or failed a test in 90 days, and the riskiest ones.',
  scopes: ['directory'],
  input: { group: z.string().min(1).max(200).describe('Id or whole name') },
  also: {
    members: z.looseObject({ active: number, overdue: number, untrained: number, failed_90d: number }).optional(),
  },
  rows: ['groups', { ...group, risk_change_90d: number }],
  async read(call) {
    const { gateway, caller, account, args, now } = call;
    const { directory } = gateway;
    const found = await groupNamed(call, args.group);
    const parts = partsOf(caller);
    const inGroup = { group_id: found.id, status: 'active' };
    const count = (filter: object) =>
      directory.countPeople({ connectionIds: [account.id], query: { ...inGroup, ...filter } }, parts);
    const [active, overdue, untrained, failed] = await Promise.all([
      count({}),
      parts.has('training') ? count({ overdue: true }) : null,
      parts.has('training') ? count({ trained: false }) : null,
      parts.has('phishing') ? count({ failed_since: daysBefore(now, 90) }) : null,
    ]);
    const history = parts.has('risk') ? await directory.riskHistory(account.id, 'group', found.id) : [];
    const riskiest = parts.has('risk')
      ? await directory.listPeople(
          { connectionIds: [account.id], query: { ...inGroup, sort_by: { risk_score: 'desc' }, limit: RISKIEST } },
          parts,
        )
      : null;
    return {
      as_of: await directory.asOf(account.id, 'groups'),
      total: 1,
      members: { active, overdue, untrained, failed_90d: failed },
      groups: [
        {
          ...rowOf(found, call),
          risk_change_90d: changeOf(history, now),
          people: riskiest?.result.map(({ id, name, email, risk }) => ({
            ...{ id, name: name ?? email, risk_score: tenth(risk?.score ?? null) },
          })),
        },
      ],
    };
  },
});

/** @throws ForeknowError `not_found`, `invalid_request` for a name that several have */
export async function groupNamed({ gateway, account }: Call<unknown>, named: string): Promise<UnifiedGroup> {
  const look = async (filter: object) => {
    const query = { ...filter, limit: 2, truto_ignore_remote_data: 'true' };
    return (await gateway.directory.listGroups({ connectionIds: [account.id], query }))
      .result as readonly UnifiedGroup[];
  };
  const byId = /^\d+$/.test(named) ? await look({ id: named }) : [];
  const found = byId.length > 0 ? byId : await look({ name: named });
  if (found.length === 1) return found[0]!;
  throw new ForeknowError(found.length === 0 ? 'not_found' : 'invalid_request', {
    detail: `${found.length === 0 ? 'No group is' : 'Several groups are'} called ${JSON.stringify(named.slice(0, 80))}.`,
    hint: 'list_groups with search gives their ids.',
    field: 'group',
  });
}
