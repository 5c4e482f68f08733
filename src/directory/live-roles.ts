import { Buffer } from 'node:buffer';
import { ForeknowError } from '../errors/errors.ts';
import { builtinRoles, type UnifiedRole } from '../model/role.ts';
import type { UnifiedRoleAssignment } from '../model/role-assignment.ts';
import type { RawRecord } from '../wire/records.ts';
import { alone, type Listed, type Shown } from './answer.ts';
import { type ListInput, readFlags } from './list-query.ts';
import type { LiveDeps, LiveResource } from './live.ts';
import type { Position } from './ports.ts';
import { adminAssignments, readExpand, roleAssignmentsSpec, rolesSpec, showRole } from './roles.ts';
import { notFound, oneConnection } from './scope.ts';
import { listSmall } from './small-list.ts';

/** Security roles are told by the Product API alone; an account has few. */
const QUERY = `query { securityRoles(per: 1000) { nodes { id name userCount createdAt updatedAt groups { id name }
  permissions { scopes { permission groups { id name } } } } pagination { totalCount } } }`;

type Group = { readonly id: string; readonly name: string | null };
type SecurityRole = {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly Group[];
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly raw: RawRecord;
};
type Read = { readonly roles: readonly SecurityRole[]; readonly isWhole: boolean };

/** Members of groups that an answer goes through at most. */
const MOST_MEMBERS = 20_000;

/** Roles with those that hold by group, where the connection has a key of the Product API. */
export function liveRoles(deps: LiveDeps): { readonly roles: LiveResource; readonly roleAssignments: LiveResource } {
  const { store, cursorKey, now } = deps;
  const live = (list: Listed): Listed => ({ ...list, x_freshness: { source: 'live', as_of: now().toISOString() } });
  const read = async (connectionId: string, signal: AbortSignal): Promise<Read> =>
    rolesIn(await deps.askProduct(connectionId, QUERY, signal));

  const assignments = async ({ connectionIds, query }: ListInput, signal: AbortSignal) => {
    const connectionId = oneConnection(connectionIds);
    const expands = readExpand(query);
    const { roles, isWhole } = await read(connectionId, signal);
    const byGroup = roles.flatMap((role) => role.groups.map((group) => ({ role, group })));
    const shown = [...(await adminAssignments(deps, connectionId)), ...byGroup.map(ofGroup)];
    let left = MOST_MEMBERS;
    if (expands) {
      for (const { role, group } of byGroup) {
        const members = await membersOf(store, connectionId, group.id, left);
        left -= members.length;
        shown.push(...members.map((userId) => throughGroup({ role, group }, userId)));
      }
    }
    return { shown, isPartial: !isWhole || left <= 0 };
  };

  const roles = async ({ connectionIds }: ListInput, signal: AbortSignal) => {
    const { roles: found, isWhole } = await read(oneConnection(connectionIds), signal);
    return { shown: [...builtinRoles.map(showRole), ...found.map(ofRole)], isPartial: !isWhole };
  };
  const asOf = () => now().toISOString();
  const plain = ({ query: { expand: _, ...query }, ...rest }: ListInput): ListInput => ({ ...rest, query });

  return {
    roles: {
      async list(input, signal) {
        const { shown, isPartial } = await roles(input, signal);
        return live(listSmall(rolesSpec, input, cursorKey, shown, { asOf: asOf(), isPartial }));
      },
      get: async (input, id, signal) => oneOf((await roles(input, signal)).shown, input, id, 'role'),
    },
    roleAssignments: {
      async list(input, signal) {
        const { shown, isPartial } = await assignments(input, signal);
        return live(listSmall(roleAssignmentsSpec, plain(input), cursorKey, shown, { asOf: asOf(), isPartial }));
      },
      async get(input, id, signal) {
        const all = { ...input, query: { ...input.query, expand: 'users' } };
        return oneOf((await assignments(all, signal)).shown, input, id, 'role assignment');
      },
    },
  };
}

