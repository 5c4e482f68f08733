import type {
  AccountAdmin,
  AccountRecord,
  GroupRecord,
  GroupRef,
  RawRecord,
  Read,
  RiskPoint,
  UserRecord,
} from '../records.ts';
import {
  type BadRow,
  booleanOf,
  type Coercions,
  dayOf,
  idOf,
  instantOf,
  isObject,
  numberOf,
  objectsOf,
  type RowReader,
  renamed,
  textOf,
  textsOf,
} from './read.ts';

/** Names that older versions of the API used (answers and guides of 2019 to 2023). */
const modernNames = {
  adi_manageable: 'provisioning_managed',
  adi_guid: 'provisioning_guid',
  active_directory_guid: 'provisioning_guid',
};

const accountKeys = ['name', 'type', 'domains', 'admins', 'subscription_level', 'number_of_seats'];

export const readAccount: RowReader<AccountRecord> = (raw, context) => {
  if (!isObject(raw)) return { bad: 'not_an_object', raw };
  if (!accountKeys.some((key) => key in raw)) return { bad: 'unreadable', raw };
  const seen = context?.coercions;
  const record: AccountRecord = {
    name: textOf(raw.name, 'name', seen),
    type: textOf(raw.type, 'type', seen),
    domains: textsOf(raw.domains, 'domains', seen),
    admins: objectsOf(raw.admins, 'admins', seen).flatMap((admin) => readAdmin(admin, seen) ?? []),
    subscriptionLevel: textOf(raw.subscription_level, 'subscription_level', seen),
    subscriptionEndDate: dayOf(raw.subscription_end_date, 'subscription_end_date', seen),
    seats: numberOf(raw.number_of_seats, 'number_of_seats', seen),
    riskScore: numberOf(raw.current_risk_score, 'current_risk_score', seen),
  };
  return { record, raw };
};

function readAdmin(raw: RawRecord, seen: Coercions | undefined): AccountAdmin | null {
  const id = idOf(raw.id);
  if (id === null) return null;
  return {
    id,
    firstName: textOf(raw.first_name, 'admins.first_name', seen),
    lastName: textOf(raw.last_name, 'admins.last_name', seen),
    email: textOf(raw.email, 'admins.email', seen),
  };
}

/** The phish-prone figure of a person is percent on the wire already, and may exceed 100. */
export const readUser: RowReader<UserRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.id);
  if (id === null) return { bad: 'no_id', raw: row };
  const isOld =
    row.adi_manageable !== undefined || row.adi_guid !== undefined || row.active_directory_guid !== undefined;
  const raw: RawRecord = isOld ? renamed(row, modernNames) : row;
  const seen = context?.coercions;
  const record: UserRecord = {
    id,
    employeeNumber: textOf(raw.employee_number, 'employee_number', seen),
    firstName: textOf(raw.first_name, 'first_name', seen),
    lastName: textOf(raw.last_name, 'last_name', seen),
    jobTitle: textOf(raw.job_title, 'job_title', seen),
    email: textOf(raw.email, 'email', seen),
    phishPronePercent: numberOf(raw.phish_prone_percentage, 'phish_prone_percentage', seen),
    phoneNumber: textOf(raw.phone_number, 'phone_number', seen),
    extension: textOf(raw.extension, 'extension', seen),
    mobilePhoneNumber: textOf(raw.mobile_phone_number, 'mobile_phone_number', seen),
    location: textOf(raw.location, 'location', seen),
    division: textOf(raw.division, 'division', seen),
    managerName: textOf(raw.manager_name, 'manager_name', seen),
    managerEmail: textOf(raw.manager_email, 'manager_email', seen),
    provisioningManaged: booleanOf(raw.provisioning_managed, 'provisioning_managed', seen),
    provisioningGuid: textOf(raw.provisioning_guid, 'provisioning_guid', seen),
    groupIds: groupIdsOf(raw.groups, seen),
    riskScore: numberOf(raw.current_risk_score, 'current_risk_score', seen),
    aliases: textsOf(raw.aliases, 'aliases', seen),
    joinedOn: instantOf(raw.joined_on, 'joined_on', seen),
    lastSignIn: instantOf(raw.last_sign_in, 'last_sign_in', seen),
    status: textOf(raw.status, 'status', seen),
    organization: textOf(raw.organization, 'organization', seen),
    department: textOf(raw.department, 'department', seen),
    language: textOf(raw.language, 'language', seen),
    comment: textOf(raw.comment, 'comment', seen),
    employeeStartDate: instantOf(raw.employee_start_date, 'employee_start_date', seen),
    archivedAt: instantOf(raw.archived_at, 'archived_at', seen),
    customField1: textOf(raw.custom_field_1, 'custom_field_1', seen),
    customField2: textOf(raw.custom_field_2, 'custom_field_2', seen),
    customField3: textOf(raw.custom_field_3, 'custom_field_3', seen),
    customField4: textOf(raw.custom_field_4, 'custom_field_4', seen),
    customDate1: dayOf(raw.custom_date_1, 'custom_date_1', seen),
    customDate2: dayOf(raw.custom_date_2, 'custom_date_2', seen),
  };
  return { record, raw };
};

/** Group ids of a person: numbers, or objects when `expand=group` was asked for. */
function groupIdsOf(value: unknown, seen: Coercions | undefined): readonly string[] | null {
  if (!Array.isArray(value)) {
    if (value !== undefined && value !== null) seen?.set('groups', (seen.get('groups') ?? 0) + 1);
    return null;
  }
  const ids: string[] = [];
  for (const item of value) {
    const id = isObject(item) ? (idOf(item.id) ?? idOf(item.group_id)) : idOf(item);
    if (id !== null) ids.push(id);
  }
  return ids;
}

export const readGroup: RowReader<GroupRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.id);
  if (id === null) return { bad: 'no_id', raw: row };
  const raw = modernGroup(row);
  const seen = context?.coercions;
  const record: GroupRecord = {
    id,
    name: textOf(raw.name, 'name', seen),
    groupType: textOf(raw.group_type, 'group_type', seen),
    provisioningGuid: textOf(raw.provisioning_guid, 'provisioning_guid', seen),
    memberCount: numberOf(raw.member_count, 'member_count', seen),
    riskScore: numberOf(raw.current_risk_score, 'current_risk_score', seen),
    status: textOf(raw.status, 'status', seen),
  };
  return { record, raw };
};

function modernGroup(row: RawRecord): RawRecord {
  const raw = renamed(row, modernNames);
  return raw.group_type === 'adi_managed_group' ? { ...raw, group_type: 'provisioning_managed_group' } : raw;
}

/** A group as campaigns and tests name it: `{group_id, name}`. Id 0 is "All Users", which is no group of the list. */
export function groupRefsOf(value: unknown, seen: Coercions | undefined): readonly GroupRef[] {
  return objectsOf(value, 'groups', seen).map((group) => ({
    id: idOf(group.group_id) ?? idOf(group.id),
    name: textOf(group.name, 'groups.name', seen),
  }));
}

/** A point without a day or a score says nothing and is reported as bad. */
export const readRiskPoint = (raw: unknown): Read<RiskPoint> | BadRow => {
  if (!isObject(raw)) return { bad: 'not_an_object', raw };
  const date = dayOf(raw.date, 'date', undefined);
  const riskScore = numberOf(raw.risk_score, 'risk_score', undefined);
  return date === null || riskScore === null ? { bad: 'unreadable', raw } : { record: { date, riskScore }, raw };
};
