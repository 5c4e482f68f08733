import type { ScimOperation, ScimRecord } from '../client/index.ts';
import type { FieldValues, ManagedField } from '../model/managed-field.ts';
import { isManagedField } from '../model/managed-field.ts';
import { isObject, type Json, type JsonObject, own } from '../scim/json.ts';
import { schemaUrns } from '../scim/urns.ts';
import { dayOfScimDate, type ScimField, type ScimPlace, scimDateOf, scimFields } from '../wire/scim-fields.ts';

/* A person's fields as a SCIM user of KnowBe4 holds them, both ways. */

type Plain = Extract<ScimPlace, { at: 'plain' }>;
type Typed = Extract<ScimPlace, { at: 'typed' }>;

const fields: readonly (readonly [ManagedField, ScimField])[] = Object.entries(scimFields).flatMap(([name, field]) =>
  isManagedField(name) ? [[name, field] as const] : [],
);

/** Fields that SCIM carries. */
export const carriedFields: ReadonlySet<ManagedField> = new Set(fields.map(([name]) => name));

/** Values of all carried fields but `manager_email`, which is a reference; null where the user has none. */
export const fieldsOf = (user: JsonObject): FieldValues =>
  Object.fromEntries(
    fields.flatMap(([name, { place, format }]) => {
      if (place.at === 'manager') return [];
      const value = place.at === 'plain' ? plainValue(user, place) : typedValue(user, place);
      return [[name, value !== null && format === 'day' ? dayOfScimDate(value) : value]];
    }),
  );

export function managerIdOf(user: JsonObject): string | null {
  const manager = own(homeOf(user, 'enterprise'), 'manager');
  return textIn(isObject(manager) ? own(manager, 'value') : manager);
}

/** @returns null for an empty text too */
function textIn(value: Json | undefined): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

const nothing: JsonObject = {};

function homeOf(user: JsonObject, extension: Plain['extension']): JsonObject {
  if (extension === undefined) return user;
  const home = own(user, schemaUrns[extension]);
  return isObject(home) ? home : nothing;
}

function plainValue(user: JsonObject, { extension, name, part }: Plain): string | null {
  const value = own(homeOf(user, extension), name);
  if (part === undefined) return textIn(value);
  return isObject(value) ? textIn(own(value, part)) : null;
}

const entriesOf = (user: JsonObject, list: string): readonly JsonObject[] => {
  const entries = own(user, list);
  return Array.isArray(entries) ? entries.filter(isObject) : [];
};

const entryOf = (user: JsonObject, list: string, type: string): JsonObject | undefined =>
  entriesOf(user, list).find((entry) => textIn(own(entry, 'type'))?.toLowerCase() === type);

function typedValue(user: JsonObject, { list, type, key }: Typed): string | null {
  const entry = entryOf(user, list, type);
  return entry === undefined ? null : textIn(own(entry, key));
}

export type NewRoadUser = {
  readonly externalId: string | null;
  readonly active: boolean;
  readonly fields: FieldValues;
  readonly managerId: string | null;
};

/** A new user as it is sent: what is null is left out. */
export function userBody({ externalId, active, fields: values, managerId }: NewRoadUser): JsonObject {
  const body: Record<string, Json> = {};
  const homes: Record<string, Record<string, Json>> = {};
  const homeFor = (extension: Plain['extension']): Record<string, Json> => {
    if (extension === undefined) return body;
    const urn = schemaUrns[extension];
    homes[urn] ??= {};
    return homes[urn];
  };
  const put = ({ extension, name, part }: Plain, value: Json) => {
    const home = homeFor(extension);
    home[name] = part === undefined ? value : { ...(home[name] as JsonObject | undefined), [part]: value };
  };
  for (const [name, field] of fields) {
    const value = sent(field, values[name]);
    if (value === null) continue;
    if (field.place.at === 'plain') put(field.place, value);
    else if (field.place.at === 'typed') {
      const { list, type, key } = field.place;
      body[list] = [...((body[list] as Json[] | undefined) ?? []), { type, [key]: value }];
    }
  }
  if (managerId !== null) put(managerPlace, { value: managerId });
  return {
    schemas: [schemaUrns.user, ...Object.keys(homes)],
    ...(externalId !== null && { externalId }),
    active,
    ...body,
    ...(typeof body.userName === 'string' && { emails: [workMail(body.userName)] }),
    ...homes,
  };
}

const managerPlace: Plain = { at: 'plain', extension: 'enterprise', name: 'manager' };

const workMail = (value: string): JsonObject => ({ type: 'work', value, primary: true });

