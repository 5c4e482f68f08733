import type { AttributeValue, SourcePerson } from '../model/source-person.ts';
import { isObject, type Json, type JsonObject, own, type ScimResource } from '../scim/json.ts';
import { schemaUrns } from '../scim/urns.ts';
import type { ScimInObject, ScimInStore } from './scim-in-ports.ts';
import type { Source } from './source.ts';

const CHUNK = 500;
const SAMPLE = 5;

type Store = Pick<ScimInStore, 'walkScimInUsers' | 'scimInGroups' | 'scimInObjects' | 'countScimInObjects'>;

/**
 * The people that an identity provider has pushed. Nothing says that they are all: who was never pushed is not absent. Who is `active: false` or was
 * deleted is shown as one who has left.
 */
export function scimInSource({ name, store }: { readonly name: string; readonly store: Store }): Source {
  return {
    name,
    kind: 'scim-in',
    async read({ keep, signal }) {
      return {
        people: peopleOf(store, name, keep, signal),
        done: async () => ({ state: 'unproven', words: 'What was pushed is known; whoever was not is not absent.' }),
      };
    },
    async test() {
      const count = await store.countScimInObjects(name, 'User');
      const sample = await shown(store, name, await store.walkScimInUsers(name, null, SAMPLE), null);
      const names = [...new Set(sample.flatMap(({ attributes }) => Object.keys(attributes)))].sort();
      const words = count === 0 ? ['Nobody was pushed yet.'] : [`${count} people were pushed.`, names.join(', ')];
      return { ok: true, words, sample };
    },
  };
}

async function* peopleOf(
  store: Store,
  source: string,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<SourcePerson> {
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted();
    const users: readonly ScimInObject[] = await store.walkScimInUsers(source, after, CHUNK);
    yield* await shown(store, source, users, keep);
    if (users.length < CHUNK) return;
    after = users.at(-1)!.id;
  }
}

/** @param keep null = everything */
async function shown(
  store: Store,
  source: string,
  users: readonly ScimInObject[],
  keep: ReadonlySet<string> | null,
): Promise<readonly SourcePerson[]> {
  const ids = users.map(({ id }) => id);
  const groups = Map.groupBy(await store.scimInGroups(source, ids), ({ memberId }) => memberId);
  const managerIds = new Set(users.flatMap(({ body }) => managerOf(body) ?? []));
  const managers = new Map(
    (await store.scimInObjects(source, 'User', [...managerIds])).map((manager) => [manager.id, manager.body]),
  );
  return users.map(({ id, body, deletedAt }) => ({
    sourceId: id,
    attributes: kept(attributesOf(body, managers), keep),
    groups: (groups.get(id) ?? []).map(({ displayName }) => displayName),
    active: deletedAt === null && own(body, 'active') !== false,
  }));
}

type Attributes = Record<string, AttributeValue>;

const kept = (attributes: Attributes, keep: ReadonlySet<string> | null): Attributes =>
  keep === null ? attributes : Object.fromEntries(Object.entries(attributes).filter(([name]) => keep.has(name)));

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string'
    ? value || null
    : typeof value === 'number' || typeof value === 'boolean'
      ? `${value}`
      : null;

/** Attributes of the core that keep their meaning, by our name. */
const ofCore: Readonly<Record<string, string>> = {
  user_name: 'userName',
  external_id: 'externalId',
  display_name: 'displayName',
  nick_name: 'nickName',
  job_title: 'title',
  user_type: 'userType',
  language: 'preferredLanguage',
  locale: 'locale',
  time_zone: 'timezone',
};
const ofName: Readonly<Record<string, string>> = {
  first_name: 'givenName',
  last_name: 'familyName',
  middle_name: 'middleName',
  full_name: 'formatted',
};
const ofEnterprise: Readonly<Record<string, string>> = {
  employee_number: 'employeeNumber',
  cost_center: 'costCenter',
  organization: 'organization',
  division: 'division',
  department: 'department',
};
const ofKnowbe4: Readonly<Record<string, string>> = {
  custom_field_1: 'customField1',
  custom_field_2: 'customField2',
  custom_field_3: 'customField3',
  custom_field_4: 'customField4',
  phishing_language: 'phishingLanguage',
  training_language: 'trainingLanguage',
  user_role: 'userRole',
  host_name: 'hostname',
  company_name: 'companyName',
  mail_nick_name: 'mailNickName',
  sam_account_name: 'onPremisesSamAccountName',
  security_identifier: 'onPremisesSecurityIdentifier',
  user_principal_name: 'userPrincipalName',
};
const daysOfKnowbe4: Readonly<Record<string, string>> = { custom_date_1: 'customDate1', custom_date_2: 'customDate2' };

