import { ForeknowError } from '../../errors/errors.ts';
import { sleep as realSleep } from '../../lib/sleep.ts';
import { ScimError } from '../../scim/errors.ts';
import type { JsonObject } from '../../scim/json.ts';
import { applyPatch } from '../../scim/patch.ts';
import { printEquality } from '../../scim/print-filter.ts';
import { profiles } from '../../scim/profile.ts';
import { userType } from '../../scim/schema.ts';
import { messageUrns } from '../../scim/urns.ts';
import {
  createScimAsk,
  pathOf,
  type ScimAsk,
  type ScimCallOptions,
  type ScimClientOptions,
  scimRefusalOf,
} from './ask.ts';
import { type Change, changeActive, createChange, type ScimOperation } from './change.ts';
import { createOnce, type ScimCreated } from './create.ts';
import { type ScimDiscovery, scimDiscovery } from './discovery.ts';
import { readList, type ScimListOptions, type ScimListRead } from './list.ts';
import { createLookup, type Lookup, type ScimName } from './lookup.ts';
import { createChangeMembers, type MemberChange, type RefusedMember } from './members.ts';
import { listOf, memberIdsOf, type ScimRecord } from './resource.ts';

type Own<Name extends string> = { readonly externalId: string } | { readonly [Key in Name]: string };

/** People of the store behind the service. */
export type ScimUsers = {
  /** @returns null where there is none */
  get(id: string, options?: ScimCallOptions): Promise<ScimRecord | null>;
  /**
   * Whoever has the name, whatever the letter case; what the service shows besides is left out.
   * @throws ForeknowError `remote_invalid` where it shows others only: then nobody knows whether there is one
   */
  find(by: Own<'userName'>, options?: ScimCallOptions): Promise<readonly ScimRecord[]>;
  list(options?: ScimListOptions): ScimListRead;
  /** Creates a user once, see `createOnce`. `userName` is needed, `externalId` wanted. */
  create(user: JsonObject, options?: ScimCallOptions): Promise<ScimCreated>;
  /** Changes attributes and keeps all others: by PATCH, where the service takes none by PUT of what is there with the changes. */
  change(id: string, operations: readonly ScimOperation[], options?: ScimCallOptions): Promise<ScimRecord>;
  /** Puts the whole user: what it does not hold is lost. */
  replace(id: string, user: JsonObject, options?: ScimCallOptions): Promise<ScimRecord>;
  setActive(id: string, active: boolean, options?: ScimCallOptions): Promise<ScimRecord>;
};

export type ScimGroups = {
  get(id: string, options?: ScimCallOptions): Promise<ScimRecord | null>;
  find(by: Own<'displayName'>, options?: ScimCallOptions): Promise<readonly ScimRecord[]>;
  list(options?: ScimListOptions): ScimListRead;
  /** Creates a group without members once. */
  create(group: JsonObject, options?: ScimCallOptions): Promise<ScimCreated>;
  /** By PATCH alone: a PUT without all members would empty the group. */
  change(id: string, operations: readonly ScimOperation[], options?: ScimCallOptions): Promise<ScimRecord>;
  /** Members by difference, in batches. @returns those that could not be added or removed */
  changeMembers(
    id: string,
    change: MemberChange,
    options?: ScimCallOptions,
  ): Promise<{ readonly refused: readonly RefusedMember[] }>;
  /** Asks for one membership: lists of members are often cut. Three requests where there is none. */
  hasMember(id: string, userId: string, options?: ScimCallOptions): Promise<boolean>;
};

/** SCIM 2.0 (RFC 7643, RFC 7644) of one account and one token. */
export type ScimClient = { readonly users: ScimUsers; readonly groups: ScimGroups; readonly discovery: ScimDiscovery };

/**
 * @throws ForeknowError `invalid_request` for options that cannot work; nothing is sent before the first call
 */
