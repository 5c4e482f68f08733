import type { AccountState } from '../account.ts';
import { hash, roll } from '../random.ts';
import { type SyncReport, statusOf, updatesOf } from '../scim/report.ts';
import { DAY, instant } from '../time.ts';
import { groupById } from '../world/groups.ts';
import { findPerson } from '../world/mutate.ts';
import { accountScore, groupRow } from '../world/risk.ts';
import type { GroupState, Person } from '../world/state.ts';
import type { ReportItem } from './reports.ts';
import { holdersOf, holds, permissionNames, roleCreated, rolesOf, type SecurityRole } from './roles.ts';
import { touched } from './touched.ts';

/** What resolvers need beside the record itself. */
export type Context = {
  readonly account: AccountState;
  /** ms */
  readonly now: number;
};

/** Field by field; a field that is not here is the record's own property. */
type Fields<Source> = Readonly<Record<string, (source: Source, context: Context) => unknown>>;

const MFA = 14;

/** `2026-10-30T07:44:12Z`: times have no milliseconds here. */
const moment = (ms: number): string => `${instant(ms).slice(0, 19)}Z`;
const momentOrNull = (text: string | null): string | null => (text === null ? null : moment(Date.parse(text)));

/** What stands for the account: there is one. */
export const theAccount = { isAccount: true } as const;

const account: Fields<typeof theAccount> = {
  id: (_, context) => context.account.number,
  displayName: (_, context) => context.account.name,
  companyName: (_, context) => context.account.name,
  domain: (_, context) => context.account.world.domain,
  allowedDomains: (_, context) =>
    context.account.world.account.domains.map((name, n) => ({ id: 301 + n, name, isPrimary: n === 0 })),
  accountOwner: (_, context) => adminsOf(context.account)[0] ?? null,
  accountOwners: (_, context) => adminsOf(context.account).slice(0, 1),
  accountType: (_, context) => context.account.switches.accountType,
  numberOfSeats: (_, context) => String(context.account.world.account.number_of_seats),
  userCount: (_, context) => context.account.world.people.filter(({ hidden }) => !hidden).length,
  subscriptionLevel: (_, context) => context.account.world.account.subscription_level,
  subscriptionEndDate: (_, context) => context.account.world.account.subscription_end_date,
  latestRiskScore: (_, context) => accountScore(context.account.world),
  userProvisioning: (_, context) => ({
    enabled: true,
    source: 'SCIM_V2',
    testMode: context.account.scim.testMode,
    scimStatus: scimStatus(context),
    scimV2TenantUrl: context.account.addresses.scim,
    transientScimToken: context.account.tokens.scim,
  }),
  apiToken: (_, context) => context.account.tokens.reporting,
  createdAt: (_, context) => moment(context.account.world.founded),
  updatedAt: (_, context) => moment(context.account.world.live),
};

function scimStatus({ account: { scim }, now }: Context): 'DISCONNECTED' | 'CONNECTED' | 'PROCESSING' {
  const newest = scim.reports.at(-1);
  if (newest && statusOf(newest, now) === 'PROCESSING') return 'PROCESSING';
  return scim.users.size > 0 || scim.other ? 'CONNECTED' : 'DISCONNECTED';
}

const adminsOf = ({ world }: AccountState): Person[] =>
  world.account.admins.flatMap(({ id }) => findPerson(world, id) ?? []);

export const isAdmin = ({ user }: Person, { world }: AccountState): boolean =>
  world.account.admins.some(({ id }) => id === user.id);

const user: Fields<Person> = {
  id: ({ user }) => user.id,
  email: ({ user }) => user.email,
  emailAliases: ({ user }) => [user.email, ...user.aliases].map((email, n) => ({ email, primary: n === 0 })),
  firstName: ({ user }) => user.first_name,
  lastName: ({ user }) => user.last_name,
  jobTitle: ({ user }) => user.job_title,
  phoneNumber: ({ user }) => user.phone_number,
  extension: ({ user }) => user.extension,
  mobilePhoneNumber: ({ user }) => user.mobile_phone_number,
  location: ({ user }) => user.location,
  division: ({ user }) => user.division,
  department: ({ user }) => user.department,
  organization: ({ user }) => user.organization,
  managerName: ({ user }) => user.manager_name,
  managerEmail: ({ user }) => user.manager_email,
  employeeNumber: ({ user }) => user.employee_number,
  employeeStartDate: ({ user }) => momentOrNull(user.employee_start_date),
  language: ({ user }) => user.language,
  comment: ({ user }) => user.comment,
  customField1: ({ user }) => user.custom_field_1,
  customField2: ({ user }) => user.custom_field_2,
  customField3: ({ user }) => user.custom_field_3,
  customField4: ({ user }) => user.custom_field_4,
  customDate1: ({ user }) => user.custom_date_1,
  customDate2: ({ user }) => user.custom_date_2,
  riskScore: ({ user }) => user.current_risk_score,
  currentPpp: ({ user }) => user.phish_prone_percentage,
  admin: (person, context) => isAdmin(person, context.account),
  role: (person, context) => (isAdmin(person, context.account) ? 'ADMIN' : 'USER'),
  securityRoles: (person, context) => rolesOf(context.account).filter((role) => holds(person, role)),
  groupIds: ({ user }) => user.groups,
  groups: ({ user }, context) => groupsWith(context, user.groups),
  archived: ({ user }) => user.status === 'archived',
  archivedAt: ({ user }) => momentOrNull(user.archived_at),
  lastSignInAt: ({ user }) => momentOrNull(user.last_sign_in),
  mfaEnabled: (person, context) =>
    isAdmin(person, context.account) || roll(hash(context.account.world.seed, MFA, person.index), 1) < 0.3,
  ldapEnabled: ({ user }) => user.provisioning_managed,
  ldapObjectGuid: ({ user }) => user.provisioning_guid,
  apiTokens: (person, context) => (isAdmin(person, context.account) ? tokensOf(context.account) : []),
  account: () => theAccount,
  createdAt: ({ user }) => momentOrNull(user.joined_on),
  updatedAt: (person, context) => moment(userChanged(person, context.account)),
};

