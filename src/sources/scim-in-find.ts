import type { Filter } from '../scim/filter.ts';
import type { Json, ScimResource } from '../scim/json.ts';
import type { ListQuery } from '../scim/list.ts';
import { compileFilter, equalityOf } from '../scim/match-filter.ts';
import type { Profile } from '../scim/profile.ts';
import { groupType, type ResourceName, type ResourceType, userType } from '../scim/schema.ts';
import type { ScimInKey, ScimInObject, ScimInStore } from './scim-in-ports.ts';

export const typeOf = (kind: ResourceName): ResourceType => (kind === 'User' ? userType : groupType);

export type Where = {
  readonly source: string;
  readonly profile: Profile;
  readonly kind: ResourceName;
  /** The address before `/Users`. */
  readonly base: string;
};

/** How many objects a filter that no index helps looks at in one go. */
const CHUNK = 500;

/**
 * Finds what a list is asked for.
 * @returns one page, and how many there are on all of them
 */
export async function findObjects(
  store: ScimInStore,
  where: Where,
  query: ListQuery,
): Promise<{ readonly total: number; readonly resources: readonly ScimResource[] }> {
  const { source, kind } = where;
  const { startIndex, count, filter } = query;
  const shows = wantsReferences(query);
  if (!filter) {
    const total = await store.countScimInObjects(source, kind);
    const page =
      count === 0 ? [] : await store.listScimInObjects(source, kind, { offset: startIndex - 1, limit: count });
    return { total, resources: await resourcesOf(store, where, page, shows) };
  }
  const matches = compileFilter(typeOf(kind), filter, where.profile);
  const needs = mentions(filter, referencesOf[kind]);
  let total = 0;
  const found: ScimInObject[] = [];
  for await (const objects of candidates(store, where, filter)) {
    const resources = await resourcesOf(store, where, objects, needs);
    for (const [index, resource] of resources.entries()) {
      if (!matches(resource)) continue;
      total += 1;
      if (total >= startIndex && found.length < count) found.push(objects[index]!);
    }
  }
  return { total, resources: await resourcesOf(store, where, found, shows) };
}

const referencesOf: Readonly<Record<ResourceName, string>> = { User: 'groups', Group: 'members' };

/** What may fulfil a filter: what an index finds where the filter demands an id or a name, else everything, in portions. */
async function* candidates(
  store: ScimInStore,
  { source, kind }: Where,
  filter: Filter,
): AsyncGenerator<readonly ScimInObject[]> {
  const id = equalityOf(filter, 'id');
  if (id !== undefined) {
    const object = await store.getScimInObject(source, kind, id);
    yield object === null || object.deletedAt !== null ? [] : [object];
    return;
  }
  for (const key of keysOf[kind]) {
    const value = equalityOf(filter, key);
    if (value === undefined) continue;
    yield await store.findScimInObjects(source, kind, key, value.toLowerCase());
    return;
  }
  for (let offset = 0; ; offset += CHUNK) {
    const objects = await store.listScimInObjects(source, kind, { offset, limit: CHUNK });
    yield objects;
    if (objects.length < CHUNK) return;
  }
}

const keysOf: Readonly<Record<ResourceName, readonly ScimInKey[]>> = {
  User: ['userName', 'externalId'],
  Group: ['displayName', 'externalId'],
};

function mentions(filter: Filter, name: string): boolean {
  if ('filters' in filter) return filter.filters.some((one) => mentions(one, name));
  if ('filter' in filter) return mentions(filter.filter, name);
  return filter.path.attribute.toLowerCase() === name;
}

/** Whether members, or groups, are shown: a group may have thousands, so nobody reads them for nothing. */
export function wantsReferences({
  attributes,
  excludedAttributes,
}: Pick<ListQuery, 'attributes' | 'excludedAttributes'>): boolean {
  const names = (list: readonly string[]) => list.map((name) => name.toLowerCase().split(':').at(-1)!.split('.')[0]!);
  const isReference = (name: string) => name === 'members' || name === 'groups';
  if (attributes) return names(attributes).some(isReference);
  return !(excludedAttributes ?? []).some((name) => isReference(name.toLowerCase().split(':').at(-1)!));
}

/** Objects as they are answered, in their order. */
export async function resourcesOf(
  store: ScimInStore,
  { source, kind, base }: Where,
  objects: readonly ScimInObject[],
  withReferences: boolean,
): Promise<readonly ScimResource[]> {
  const ids = objects.map(({ id }) => id);
  const references = new Map<string, Json[]>();
  const add = (id: string, one: Json) => references.set(id, [...(references.get(id) ?? []), one]);
  if (withReferences && ids.length > 0 && kind === 'User') {
    for (const { memberId, groupId, displayName } of await store.scimInGroups(source, ids)) {
      add(memberId, { value: groupId, $ref: `${base}/Groups/${groupId}`, display: displayName, type: 'direct' });
    }
  }
  if (withReferences && ids.length > 0 && kind === 'Group') {
    const members = Map.groupBy(await store.scimInMembers(source, ids), ({ groupId }) => groupId);
    for (const [groupId, list] of members) {
      references.set(
        groupId,
        list.map(({ memberId, type }) => ({ value: memberId, ...(type !== null && { type }) })),
      );
    }
  }
  return objects.map((object) => {
    const list = references.get(object.id);
    return { ...headOf(object, base), ...(list && { [referencesOf[kind]]: list }) };
  });
}

const headOf = ({ body, id, kind, createdAt, changedAt, version }: ScimInObject, base: string): ScimResource => ({
  ...body,
  id,
  meta: {
    resourceType: kind,
    created: createdAt,
    lastModified: changedAt,
    location: `${base}${typeOf(kind).endpoint}/${id}`,
    version: etagOf(version),
  },
});

export const etagOf = (version: number): string => `W/"${version}"`;
