import type { AccountAdmin, AccountRecord, GroupRecord, Instant, UserRecord } from '../wire/records.ts';
import type { UnifiedGroup } from './group.ts';
import { seat } from './license.ts';
import type { UnifiedOrganization } from './organization.ts';
import type { Ref } from './ref.ts';
import { adminRole, userRole } from './role.ts';
import type { UnifiedRoleAssignment } from './role-assignment.ts';
import type { UnifiedUser } from './user.ts';

/** What a record does not say itself, for one connection. */
export type Surroundings = {
  readonly organization: Ref;
  readonly groupNames: ReadonlyMap<string, string>;
  readonly adminIds: ReadonlySet<string>;
};

/** What the mirror knows of a row beside its content. */
export type Observed = {
  /** Null for what was read live and is not in the mirror. */
  readonly firstSeenAt: Instant | null;
  readonly changedAt: Instant | null;
  readonly deletedAt: Instant | null;
};

export function toUser(
  user: UserRecord,
  around: Surroundings,
  seen: Observed & { readonly lastLearningAt: Instant | null },
): UnifiedUser {
  const isAdmin = around.adminIds.has(user.id);
  return {
    id: user.id,
    external_id: user.provisioningGuid,
    identifiers: { employee_number: user.employeeNumber, provisioning_guid: user.provisioningGuid },
    first_name: user.firstName,
    last_name: user.lastName,
    title: user.jobTitle,
    name: fullName(user),
    username: user.email,
    emails: emailsOf(user),
    phones: phonesOf(user),
    status: statusOf(user.status, seen.deletedAt),
    is_email_verified: null,
    is_2fa_enabled: null,
    roles: [isAdmin ? adminRole : userRole],
    organizations: [around.organization],
    type: isAdmin ? 'admin' : 'end_user',
    licenses: [],
    groups: groupsOf(user, around),
    workspaces: [],
    avatar: null,
    timezone: null,
    languages: user.language === null ? [] : [user.language],
    bio: null,
    created_at: user.joinedOn,
    updated_at: seen.changedAt ?? user.joinedOn,
    last_login_at: user.lastSignIn,
    last_active_at: later(user.lastSignIn, seen.lastLearningAt),
    x_risk_score: user.riskScore,
    x_phish_prone_percent: user.phishPronePercent,
    x_department: user.department,
    x_division: user.division,
    x_location: user.location,
    x_manager_name: user.managerName,
    x_manager_email: user.managerEmail,
    x_archived_at: user.archivedAt,
    x_deleted_at: seen.deletedAt,
  };
}

export function toGroup(group: GroupRecord, around: Surroundings, seen: Observed): UnifiedGroup {
  return {
    id: group.id,
    name: group.name,
    description: null,
    organization: around.organization.id,
    group_type: 'group',
    created_at: seen.firstSeenAt,
    updated_at: seen.changedAt ?? seen.firstSeenAt,
    x_group_type: group.groupType,
    x_member_count: group.memberCount,
    x_risk_score: group.riskScore,
    x_status: group.status,
    x_deleted_at: seen.deletedAt,
  };
}

export function toOrganization(account: AccountRecord, connectionId: string, seen: Observed): UnifiedOrganization {
  return {
    id: connectionId,
    name: account.name,
    pricing_plan: account.subscriptionLevel,
    licenses: account.seats === null ? [] : [{ ...seat, x_seats: account.seats }],
    created_at: null,
    updated_at: seen.changedAt ?? seen.firstSeenAt,
    x_domains: [...account.domains],
    x_account_type: account.type,
    x_subscription_end_date: account.subscriptionEndDate,
    x_risk_score: account.riskScore,
  };
}

export const toAdminAssignment = (admin: AccountAdmin): UnifiedRoleAssignment => ({
  id: `${adminRole.id}:${admin.id}`,
  user_id: admin.id,
  group_id: null,
  group_type: null,
  role_id: adminRole.id,
  workspace: [],
  created_at: null,
  updated_at: null,
  x_via_group: null,
});

/** First and last name, else the address: the same text that lists sort by. */
export const fullName = (user: Pick<UserRecord, 'firstName' | 'lastName' | 'email'>): string | null =>
  [user.firstName, user.lastName].filter(Boolean).join(' ') || user.email;

/** Archived is `inactive`; a row that is gone is `deleted` whatever it said last. */
export function statusOf(status: string | null, deletedAt: Instant | null): string | null {
  if (deletedAt !== null) return 'deleted';
  return status === 'archived' ? 'inactive' : status;
}

/** Groups that are known by name come with it; a group that is gone keeps its id. */
export const groupsOf = (user: UserRecord, around: Surroundings): Ref[] =>
  (user.groupIds ?? []).map((id) => ({ id, name: around.groupNames.get(id) ?? null }));

export function emailsOf(user: UserRecord): UnifiedUser['emails'] {
  const primary = user.email === null ? [] : [{ email: user.email, type: 'primary' as const, is_primary: true }];
  return [...primary, ...user.aliases.map((email) => ({ email, type: 'alias' as const, is_primary: false }))];
}

export function phonesOf(
  user: Pick<UserRecord, 'phoneNumber' | 'extension' | 'mobilePhoneNumber'>,
): UnifiedUser['phones'] {
  const phones: UnifiedUser['phones'] = [];
  if (user.phoneNumber !== null) {
    phones.push({ number: user.phoneNumber, extension: user.extension, type: 'phone' });
  }
  if (user.mobilePhoneNumber !== null) {
    phones.push({ number: user.mobilePhoneNumber, extension: null, type: 'mobile' });
  }
  return phones;
}

/** The later of two times in the one spelling `…T…Z`, which sorts as text. */
export const later = (one: Instant | null, other: Instant | null): Instant | null =>
  one === null || (other !== null && other > one) ? other : one;
