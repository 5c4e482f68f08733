import { DAY } from '../time.ts';
import { groupById, groupNamed } from '../world/groups.ts';
import { isActive, type Person, type World } from '../world/state.ts';

/** What a role may be restricted to groups for. */
export type RoleScope = 'USERS' | 'TRAINING_CAMPAIGNS' | 'TRAINING_REPORTS' | 'PHISHING_CAMPAIGNS' | 'PHISHING_REPORTS';

/** Areas of the console that a role opens: 0 not at all, 1 to read, 2 to read and write. The figures are a guess. */
export const permissionNames = [
  'accountSettings',
  'advancedReporting',
  'asap',
  'dashboardPhishing',
  'dashboardTraining',
  'executiveReports',
  'phishingCampaigns',
  'phishingLandingPages',
  'phishingReports',
  'phishingTemplates',
  'sendReports',
  'storeItems',
  'trainingCampaigns',
  'trainingPolicies',
  'trainingReports',
  'trainingTemplates',
  'trainingUploadedContent',
  'users',
] as const;
type PermissionName = (typeof permissionNames)[number];

/** A role that the console's owner made: its holders are the members of its groups. */
export type SecurityRole = {
  id: number;
  name: string;
  group_ids: number[];
  permissions: Partial<Record<PermissionName, 1 | 2>>;
  /** Where a permission reaches these groups alone. */
  scopes: { id: number; permission: RoleScope; group_ids: number[] }[];
};

const FIRST_ROLE = 5201;
const FIRST_SCOPE = 61_001;

type Plan = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly permissions: SecurityRole['permissions'];
  readonly scopes?: readonly (readonly [RoleScope, readonly string[]])[];
};

const plans: readonly Plan[] = [
  {
    name: 'Training coordinators',
    groups: ['People & Culture'],
    permissions: { users: 1, trainingCampaigns: 2, trainingPolicies: 2, trainingReports: 1, storeItems: 2 },
  },
  {
    name: 'Help desk',
    groups: ['IT', 'Security champions'],
    permissions: { users: 2, dashboardTraining: 1, dashboardPhishing: 1 },
    scopes: [['USERS', ['Production', 'Warehouse & Logistics']]],
  },
  {
    name: 'Managers: results of Sales',
    groups: ['Managers'],
    permissions: { phishingReports: 1, trainingReports: 1 },
    scopes: [
      ['PHISHING_REPORTS', ['Sales']],
      ['TRAINING_REPORTS', ['Sales', 'Marketing']],
    ],
  },
  {
    name: 'Auditors (read only)',
    groups: ['Legal', 'External consultants'],
    permissions: { users: 1, trainingReports: 1, phishingReports: 1, advancedReporting: 1, executiveReports: 1 },
  },
  { name: 'Nobody yet', groups: [], permissions: { phishingTemplates: 2, phishingLandingPages: 2 } },
];

/** The roles of a new account: its groups are still as they were made. */
export const createRoles = (world: World): SecurityRole[] => plans.map((plan, n) => roleOf(world, plan, n));

/** The roles as they are now, without the groups that are gone. */
export function rolesOf({ world, roles }: { readonly world: World; readonly roles: readonly SecurityRole[] }) {
  const here = (ids: readonly number[]) => ids.filter((id) => groupById(world, id));
  return roles.map((role) => ({
    ...role,
    group_ids: here(role.group_ids),
    scopes: role.scopes.map((scope) => ({ ...scope, group_ids: here(scope.group_ids) })),
  }));
}

function roleOf(world: World, { name, groups, permissions, scopes = [] }: Plan, n: number): SecurityRole {
  const ids = (names: readonly string[]) => names.map((one) => groupNamed(world, one).group.id);
  return {
    id: FIRST_ROLE + n,
    name,
    group_ids: ids(groups),
    permissions,
    scopes: scopes.map(([permission, names], m) => ({
      id: FIRST_SCOPE + n * 10 + m,
      permission,
      group_ids: ids(names),
    })),
  };
}

/** The first role is older than the last one. ms */
export const roleCreated = (world: World, { id }: SecurityRole): number =>
  world.founded + (30 + 60 * (id - FIRST_ROLE)) * DAY;

export const holds = ({ user }: Person, { group_ids }: SecurityRole): boolean =>
  group_ids.some((id) => user.groups.includes(id));

/** Active people who hold the role. */
export const holdersOf = (world: World, role: SecurityRole): Person[] =>
  world.people.filter((person) => isActive(person) && holds(person, role));