export function createScimClient(options: ScimClientOptions): ScimClient {
  const ask = createScimAsk(options);
  return { users: usersOf(ask, options), groups: groupsOf(ask, options), discovery: scimDiscovery(ask) };
}

type World = Pick<ScimClientOptions, 'sleep' | 'random'>;

function usersOf(ask: ScimAsk, { sleep = realSleep, random = Math.random }: World): ScimUsers {
  const endpoint = '/Users';
  const lookup = createLookup(ask, endpoint);
  const { change, replace } = createChange({ ask, lookup, endpoint, applied: changedUser });
  return {
    get: (id, options = {}) => lookup.get(id, options),
    find: (by, options = {}) => lookup.find([nameOf(by)], options),
    list: (options = {}) => readList(ask, endpoint, options),
    create: (user, options = {}) =>
      createOnce({ ask, lookup, endpoint, name: 'userName', sleep, random }, user, options),
    change: (id, operations, options = {}) => change(id, operations, options),
    replace: (id, user, options = {}) => replace(id, user, options),
    setActive: (id, active, options = {}) => changeActive({ lookup, sleep }, change, id, active, options),
  };
}

/** @throws ForeknowError `remote_rejected` where what the service shows cannot be changed so */
function changedUser(user: JsonObject, operations: readonly ScimOperation[]): JsonObject {
  const body = { schemas: [messageUrns.patch], Operations: operations };
  try {
    return applyPatch(userType, user, body, profiles.knowbe4).resource;
  } catch (cause) {
    if (!(cause instanceof ScimError)) throw cause;
    throw new ForeknowError('remote_rejected', {
      detail: `The user that the SCIM service shows cannot be changed so: ${cause.message}.`,
      hint: 'The service takes no PATCH, so the whole user would have to be put.',
      cause,
    });
  }
}

function groupsOf(ask: ScimAsk, { sleep = realSleep, random = Math.random }: World): ScimGroups {
  const endpoint = '/Groups';
  const lookup = createLookup(ask, endpoint);
  const { change }: Change = createChange({ ask, lookup, endpoint, applied: null });
  const changeMembers = createChangeMembers(ask);
  return {
    get: (id, options = {}) => lookup.get(id, options),
    find: (by, options = {}) => lookup.find([nameOf(by)], options),
    list: (options = {}) => readList(ask, endpoint, options),
    create: (group, options = {}) =>
      createOnce({ ask, lookup, endpoint, name: 'displayName', sleep, random }, group, options),
    change: (id, operations, options = {}) => change(id, operations, options),
    changeMembers: (id, members, options = {}) => changeMembers(id, members, options),
    hasMember: (id, userId, options = {}) => hasMember(ask, lookup, id, userId, options),
  };
}

/** As Entra asks, and as the RFC writes it: services know one of them. */
const memberAttributes = ['members', 'members.value'];

/** By a filter; what no filter finds is looked for in what the group shows. */
async function hasMember(
  ask: ScimAsk,
  lookup: Lookup,
  id: string,
  userId: string,
  options: ScimCallOptions,
): Promise<boolean> {
  for (const attribute of memberAttributes) {
    const filter = `${printEquality('id', id)} and ${printEquality(attribute, userId)}`;
    try {
      const query = { filter, excludedAttributes: 'members' };
      const { rows } = listOf(await ask({ path: pathOf('/Groups'), query }, options));
      if (rows.some((row) => row.id === id)) return true;
    } catch (error) {
      if (scimRefusalOf(error)?.status !== 400) throw error;
    }
  }
  const group = await lookup.get(id, options);
  return group !== null && (memberIdsOf(group) ?? []).includes(userId);
}

function nameOf(by: Own<'userName'> | Own<'displayName'>): ScimName {
  if ('externalId' in by) return { attribute: 'externalId', value: by.externalId };
  return 'userName' in by
    ? { attribute: 'userName', value: by.userName }
    : { attribute: 'displayName', value: by.displayName };
}
