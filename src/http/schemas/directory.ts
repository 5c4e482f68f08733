import { type ZodRawShape, type ZodType, z } from 'zod';
import { formats } from '../../directory/list-query.ts';
import { unifiedGroup } from '../../model/group.ts';
import { unifiedLicense } from '../../model/license.ts';
import { unifiedOrganization } from '../../model/organization.ts';
import { person, personDetail } from '../../model/person.ts';
import { unifiedRole } from '../../model/role.ts';
import { unifiedRoleAssignment } from '../../model/role-assignment.ts';
import { unifiedUser } from '../../model/user.ts';
import { connectionParameter } from './query.ts';
import { named, nullableInstant } from './registry.ts';

/*
 * What lists can be asked. These schemas describe: the directory itself reads filters, order and cursors, because cursors
 * are bound to them and an unknown name is answered with the nearest right one.
 */
export const text = z
  .union([z.string(), z.object({ eq: z.string(), in: z.string(), like: z.string() }).partial()])
  .optional();
const compared = <Value extends ZodType>(value: Value) =>
  z
    .union([value, z.object({ eq: value, in: z.string(), gt: value, gte: value, lt: value, lte: value }).partial()])
    .optional();
export const time = compared(z.string());
const number = compared(z.number());
const flag = z.boolean().optional();
export const deleted = z.enum(['hide', 'only', 'show']).optional().describe('Deleted records: hidden unless asked for');

export const account = { integrated_account_id: connectionParameter };
const ofConnection = { connection_id: connectionParameter };

export const paging = (sorts: readonly [string, ...string[]]) => ({
  limit: z.number().int().min(1).max(500).default(100).optional().describe('Records on a page, 1 to 500'),
  next_cursor: z.string().optional().describe('From the page before; empty means the start'),
  prev_cursor: z.string().optional().describe('From the page after'),
  sort_by: z
    .partialRecord(z.enum(sorts), z.enum(['asc', 'desc']))
    .optional()
    .describe('One field and its order: `sort_by[name]=desc`. Default: id, ascending'),
});

const flags = {
  truto_response_format: z
    .enum(formats)
    .optional()
    .describe(
      'raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified',
    ),
  truto_ignore_remote_data: flag.describe('Leave `remote_data` out'),
  truto_exclude_fields: z.array(z.string()).optional().describe('Fields to leave out'),
  truto_key_by: z.string().optional().describe('`result` becomes an object keyed by this field'),
};
export const listFlags = { ...flags, truto_ignore_limit: flag.describe('The largest page instead of `limit`') };

/** Our own, so it has our prefix: Truto's `truto_super_query` asks for the other, the kept copy. */
const source = {
  x_source: z
    .enum(['mirror', 'live'])
    .optional()
    .describe('live: read from KnowBe4 at this moment, which costs a request; default mirror'),
};

export const getQuery = z.object({ ...account, ...flags });
export const liveGetQuery = z.object({ ...account, ...source, ...flags });
export const meQuery = z.object(account);

export const userQuery = z.object({
  ...account,
  ...source,
  id: text.describe('Id'),
  first_name: text.describe('First name'),
  last_name: text.describe('Last name'),
  name: text.describe('Whole name'),
  emails: text.describe('Address'),
  username: text.describe('The same as the address'),
  status: text.describe('active, inactive (archived in KnowBe4) or deleted'),
  type: text.describe('admin or end_user'),
  group_id: text.describe('Members of this group'),
  organization_id: text.describe('The connection’s id'),
  workspace_id: text.describe('KnowBe4 has none: matches nothing'),
  created_at: time.describe('A time, or an object with operators'),
  updated_at: time.describe('A time, or an object with operators'),
  x_deleted: deleted,
  ...paging([
    'id',
    'created_at',
    'updated_at',
    'emails',
    'first_name',
    'name',
    'username',
    'status',
    'last_login_at',
    'last_active_at',
    'x_risk_score',
  ]),
  ...listFlags,
});

export const groupQuery = z.object({
  ...account,
  ...source,
  id: text.describe('Id'),
  name: text.describe('Name'),
  group_type: text.describe('Every group is a `group`'),
  description: text.describe('KnowBe4 has none: matches nothing'),
  user_id: text.describe('Groups that this person is in'),
  created_at: time.describe('When it was first seen: a time, or an object with operators'),
  updated_at: time.describe('A time, or an object with operators'),
  x_group_type: text.describe('The vendor’s kind: console_group, smart_group …'),
  x_status: text.describe('active or archived'),
  x_deleted: deleted,
  ...paging(['id', 'name', 'created_at', 'updated_at']),
  ...listFlags,
});

