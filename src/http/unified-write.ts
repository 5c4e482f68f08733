import { ForeknowError } from '../errors/errors.ts';
import type { Written } from '../gateway/provisioning-types.ts';
import type { UnifiedGroup } from '../model/group.ts';
import type { FieldValues } from '../model/managed-field.ts';
import type { UnifiedUser } from '../model/user.ts';
import type { Plan, Step } from '../provisioning/plan.ts';
import { provisionalGroupId, provisionalIdOf } from '../provisioning/provisional-id.ts';

/*
 * Bodies in Truto's wire format as what provisioning takes, and back: the object as it will be.
 */

type Ref = string | number | { readonly id: string | number };
type Email = {
  readonly email: string;
  readonly type?: string | null | undefined;
  readonly is_primary?: boolean | undefined;
};
type Phone = {
  readonly number: string;
  readonly extension?: string | null | undefined;
  readonly type?: string | null | undefined;
};

/** What a body may say of a person; fields of ours begin with `x_`. */
export type UserBody = {
  readonly first_name?: string | null | undefined;
  readonly last_name?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly username?: string | undefined;
  readonly emails?: readonly Email[] | undefined;
  readonly phones?: readonly Phone[] | undefined;
  readonly status?: 'active' | 'inactive' | undefined;
  readonly groups?: readonly Ref[] | undefined;
  readonly roles?: readonly unknown[] | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly [name: string]: unknown;
};

const ours: Readonly<Record<string, keyof FieldValues>> = {
  x_department: 'department',
  x_division: 'division',
  x_location: 'location',
  x_manager_name: 'manager_name',
  x_manager_email: 'manager_email',
  x_employee_number: 'employee_number',
};

/**
 * @param current the person as they are; null for a new one
 * @throws ForeknowError `field_not_writable`, `invalid_request` with `field`
 */
export function fieldsOf(body: UserBody, current: Pick<UnifiedUser, 'emails'> | null): FieldValues {
  if ((body.roles?.length ?? 0) > 0) throw notWritable('roles', 'Roles of the console are given in the console.');
  if ((body.languages?.length ?? 0) > 0) throw notWritable('languages', 'The language is set in the console.');
  return {
    ...nameOf(body),
    ...given('job_title', body.title),
    ...given('email', addressOf(body, current)),
    ...phonesOf(body.phones),
    ...Object.fromEntries(
      Object.entries(ours).flatMap(([name, field]) => (name in body ? [[field, textOf(name, body[name])]] : [])),
    ),
  };
}

const given = (field: keyof FieldValues, value: string | null | undefined): FieldValues =>
  value === undefined ? {} : { [field]: value };

function textOf(field: string, value: unknown): string | null {
  if (value === null || (typeof value === 'string' && value.length <= 500)) return value;
  throw new ForeknowError('invalid_request', { detail: `${field} is a text of up to 500 letters, or null.`, field });
}

/** A name as one text is divided at its last space; first and last name go before it. */
function nameOf({ first_name: first, last_name: last, name }: UserBody): FieldValues {
  if (first !== undefined || last !== undefined || !name) {
    return { ...given('first_name', first), ...given('last_name', last) };
  }
  const at = name.trim().lastIndexOf(' ');
  return at < 0
    ? { first_name: name.trim() }
    : { first_name: name.trim().slice(0, at), last_name: name.trim().slice(at + 1) };
}

function addressOf({ emails, username }: UserBody, current: Pick<UnifiedUser, 'emails'> | null): string | undefined {
  if (emails === undefined) return username;
  const primary = emails.find((one) => one.is_primary === true || one.type === 'primary') ?? emails[0]!;
  const known = new Set(current?.emails.map(({ email }) => email.toLowerCase()));
  if (emails.some((one) => one !== primary && !known.has(one.email.toLowerCase()))) {
    throw notWritable('emails', 'Further addresses are not carried to KnowBe4: SCIM knows one.');
  }
  if (username !== undefined && username.toLowerCase() !== primary.email.toLowerCase()) {
    throw new ForeknowError('invalid_request', {
      detail: 'username and the primary address differ: people of KnowBe4 sign in with their address.',
      field: 'username',
    });
  }
  return primary.email;
}

function phonesOf(phones: readonly Phone[] | undefined): FieldValues {
  if (phones === undefined) return {};
  if (phones.some(({ extension }) => Boolean(extension))) {
    throw notWritable('phones', 'An extension is not carried to KnowBe4.');
  }
  const mobile = phones.find(({ type }) => type === 'mobile');
  const other = phones.find(({ type }) => type !== 'mobile');
  return { phone_number: other?.number ?? null, mobile_phone_number: mobile?.number ?? null };
}

const notWritable = (field: string, detail: string) =>
  new ForeknowError('field_not_writable', { detail, hint: 'Leave it out.', field });

export const idsOf = (refs: readonly Ref[] | undefined): readonly string[] | undefined =>
  refs?.map((ref) => String(typeof ref === 'object' ? ref.id : ref));

