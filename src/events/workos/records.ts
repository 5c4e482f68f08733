import { snakeCase } from '../../lib/case.ts';
import { fullName } from '../../model/from-wire.ts';
import type { GroupRecord, Instant, UserRecord } from '../../wire/records.ts';
import { isBadRow } from '../../wire/reporting/read.ts';
import { recordReaders } from '../../wire/reporting/record-readers.ts';
import type { RowSeen } from '../ports.ts';
import { directoryId, groupId, organizationId, userId } from './ids.ts';

/** What is known of a connection. */
export type Directory = {
  readonly id: string;
  readonly name: string;
  readonly state: 'connecting' | 'active' | 'validation_error' | 'needs_reauth';
  readonly pausedAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

/** When a row was first seen and last changed. */
export type Times = Pick<RowSeen, 'firstSeenAt' | 'changedAt'>;

const stateOf = ({ state, pausedAt }: Directory): string => {
  if (state === 'needs_reauth') return 'invalid_credentials';
  if (state === 'connecting') return 'validating';
  return state === 'active' && pausedAt === null ? 'active' : 'inactive';
};

export const toDirectory = (directory: Directory) => ({
  ...directoryHead(directory.id, directory.name, directory.createdAt, directory.updatedAt),
  state: stateOf(directory),
});

/** A directory of which the log alone is left, as events show it. */
export const directoryHead = (connectionId: string, name: string | null, createdAt: Instant, updatedAt: Instant) => ({
  object: 'directory' as const,
  id: directoryId(connectionId),
  external_key: connectionId,
  organization_id: organizationId(connectionId),
  name: name ?? connectionId,
  type: 'knowbe4' as const,
  ...{ created_at: createdAt, updated_at: updatedAt },
});

/** Lists that are not to be inlined. */
const untold = new Set(['group_ids']);
const rawOf = (record: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(snakeCase(record) as object).filter(([name]) => !untold.has(name)));

/** `active` and whatever else KnowBe4 may say one day are told apart by one word alone. */
const userState = (status: string | null): 'active' | 'inactive' => (status === 'archived' ? 'inactive' : 'active');

export type Role = 'admin' | 'member';

export function toUser(connectionId: string, user: UserRecord, role: Role, { firstSeenAt, changedAt }: Times) {
  const emails = [
    ...(user.email === null ? [] : [{ primary: true, type: 'work', value: user.email }]),
    ...user.aliases.map((value) => ({ primary: false, type: 'other', value })),
  ];
  return {
    object: 'directory_user' as const,
    id: userId(connectionId, user.id),
    directory_id: directoryId(connectionId),
    organization_id: organizationId(connectionId),
    idp_id: user.id,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    name: fullName(user),
    username: user.email,
    emails,
    job_title: user.jobTitle,
    state: userState(user.status),
    role: { slug: role },
    roles: [{ slug: role }],
    custom_attributes: customOf(user),
    raw_attributes: rawOf(user),
    created_at: user.joinedOn ?? firstSeenAt,
    updated_at: changedAt ?? user.joinedOn ?? firstSeenAt,
  };
}

/** Under the names that WorkOS has for them, where it has one. */
const customOf = (user: UserRecord) => ({
  department_name: user.department,
  division_name: user.division,
  employee_number: user.employeeNumber,
  employment_start_date: user.employeeStartDate,
  job_title: user.jobTitle,
  location: user.location,
  manager_email: user.managerEmail,
  manager_name: user.managerName,
  organization: user.organization,
  custom_field_1: user.customField1,
  custom_field_2: user.customField2,
  custom_field_3: user.customField3,
  custom_field_4: user.customField4,
  custom_date_1: user.customDate1,
  custom_date_2: user.customDate2,
});

export const toGroup = (connectionId: string, group: GroupRecord, { firstSeenAt, changedAt }: Times) => ({
  object: 'directory_group' as const,
  id: groupId(connectionId, group.id),
  idp_id: group.id,
  directory_id: directoryId(connectionId),
  organization_id: organizationId(connectionId),
  name: group.name ?? group.id,
  raw_attributes: rawOf(group),
  ...{ created_at: firstSeenAt, updated_at: changedAt ?? firstSeenAt },
});

type Shape = Readonly<Record<string, unknown>>;

/** The old values of what differs; of attributes in attributes only those that do. `null` when nothing does. */
export function previousOf(before: Shape, now: Shape): Shape | null {
  const changed = Object.entries(now).flatMap(([name, value]): [string, unknown][] => {
    const old = before[name];
    if (same(old, value) || name === 'updated_at') return [];
    const isNested = name === 'custom_attributes' || name === 'raw_attributes';
    return [[name, isNested ? previousOf(old as Shape, value as Shape) : old]];
  });
  return changed.length === 0 ? null : Object.fromEntries(changed);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const context = { campaignType: 'email' } as const;

/** Rows are read when they are stored, so a row that cannot be read is a fault of ours. */
export function readUser({ key, raw }: RowSeen): UserRecord {
  const read = recordReaders.users(raw, context);
  if (isBadRow(read)) throw new TypeError(`the stored person ${key} cannot be read (${read.bad})`);
  return read.record;
}

export function readGroup({ key, raw }: RowSeen): GroupRecord {
  const read = recordReaders.groups(raw, context);
  if (isBadRow(read)) throw new TypeError(`the stored group ${key} cannot be read (${read.bad})`);
  return read.record;
}