/** Before the world began to live nobody noted it: some time between the first day and then. ms */
function userChanged(person: Person, { world }: AccountState): number {
  const known = touched(world, 'users', person.user.id)?.last;
  const before = roll(hash(world.seed, MFA, person.index), 2) * Math.max(0, world.begin - person.joined);
  const archived = person.user.archived_at === null ? 0 : Date.parse(person.user.archived_at);
  return known ?? Math.max(archived, person.joined + before);
}

const group: Fields<GroupState> = {
  id: ({ group }) => group.id,
  name: ({ group }) => group.name,
  displayName: ({ group }) => group.name,
  groupType: ({ group }) => groupTypes[group.group_type],
  status: ({ group }) => (group.status === 'active' ? 'ACTIVE' : 'ARCHIVED'),
  memberCount: ({ group }) => group.member_count,
  riskScore: (state, context) => groupRow(context.account.world, state).current_risk_score,
  ldapObjectGuid: ({ group }) => group.provisioning_guid,
  securityRoles: ({ group }, context) =>
    rolesOf(context.account).filter(({ group_ids }) => group_ids.includes(group.id)),
  createdAt: ({ group }, { account: { world } }) =>
    moment(touched(world, 'groups', group.id)?.created ?? world.founded + (group.id % 100) * DAY),
  updatedAt: ({ group }, { account: { world } }) =>
    moment(touched(world, 'groups', group.id)?.last ?? world.founded + (group.id % 100) * DAY),
};

const groupTypes = {
  console_group: 'CONSOLE',
  smart_group: 'SMART',
  provisioning_managed_group: 'ADI_MANAGED',
} as const;

const groupsWith = ({ account }: Context, ids: readonly number[]): GroupState[] =>
  ids.flatMap((id) => groupById(account.world, id) ?? []);

const securityRole: Fields<SecurityRole> = {
  groups: ({ group_ids }, context) => groupsWith(context, group_ids),
  permissions: (role) => ({
    id: role.id + 1000,
    ...Object.fromEntries(permissionNames.map((name) => [name, role.permissions[name] ?? 0])),
    scopes: role.scopes,
  }),
  userCount: (role, context) => holdersOf(context.account.world, role).length,
  createdAt: (role, context) => moment(roleCreated(context.account.world, role)),
  updatedAt: (role, context) => moment(roleCreated(context.account.world, role)),
};

const roleScope: Fields<SecurityRole['scopes'][number]> = {
  groups: ({ group_ids }, context) => groupsWith(context, group_ids),
};

const syncReport: Fields<SyncReport> = {
  status: (report, { now }) => statusOf(report, now),
  identityProvider: () => 'Emulated identity provider',
  completedAt: (report) => (report.status === 'PENDING' ? null : moment(report.due)),
  userUpdates: (report) => updatesOf(report, 'USER'),
  groupUpdates: (report) => updatesOf(report, 'GROUP'),
  membershipUpdates: (report) => updatesOf(report, 'MEMBERSHIP'),
  createdAt: ({ at }) => moment(at),
  updatedAt: (report, { now }) => moment(Math.min(now, report.due)),
};

const syncReportItem: Fields<ReportItem> = {
  status: ({ error }) => (error === undefined ? 'SUCCESS' : 'ERROR'),
  createdAt: ({ at }) => moment(at),
};

export type Token = {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly jwt: string;
};

/** The account's own Product API token: what no proxy may let through. */
export const tokensOf = ({ tokens }: AccountState): Token[] => [
  { id: 7001, name: 'Gateway', scopes: ['kmsat'], jwt: tokens.product },
];

const apiToken: Fields<Token> = {
  active: () => true,
  user: (_, context) => adminsOf(context.account)[0] ?? null,
  expiresOn: (_, context) => moment(context.account.world.begin + 180 * DAY),
  createdAt: (_, context) => moment(context.account.world.begin - 30 * DAY),
  updatedAt: (_, context) => moment(context.account.world.begin - 30 * DAY),
};

export type Webhook = {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly bearerToken: string;
};

export const webhooksOf = ({ tokens }: AccountState): Webhook[] => [
  { id: 9101, name: 'Ticket desk', url: 'https://hooks.example.com/knowbe4', bearerToken: `${tokens.product}-hook` },
];

const webhook: Fields<Webhook> = {
  status: () => 'active',
  createdAt: (_, context) => moment(context.account.world.begin - 90 * DAY),
  updatedAt: (_, context) => moment(context.account.world.begin - 20 * DAY),
};

/** The resolvers by type. */
export const fieldsOf: Readonly<
  Record<string, Readonly<Record<string, (source: never, context: Context) => unknown>>>
> = {
  Account: account,
  User: user,
  Group: group,
  SecurityRole: securityRole,
  SecurityRolePermissionScope: roleScope,
  LdapSyncReport: syncReport,
  LdapSyncReportItem: syncReportItem,
  ApiToken: apiToken,
  Webhook: webhook,
};
