import { toAdminAssignment } from '../model/from-wire.ts';
import { builtinRoles, type UnifiedRole } from '../model/role.ts';
import type { UnifiedRoleAssignment } from '../model/role-assignment.ts';
import type { RawRecord } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, type Listed, type Shown } from './answer.ts';
import { invalid } from './fields.ts';
import { type ListInput, readFlags } from './list-query.ts';
import { readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import { listSmall, smallSpec } from './small-list.ts';
import type { Deps } from './users.ts';

export const rolesSpec = smallSpec('roles', ['id', 'name', 'type']);
export const roleAssignmentsSpec = smallSpec('role_assignments', ['id', 'user_id', 'group_id', 'role_id']);

/** The list is partial with a Reporting API key: security roles are told by the Product API alone. */
export const listRoles =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const { completeAt } = await store.stamp(oneConnection(input.connectionIds));
    const asOf = completeAt.account ?? null;
    return listSmall(rolesSpec, input, cursorKey, builtinRoles.map(showRole), { asOf, isPartial: true });
  };

export const getRole =
  () =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    oneConnection(connectionIds);
    const role = builtinRoles.find((one) => one.id === id);
    if (role === undefined) throw notFound('role', id);
    return alone(showRole(role), readFlags(query));
  };

/** Admins of the account. That everybody else is a user is said by the user records, not by one assignment each. */
export const listRoleAssignments =
  (deps: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const { completeAt } = await deps.store.stamp(connectionId);
    readExpand(input.query);
    const { expand: _, ...query } = input.query;
    const shown = await adminAssignments(deps, connectionId);
    const asOf = completeAt.account ?? null;
    return listSmall(roleAssignmentsSpec, { ...input, query }, deps.cursorKey, shown, { asOf, isPartial: true });
  };

export const getRoleAssignment =
  (deps: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const shown = await adminAssignments(deps, oneConnection(connectionIds));
    const found = shown.find(({ unified }) => unified.id === id);
    if (found === undefined) throw notFound('role assignment', id);
    return alone(found, readFlags(query));
  };

/**
 * `expand=users`: also everybody who holds a role through a group. Admins hold theirs themselves.
 * @throws ForeknowError `invalid_request`
 */
export function readExpand({ expand }: ListInput['query']): boolean {
  if (expand === undefined || expand === '') return false;
  if (expand === 'users') return true;
  throw invalid('expand', 'must be users');
}

export const showRole = (role: UnifiedRole): Shown<UnifiedRole> => {
  const { id, name } = role;
  return { unified: role, raw: { id, name }, record: { id, name } };
};

export async function adminAssignments(
  { store }: Pick<Deps, 'store'>,
  connectionId: string,
): Promise<readonly Shown<UnifiedRoleAssignment>[]> {
  const row = await store.accountRow(connectionId);
  if (row === null) return [];
  const { record, raw } = readRow(row, recordReaders.account);
  const rawAdmins = (Array.isArray(raw.admins) ? raw.admins : []) as readonly RawRecord[];
  return record.admins.map((admin) => ({
    unified: toAdminAssignment(admin),
    raw: rawAdmins.find((one) => String(one?.id) === admin.id) ?? {},
    record: admin,
  }));
}
