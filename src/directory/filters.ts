import { invalid, readBoolean, readCondition, readText } from './fields.ts';
import type { FieldReader } from './list-query.ts';
import type { Condition, GroupFilter, GroupSort, UserFilter, UserSort } from './ports.ts';

type Texts = Condition<string>;
type Numbers = Condition<number>;

const texts = (name: string, value: unknown): Texts => readCondition(name, 'text', value) as Texts;
const instants = (name: string, value: unknown): Texts => readCondition(name, 'instant', value) as Texts;
const numbers = (name: string, value: unknown): Numbers => readCondition(name, 'number', value) as Numbers;

/** All the words a condition allows; null when it is not a choice among words. */
const wordsOf = ({ eq, in: among, like }: Texts): readonly string[] | null => {
  if (like !== undefined) return null;
  const words = eq === undefined || eq === null ? among : [eq];
  return words ?? null;
};

const status: FieldReader<UserFilter> = (name, value) => {
  const condition = texts(name, value);
  const isAskedForDeleted = wordsOf(condition)?.includes('deleted') === true;
  return { status: condition, ...(isAskedForDeleted ? { deleted: 'show' } : {}) };
};

/** Everybody is an `admin` or an `end_user`; `user` means the latter. */
const type: FieldReader<UserFilter> = (name, value) => {
  const words = wordsOf(texts(name, value));
  if (words === null) throw invalid(name, 'takes eq and in');
  const admins = words.includes('admin');
  const others = words.includes('end_user') || words.includes('user');
  if (admins && others) return {};
  return admins || others ? { admin: admins } : { nothing: true };
};

/** The account is the one organization, under the connection's id. */
const organizationId: FieldReader<UserFilter> = (name, value, connectionIds) => {
  const words = wordsOf(texts(name, value));
  if (words === null) throw invalid(name, 'takes eq and in');
  return connectionIds.some((id) => words.includes(id)) ? {} : { nothing: true };
};

/** KnowBe4 has nothing of the kind, so no value can match. */
const never: FieldReader<UserFilter & GroupFilter> = (name, value) => {
  texts(name, value);
  return { nothing: true };
};

export const deletedFilter: FieldReader<Pick<UserFilter, 'deleted'>> = (name, value) => {
  const word = readText(name, value);
  if (word === 'hide' || word === 'only' || word === 'show') return { deleted: word };
  throw invalid(name, 'must be hide, only or show');
};

export const userFilters: Readonly<Record<string, FieldReader<UserFilter>>> = {
  id: (name, value) => ({ id: texts(name, value) }),
  first_name: (name, value) => ({ firstName: texts(name, value) }),
  last_name: (name, value) => ({ lastName: texts(name, value) }),
  name: (name, value) => ({ name: texts(name, value) }),
  emails: (name, value) => ({ email: texts(name, value) }),
  username: (name, value) => ({ email: texts(name, value) }),
  x_deleted: deletedFilter,
  status,
  created_at: (name, value) => ({ createdAt: instants(name, value) }),
  updated_at: (name, value) => ({ updatedAt: instants(name, value) }),
  type,
  group_id: (name, value) => ({ groupId: texts(name, value) }),
  organization_id: organizationId,
  workspace_id: never,
};

export const userSorts: Readonly<Record<string, UserSort>> = {
  id: 'id',
  created_at: 'created_at',
  updated_at: 'updated_at',
  emails: 'email',
  first_name: 'first_name',
  name: 'name',
  username: 'email',
  status: 'status',
  last_login_at: 'last_login_at',
  last_active_at: 'last_active_at',
  x_risk_score: 'risk_score',
};

export const personFilters: Readonly<Record<string, FieldReader<UserFilter>>> = {
  id: (name, value) => ({ id: texts(name, value) }),
  first_name: (name, value) => ({ firstName: texts(name, value) }),
  last_name: (name, value) => ({ lastName: texts(name, value) }),
  name: (name, value) => ({ name: texts(name, value) }),
  email: (name, value) => ({ email: texts(name, value) }),
  deleted: deletedFilter,
  status,
  archived: (name, value) => ({ status: readBoolean(name, value) ? { eq: 'inactive' } : { eq: 'active' } }),
  admin: (name, value) => ({ admin: readBoolean(name, value) }),
  group_id: (name, value) => ({ groupId: texts(name, value) }),
  department: (name, value) => ({ department: texts(name, value) }),
  division: (name, value) => ({ division: texts(name, value) }),
  location: (name, value) => ({ location: texts(name, value) }),
  manager_email: (name, value) => ({ managerEmail: texts(name, value) }),
  risk_above: (name, value) => ({ riskScore: { gt: numberOf(name, value) } }),
  risk_score: (name, value) => ({ riskScore: numbers(name, value) }),
  phish_prone_percent: (name, value) => ({ phishPronePercent: numbers(name, value) }),
  overdue: (name, value) => ({ overdue: readBoolean(name, value) }),
  failed_since: (name, value) => ({ failedSince: instantOf(name, value) }),
  failed_test: (name, value) => ({ failedTest: readText(name, value) }),
  trained: (name, value) => ({ trained: readBoolean(name, value) }),
  search: (name, value) => ({ search: readText(name, value) }),
  joined_at: (name, value) => ({ createdAt: instants(name, value) }),
  updated_at: (name, value) => ({ updatedAt: instants(name, value) }),
};

export const personSorts: Readonly<Record<string, UserSort>> = {
  id: 'id',
  name: 'name',
  first_name: 'first_name',
  email: 'email',
  status: 'status',
  joined_at: 'created_at',
  updated_at: 'updated_at',
  last_sign_in_at: 'last_login_at',
  last_active_at: 'last_active_at',
  risk_score: 'risk_score',
};

/** Every kind of KnowBe4 group is a `group`. */
const groupType: FieldReader<GroupFilter> = (name, value) => {
  const words = wordsOf(texts(name, value));
  if (words === null) throw invalid(name, 'takes eq and in');
  return words.includes('group') ? {} : { nothing: true };
};

export const groupFilters: Readonly<Record<string, FieldReader<GroupFilter>>> = {
  id: (name, value) => ({ id: texts(name, value) }),
  name: (name, value) => ({ name: texts(name, value) }),
  group_type: groupType,
  x_group_type: (name, value) => ({ groupType: texts(name, value) }),
  x_status: (name, value) => ({ status: texts(name, value) }),
  x_deleted: deletedFilter,
  description: never,
  created_at: (name, value) => ({ createdAt: instants(name, value) }),
  updated_at: (name, value) => ({ updatedAt: instants(name, value) }),
  user_id: (name, value) => ({ userId: texts(name, value) }),
};

export const groupSorts: Readonly<Record<string, GroupSort>> = {
  id: 'id',
  name: 'name',
  created_at: 'created_at',
  updated_at: 'updated_at',
};

function numberOf(name: string, value: unknown): number {
  const { eq } = numbers(name, value);
  if (typeof eq !== 'number') throw invalid(name, 'must be a number');
  return eq;
}

function instantOf(name: string, value: unknown): string {
  const { eq } = instants(name, value);
  if (typeof eq !== 'string') throw invalid(name, 'must be a time');
  return eq;
}