/** What a write is told about beside its object. Of what is so already no plan is kept. */
export const tellingOf = ({ id, state }: Pick<Plan, 'id' | 'state'>, outcome: Written['outcome'], origin: string) => ({
  x_foreknow:
    outcome === 'unchanged'
      ? { state: outcome, plan_id: null, review_url: null }
      : { state: outcome === 'waiting' ? state : outcome, plan_id: id, review_url: `${origin}/plans/${id}` },
});

/** The person as they will be, with the id that they have, or are called by until KnowBe4 gives one. */
export function userAsPlanned(current: UnifiedUser | null, { connectionId, steps }: Plan): UnifiedUser {
  const created = steps.find(({ action }) => action === 'create');
  const user = current ?? newUser(created === undefined ? '' : provisionalIdOf(connectionId, created.person!));
  return steps.reduce(after, user);
}

function after(user: UnifiedUser, { action, fields, group }: Step): UnifiedUser {
  const ref = group && { id: group.groupId ?? group.name, name: group.name };
  if (action === 'archive') return { ...user, status: 'inactive' };
  if (action === 'restore') return { ...user, status: 'active' };
  if (action === 'member_add' && ref) return { ...user, groups: [...user.groups, ref] };
  if (action === 'member_remove' && ref) return { ...user, groups: user.groups.filter(({ id }) => id !== ref.id) };
  return withFields(user, Object.fromEntries(fields.map(({ name, to }) => [name, to])));
}

function withFields(user: UnifiedUser, fields: FieldValues): UnifiedUser {
  const email = fields.email ?? user.username;
  const first = fields.first_name === undefined ? user.first_name : fields.first_name;
  const last = fields.last_name === undefined ? user.last_name : fields.last_name;
  const or = (field: keyof FieldValues, value: string | null) => (fields[field] === undefined ? value : fields[field]);
  return {
    ...user,
    first_name: first,
    last_name: last,
    name: [first, last].filter(Boolean).join(' ') || email,
    title: or('job_title', user.title),
    username: email,
    emails:
      email === null
        ? user.emails
        : [{ email, type: 'primary', is_primary: true }, ...user.emails.filter(({ is_primary: is }) => !is)],
    identifiers: { ...user.identifiers, employee_number: or('employee_number', user.identifiers.employee_number) },
    phones: phonesAsPlanned(user, fields),
    x_department: or('department', user.x_department),
    x_division: or('division', user.x_division),
    x_location: or('location', user.x_location),
    x_manager_name: or('manager_name', user.x_manager_name),
    x_manager_email: or('manager_email', user.x_manager_email),
  };
}

function phonesAsPlanned({ phones }: UnifiedUser, fields: FieldValues): UnifiedUser['phones'] {
  const kinds = [
    ['phone', fields.phone_number],
    ['mobile', fields.mobile_phone_number],
  ] as const;
  return kinds.flatMap(([type, number]) => {
    if (number === undefined) return phones.filter((one) => one.type === type);
    return number === null ? [] : [{ number, extension: null, type }];
  });
}

const newUser = (id: string): UnifiedUser => ({
  ...{ id, external_id: null, identifiers: { employee_number: null, provisioning_guid: null } },
  ...{ first_name: null, last_name: null, title: null, name: null, username: null, emails: [], phones: [] },
  ...{ status: 'active', is_email_verified: null, is_2fa_enabled: null, roles: [], organizations: [] },
  ...{ type: 'end_user', licenses: [], groups: [], workspaces: [], avatar: null, timezone: null, languages: [] },
  ...{ bio: null, created_at: null, updated_at: null, last_login_at: null, last_active_at: null },
  ...{ x_risk_score: null, x_phish_prone_percent: null, x_department: null, x_division: null, x_location: null },
  ...{ x_manager_name: null, x_manager_email: null, x_archived_at: null, x_deleted_at: null },
});

/** The group as it will be. */
export function groupAsPlanned(current: UnifiedGroup | null, { connectionId, steps }: Plan): UnifiedGroup {
  const made = steps.find(({ action }) => action === 'group_create')?.group ?? null;
  const renamed = steps.find(({ action }) => action === 'group_rename')?.group ?? null;
  const group = current ?? newGroup(made === null ? '' : provisionalGroupId(connectionId, made), connectionId);
  const joining = steps.filter(({ action }) => action === 'member_add').length;
  const leaving = steps.filter(({ action }) => action === 'member_remove').length;
  return {
    ...group,
    name: renamed?.name ?? made?.name ?? group.name,
    x_member_count: (group.x_member_count ?? 0) + joining - leaving,
  };
}

const newGroup = (id: string, connectionId: string): UnifiedGroup => ({
  ...{ id, name: null, description: null, organization: connectionId, group_type: 'group' },
  ...{ created_at: null, updated_at: null, x_group_type: 'provisioning_managed_group', x_member_count: 0 },
  ...{ x_risk_score: null, x_status: 'active', x_deleted_at: null },
});