const part = (user: ScimResource, name: string): JsonObject => {
  const value = own(user, name);
  return isObject(value) ? value : {};
};

/** The attributes of a person by our names; what the provider does not say is left out. */
function attributesOf(user: ScimResource, managers: ReadonlyMap<string, ScimResource>): Attributes {
  const knowbe4 = part(user, schemaUrns.knowbe4);
  const all: Record<string, AttributeValue> = {
    ...named(user, ofCore),
    ...named(part(user, 'name'), ofName),
    ...named(part(user, schemaUrns.enterprise), ofEnterprise),
    ...named(knowbe4, ofKnowbe4),
    email: mailOf(user),
    emails: valuesOf(user, 'emails'),
    phone_number: valueOfType(user, 'phoneNumbers', 'work'),
    mobile_phone_number: valueOfType(user, 'phoneNumbers', 'mobile'),
    roles: valuesOf(user, 'roles'),
    entitlements: valuesOf(user, 'entitlements'),
    ...addressOf(user, knowbe4),
    ...managerAttributes(user, managers),
  };
  for (const [name, theirs] of Object.entries(daysOfKnowbe4)) {
    all[name] = textOf(own(knowbe4, theirs))?.slice(0, 10) ?? null;
  }
  return { ...said(ownAttributes(user)), ...said(all) };
}

const said = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value.length > 0));

const named = (object: JsonObject, names: Readonly<Record<string, string>>): Attributes =>
  Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, textOf(own(object, theirs))]));

const entries = (user: ScimResource, name: string): readonly JsonObject[] => {
  const list = own(user, name);
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
};

const valuesOf = (user: ScimResource, name: string): readonly string[] =>
  entries(user, name).flatMap(({ value }) => textOf(value) ?? []);

const valueOfType = (user: ScimResource, name: string, type: string): string | null =>
  textOf(entries(user, name).find((one) => textOf(one.type)?.toLowerCase() === type)?.value);

/** The primary address, else the one for work, else the first, else a user name that is one. */
function mailOf(user: ScimResource): string | null {
  const mails = entries(user, 'emails');
  const primary = textOf(mails.find((one) => one.primary === true)?.value);
  const userName = textOf(own(user, 'userName'));
  return (
    primary ??
    valueOfType(user, 'emails', 'work') ??
    textOf(mails[0]?.value) ??
    (userName?.includes('@') ? userName : null)
  );
}

function addressOf(user: ScimResource, knowbe4: JsonObject): Attributes {
  const all = entries(user, 'addresses');
  const work = all.find((one) => textOf(one.type)?.toLowerCase() === 'work') ?? all[0] ?? {};
  return {
    location: textOf(work.formatted) ?? textOf(work.locality),
    street: textOf(work.streetAddress),
    city: textOf(work.locality),
    region: textOf(work.region),
    postal_code: textOf(work.postalCode),
    country: textOf(work.country) ?? textOf(own(knowbe4, 'country')),
  };
}

const managerOf = (user: ScimResource): string | null =>
  textOf(own(part(part(user, schemaUrns.enterprise), 'manager'), 'value'));

/** The manager as the provider's own people know them; some send an address in place of the id. */
function managerAttributes(user: ScimResource, managers: ReadonlyMap<string, ScimResource>): Attributes {
  const id = managerOf(user);
  const manager = id === null ? undefined : managers.get(id);
  if (id === null || !manager) return { manager_id: id, manager_email: id?.includes('@') ? id : null };
  const { first_name: first, last_name: last, full_name: full } = named(part(manager, 'name'), ofName);
  const parts = [first, last].filter((one) => typeof one === 'string').join(' ');
  return {
    manager_id: id,
    manager_email: mailOf(manager),
    manager_name: parts || full || textOf(own(manager, 'displayName')),
  };
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const known = new Set<string>([schemaUrns.user, schemaUrns.enterprise, schemaUrns.knowbe4]);

/** What a provider keeps under schemas of its own, by its names; ours go before. */
function ownAttributes(user: ScimResource): Attributes {
  const found: Record<string, AttributeValue> = {};
  for (const [schema, values] of Object.entries(user)) {
    if (!schema.includes(':') || known.has(schema) || !isObject(values)) continue;
    for (const [name, value] of Object.entries(values)) {
      if (!NAME.test(name)) continue;
      found[name] = Array.isArray(value)
        ? (value as readonly Json[]).flatMap((one) => textOf(one) ?? [])
        : textOf(value);
    }
  }
  return found;
}