export const roleQuery = z.object({
  ...account,
  ...source,
  id: text.describe('Id'),
  name: text.describe('Name'),
  type: text.describe('builtin, or custom for security roles'),
  ...paging(['id']),
  ...listFlags,
});

export const roleAssignmentQuery = z.object({
  ...account,
  ...source,
  expand: z.literal('users').optional().describe('Also who holds a role through a group, by x_via_group'),
  id: text.describe('Id'),
  user_id: text.describe('Roles of this person'),
  group_id: text.describe('Roles of this group'),
  role_id: text.describe('Holders of this role'),
  ...paging(['id']),
  ...listFlags,
});

export const organizationQuery = z.object({
  ...account,
  id: text.describe('Id'),
  name: text.describe('Name'),
  ...paging(['id']),
  ...listFlags,
});

export const licenseQuery = z.object({
  ...account,
  id: text.describe('Id'),
  name: text.describe('Name'),
  status: text.describe('active, or inactive when the subscription is over'),
  ...paging(['id']),
  ...listFlags,
});

export const personQuery = z.object({
  ...ofConnection,
  id: text.describe('Id'),
  first_name: text.describe('First name'),
  last_name: text.describe('Last name'),
  name: text.describe('Whole name'),
  email: text.describe('Address'),
  status: text.describe('active, inactive (archived in KnowBe4) or deleted'),
  archived: flag.describe('Archived people only, or all but them'),
  admin: flag.describe('Console admins only, or all but them'),
  group_id: text.describe('Members of this group'),
  department: text.describe('Department'),
  division: text.describe('Division'),
  location: text.describe('Location'),
  manager_email: text.describe('People of this manager'),
  risk_above: z.number().optional().describe('Risk score above this. Needs the scope risk'),
  risk_score: number.describe('Risk score. Needs the scope risk'),
  phish_prone_percent: number.describe('Phish-prone percentage. Needs the scope risk'),
  overdue: flag.describe('With overdue training, or without. Needs the scope training'),
  failed_since: z
    .string()
    .optional()
    .describe('Failed a phishing test since this time. Needs the scope phishing.identified'),
  failed_test: z
    .string()
    .optional()
    .describe('Failed this phishing test: its id, callback:ID for a phone one. Needs the scope phishing.identified'),
  trained: flag.describe('Has completed a training at some time, or never has. Needs the scope training'),
  search: z.string().optional().describe('Part of the name, the address or the employee number'),
  joined_at: time.describe('A time, or an object with operators'),
  updated_at: time.describe('A time, or an object with operators'),
  deleted,
  ...paging([
    'id',
    'name',
    'first_name',
    'email',
    'status',
    'joined_at',
    'updated_at',
    'last_sign_in_at',
    'last_active_at',
    'risk_score',
  ]),
});

const reshapedRecord = named('ReshapedRecord', z.looseObject({}), 'A record whose shape `truto_…` flags changed');

const head = {
  next_cursor: z.string().nullable().describe('null: this is the last page'),
  prev_cursor: z.string().nullable(),
  result_count: z.number().int().describe('Records on this page'),
  is_partial_response: z.literal(true).optional().describe('KnowBe4 has more than the list can show'),
  x_freshness: z.object({ source: z.enum(['mirror', 'live']), as_of: nullableInstant }),
};

const reshapedList = named(
  'ReshapedList',
  z.object({
    result: z.union([z.array(z.looseObject({})), z.record(z.string(), z.looseObject({}))]),
    ...head,
    debug: z.looseObject({}).optional().describe('What lies behind: `truto_response_format=debug`'),
  }),
  'A list whose shape `truto_…` flags changed',
);

/** The answers of one resource: its list and its record, or what the flags make of them. */
export function answersOf<Shape extends ZodRawShape>(id: string, schema: z.ZodObject<Shape>) {
  const record = named(id, schema);
  const list = named(`${id}List`, z.object({ result: z.array(record), ...head }));
  return { list: z.union([list, reshapedList]), record: z.union([record, reshapedRecord]) };
}

export const users = answersOf('User', unifiedUser);
export const groups = answersOf('Group', unifiedGroup);
export const roles = answersOf('Role', unifiedRole);
export const roleAssignments = answersOf('RoleAssignment', unifiedRoleAssignment);
export const organizations = answersOf('Organization', unifiedOrganization);

export const licenses = answersOf('License', unifiedLicense);

export const personList = named('PersonList', z.object({ result: z.array(named('Person', person)), ...head }));
export const personRecord = named('PersonDetail', personDetail);
