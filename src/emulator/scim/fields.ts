import { isObject, type Json, type ScimResource } from '../../scim/json.ts';
import { schemaUrns } from '../../scim/urns.ts';
import type { UserFields } from '../world/mutate.ts';
import type { User } from '../world/records.ts';

/** What the store says of a person's manager. */
export type Managers = {
  /** The address of a user of the store; null when there is none with this id. */
  emailOf(id: string): string | null;
  nameOf(id: string): string | null;
};

const words = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);
const part = (resource: ScimResource, name: string): ScimResource => {
  const value = resource[name];
  return isObject(value) ? value : {};
};

function typed(resource: ScimResource, name: string, type: string, key: string): string | null {
  const entries = resource[name];
  if (!Array.isArray(entries)) return null;
  const entry = (entries as readonly Json[]).find((one) => isObject(one) && words(one.type)?.toLowerCase() === type);
  return isObject(entry) ? words(entry[key]) : null;
}

const dayOf = (value: Json | undefined): string | null => words(value)?.slice(0, 10) ?? null;

export const managerIdOf = (resource: ScimResource): string | null =>
  words(part(part(resource, schemaUrns.enterprise), 'manager').value);

/** Ids of the members of a group. */
export const memberIdsOf = ({ members }: ScimResource): string[] =>
  (Array.isArray(members) ? (members as readonly Json[]) : []).flatMap((member) =>
    isObject(member) && typeof member.value === 'string' ? [member.value] : [],
  );

export const isActiveUser = (resource: ScimResource): boolean => resource.active !== false;

/**
 * A user of the store as the account's fields. What is not there comes as null and wipes what the console had; what SCIM has no place for
 * is not there at all. The mapping is that of Microsoft's tutorial and KnowBe4's guide for Entra.
 */
export function fieldsOf(resource: ScimResource, managers: Managers, displayNameIsManager: boolean): UserFields {
  const name = part(resource, 'name');
  const enterprise = part(resource, schemaUrns.enterprise);
  const knowbe4 = part(resource, schemaUrns.knowbe4);
  const manager = managerIdOf(resource);
  const language = words(knowbe4.phishingLanguage) ?? words(knowbe4.trainingLanguage);
  return {
    email: words(resource.userName) ?? '',
    first_name: words(name.givenName),
    last_name: words(name.familyName),
    job_title: words(resource.title),
    manager_name: displayNameIsManager ? words(resource.displayName) : manager && managers.nameOf(manager),
    manager_email: manager && managers.emailOf(manager),
    location: typed(resource, 'addresses', 'work', 'formatted'),
    phone_number: typed(resource, 'phoneNumbers', 'work', 'value'),
    mobile_phone_number: typed(resource, 'phoneNumbers', 'mobile', 'value'),
    employee_number: words(enterprise.employeeNumber),
    department: words(enterprise.department),
    division: words(enterprise.division),
    organization: words(enterprise.organization),
    custom_field_1: words(knowbe4.customField1),
    custom_field_2: words(knowbe4.customField2),
    custom_field_3: words(knowbe4.customField3),
    custom_field_4: words(knowbe4.customField4),
    custom_date_1: dayOf(knowbe4.customDate1),
    custom_date_2: dayOf(knowbe4.customDate2),
    ...(language !== null && { language }),
  };
}

/** Without parts that are null. */
function filled(parts: Readonly<Record<string, Json | undefined>>): ScimResource {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null && value !== undefined));
}

const entry = (type: string, key: string, value: string | null): Json[] => (value ? [{ type, [key]: value }] : []);
const moment = (date: string | null): string | null => (date === null ? null : `${date}T00:00:00Z`);
const orAbsent = <T extends Json>(value: T): T | undefined => {
  const empty = Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
  return empty ? undefined : value;
};

/** A person of the account as the program that filled the store before would have written it. */
export function resourceOf(user: User, externalId: string, managerId: string | null): ScimResource {
  const enterprise = filled({
    employeeNumber: user.employee_number,
    department: user.department,
    division: user.division,
    organization: user.organization,
    manager: managerId && { value: managerId },
  });
  const knowbe4 = filled({
    customField1: user.custom_field_1,
    customField2: user.custom_field_2,
    customField3: user.custom_field_3,
    customField4: user.custom_field_4,
    customDate1: moment(user.custom_date_1),
    customDate2: moment(user.custom_date_2),
  });
  return filled({
    schemas: [schemaUrns.user, schemaUrns.enterprise, schemaUrns.knowbe4],
    externalId,
    userName: user.email,
    name: filled({ givenName: user.first_name, familyName: user.last_name }),
    displayName: user.manager_name,
    title: user.job_title,
    active: user.status === 'active',
    emails: [{ type: 'work', value: user.email, primary: true }],
    phoneNumbers: orAbsent([
      ...entry('work', 'value', user.phone_number),
      ...entry('mobile', 'value', user.mobile_phone_number),
    ]),
    addresses: orAbsent(entry('work', 'formatted', user.location)),
    [schemaUrns.enterprise]: orAbsent(enterprise),
    [schemaUrns.knowbe4]: orAbsent(knowbe4),
  });
}