/** A value in the form that SCIM has for it; null where there is none. */
function sent({ format }: ScimField, value: string | null | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  return format === 'day' ? scimDateOf(value) : value;
}

export type RoadChange = {
  readonly fields: FieldValues;
  readonly managerId?: string | null;
  readonly externalId?: string;
};

/** Whether what is to be sent depends on what the user has: entries of lists, and what is taken away. */
export const needsPresent = ({ fields: values, managerId }: RoadChange): boolean =>
  managerId === null ||
  fields.some(([name, field]) => {
    if (values[name] === undefined || field.place.at === 'manager') return false;
    return name === 'email' || field.place.at === 'typed' || sent(field, values[name]) === null;
  });

/**
 * The operations that bring a user to the values, each with a path of its own: nothing else of the user is touched.
 * @param present the user as it is; null where `needsPresent` says no
 */
export function operationsFor(present: ScimRecord | null, change: RoadChange): readonly ScimOperation[] {
  const user = present ?? nothing;
  const operations: ScimOperation[] = [];
  const set = (path: string, value: Json, has: boolean) => {
    if (!has) operations.push({ op: 'replace', path, value });
  };
  for (const [name, field] of fields) {
    const wanted = change.fields[name];
    if (wanted === undefined || field.place.at === 'manager') continue;
    const value = sent(field, wanted);
    if (field.place.at === 'typed') operations.push(...typedOperations(user, field.place, value));
    else if (value !== null) set(pathOf(field.place), value, isAs(field, plainValue(user, field.place), value));
    else if (plainValue(user, field.place) !== null) operations.push({ op: 'remove', path: pathOf(field.place) });
    if (name === 'email' && value !== null) operations.push(...mailOperations(user, value));
  }
  const { managerId, externalId } = change;
  if (managerId === null && managerIdOf(user) !== null) operations.push({ op: 'remove', path: pathOf(managerPlace) });
  else if (typeof managerId === 'string')
    set(pathOf(managerPlace), { value: managerId }, managerIdOf(user) === managerId);
  if (externalId !== undefined) set('externalId', externalId, own(user, 'externalId') === externalId);
  return operations;
}

/** Days are the same at any time of the day. */
const isAs = ({ format }: ScimField, has: string | null, value: string): boolean =>
  format === 'day' ? has !== null && dayOfScimDate(has) === dayOfScimDate(value) : has === value;

function pathOf({ extension, name, part }: Plain): string {
  const path = part === undefined ? name : `${name}.${part}`;
  return extension === undefined ? path : `${schemaUrns[extension]}:${path}`;
}

/** Into the entry of the type where there is one; else an entry of its own, for not every service makes one for a path that finds none. */
function typedOperations(user: JsonObject, { list, type, key }: Typed, value: string | null): readonly ScimOperation[] {
  const entry = entryOf(user, list, type);
  const path = `${list}[type eq "${type}"]`;
  if (value === null) {
    if (entry === undefined || textIn(own(entry, key)) === null) return [];
    const isAlone = Object.keys(entry).every((name) => ['type', 'primary', 'display', key].includes(name));
    return [{ op: 'remove', path: isAlone ? path : `${path}.${key}` }];
  }
  if (entry === undefined) return [{ op: 'add', path: list, value: [{ type, [key]: value }] }];
  return textIn(own(entry, key)) === value ? [] : [{ op: 'replace', path: `${path}.${key}`, value }];
}

/** The address stands among the mails too; it decides nothing there, and should not be an old one. */
function mailOperations(user: JsonObject, value: string): readonly ScimOperation[] {
  const entry = entryOf(user, 'emails', 'work');
  if (entry !== undefined) {
    return own(entry, 'value') === value ? [] : [{ op: 'replace', path: 'emails[type eq "work"].value', value }];
  }
  return entriesOf(user, 'emails').length > 0 ? [] : [{ op: 'add', path: 'emails', value: [workMail(value)] }];
}

/** Fields that were sent and that the user shows otherwise. */
export function notTaken(user: JsonObject, change: RoadChange): readonly ManagedField[] {
  const shown = fieldsOf(user);
  const others = fields.flatMap(([name, field]) => {
    const wanted = change.fields[name];
    if (wanted === undefined || field.place.at === 'manager') return [];
    return sameValue(name, shown[name] ?? null, wanted) ? [] : [name];
  });
  const { managerId } = change;
  return managerId === undefined || managerIdOf(user) === managerId ? others : [...others, 'manager_email'];
}

const sameValue = (name: ManagedField, shown: string | null, wanted: string | null): boolean =>
  name === 'email' ? shown?.toLowerCase() === wanted?.toLowerCase() : (shown ?? '') === (wanted ?? '');