function oneOf(shown: readonly Shown<{ id: string }>[], { query }: ListInput, id: string, what: string): object {
  const found = shown.find(({ unified }) => unified.id === id);
  if (found === undefined) throw notFound(what, id);
  return alone(found, readFlags(query));
}

const roleId = ({ id }: SecurityRole): string => `kb4:security_role:${id}`;

const ofRole = (role: SecurityRole): Shown<UnifiedRole> => ({
  unified: {
    id: roleId(role),
    name: role.name,
    label: role.name,
    description: 'A security role, which members of its groups hold.',
    type: 'custom',
    applicable_in: 'group',
    created_at: role.createdAt,
    updated_at: role.updatedAt,
  },
  record: { id: role.id, name: role.name },
  raw: role.raw,
});

type Held = { readonly role: SecurityRole; readonly group: Group };

function assignment(held: Held, fields: Pick<UnifiedRoleAssignment, 'id' | 'user_id' | 'group_id' | 'x_via_group'>) {
  const unified: UnifiedRoleAssignment = {
    ...fields,
    group_type: fields.group_id === null ? null : 'group',
    role_id: roleId(held.role),
    workspace: [],
    created_at: null,
    updated_at: null,
  };
  const record = { roleId: held.role.id, groupId: held.group.id };
  return { unified, record, raw: { security_role_id: held.role.id, group_id: held.group.id } };
}

function ofGroup(held: Held): Shown<UnifiedRoleAssignment> {
  const { role, group } = held;
  return assignment(held, { id: `${roleId(role)}:${group.id}`, user_id: null, group_id: group.id, x_via_group: null });
}

function throughGroup(held: Held, userId: string): Shown<UnifiedRoleAssignment> {
  const { role, group } = held;
  const id = `${roleId(role)}:${group.id}:${userId}`;
  return assignment(held, { id, user_id: userId, group_id: null, x_via_group: group });
}

/** Members that the mirror knows and that are not archived. */
async function membersOf(
  store: LiveDeps['store'],
  connectionId: string,
  groupId: string,
  most: number,
): Promise<readonly string[]> {
  const members: string[] = [];
  const filter = { connectionIds: [connectionId], groupId: { eq: groupId }, status: { eq: 'active' } };
  for (let position: Position | null = null; members.length < most; ) {
    const limit = Math.min(500, most - members.length);
    const keyset = { limit, position, direction: 'forward', inclusive: false } as const;
    const page = await store.listUsers(filter, { by: 'id', order: 'asc' }, keyset);
    members.push(...page.rows.map(({ key }) => key));
    if (page.next === null) break;
    position = page.next;
  }
  return members;
}

function rolesIn(body: Uint8Array): Read {
  const { data, errors } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly data?: {
      readonly securityRoles?: { readonly nodes?: unknown; readonly pagination?: { totalCount?: unknown } };
    };
    readonly errors?: unknown;
  };
  const nodes = data?.securityRoles?.nodes;
  if (errors !== undefined || !Array.isArray(nodes)) {
    throw new ForeknowError('remote_rejected', {
      detail: 'KnowBe4 did not tell its security roles.',
      hint: 'They exist on Platinum and Diamond, and the token of the Product API must be allowed to read them.',
    });
  }
  const roles = nodes.flatMap((node) => securityRole(node as RawRecord) ?? []);
  return { roles, isWhole: roles.length >= Number(data?.securityRoles?.pagination?.totalCount ?? 0) };
}

function securityRole(raw: RawRecord): SecurityRole | null {
  const id = idOf(raw.id);
  if (id === null) return null;
  const groups = Array.isArray(raw.groups) ? (raw.groups as readonly RawRecord[]) : [];
  return {
    ...{ id, raw, createdAt: textOf(raw.createdAt), updatedAt: textOf(raw.updatedAt), name: textOf(raw.name) ?? id },
    groups: groups.flatMap((group) => {
      const groupId = idOf(group?.id);
      return groupId === null ? [] : [{ id: groupId, name: textOf(group.name) }];
    }),
  };
}

/** Ids are compared as text everywhere. */
const idOf = (value: unknown): string | null =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : null;
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
