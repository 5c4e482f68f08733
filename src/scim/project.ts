import { isObject, type Json, type JsonObject, own, type ScimResource } from './json.ts';
import type { ListQuery } from './list.ts';
import { type Path, parsePath } from './path.ts';
import { attributeOf, isExtension, partOf, type ResourceType } from './schema.ts';

/**
 * Leaves of a resource what `attributes` or `excludedAttributes` ask for. `id` and `schemas` always stay, a password never does; of both
 * lists `attributes` counts. Names that no schema has mean nothing.
 * @throws ScimError 400 `invalidPath` for a name that cannot be one
 */
export function projection(
  type: ResourceType,
  { attributes, excludedAttributes }: Pick<ListQuery, 'attributes' | 'excludedAttributes'>,
): (resource: ScimResource) => ScimResource {
  if (attributes) {
    const places = attributes.map(parsePath).map((path) => placeOf(type, path));
    return (resource) => only(resource, places);
  }
  const places = (excludedAttributes ?? []).map(parsePath).map((path) => placeOf(type, path));
  const excluded = places.filter(([name, ...rest]) => rest.length > 0 || !always.has(name));
  return excluded.length === 0 ? (resource) => resource : (resource) => excluded.reduce(without, resource);
}

const always: ReadonlySet<string> = new Set(['schemas', 'id']);

/** Names from the outside in, in the spelling of the schema: `['name', 'givenName']`, `['urn:…', 'manager']`. */
type Place = readonly [string, ...string[]];

function placeOf(type: ResourceType, { schema, attribute, part }: Path): Place {
  if (schema !== undefined && schema !== type.schema.id) {
    const found = isExtension(type, schema) ? attributeOf(type, attribute, schema) : undefined;
    const inner = attribute === '' ? [] : [found?.name ?? attribute];
    return [schema, ...inner, ...(part === undefined || !found ? [] : [partOf(found, part)?.name ?? part])];
  }
  const found = attributeOf(type, attribute);
  return [found?.name ?? attribute, ...(part === undefined ? [] : [(found && partOf(found, part)?.name) ?? part])];
}

function only(resource: ScimResource, places: readonly Place[]): ScimResource {
  let left: JsonObject = {};
  for (const name of always) {
    const value = own(resource, name);
    if (value !== undefined) left = { ...left, [name]: value };
  }
  for (const place of places) {
    const found = pick(resource, place);
    if (isObject(found)) left = joined(left, found);
  }
  return left;
}

/** What stands at a place, with the names around it. */
function pick(value: Json, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return value;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((element) => pick(element, [name, ...rest]) ?? {});
  }
  const inner = isObject(value) ? own(value, name) : undefined;
  const found = inner === undefined ? undefined : pick(inner, rest);
  return found === undefined ? undefined : { [name]: found };
}

/** Two pieces of one resource laid together. */
function joined(a: JsonObject, b: JsonObject): JsonObject {
  const all: Record<string, Json | undefined> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const there = own(all, name);
    if (isObject(there) && isObject(value)) all[name] = joined(there, value);
    else if (Array.isArray(there) && Array.isArray(value)) all[name] = joinedLists(there, value);
    else all[name] = value;
  }
  return all;
}

const joinedLists = (a: readonly Json[], b: readonly Json[]): Json[] =>
  a.map((element, index) => {
    const other = b[index];
    return isObject(element) && isObject(other) ? joined(element, other) : element;
  });

function without(value: JsonObject, [name, ...rest]: readonly string[]): JsonObject {
  const inner = name === undefined ? undefined : own(value, name);
  if (name === undefined || inner === undefined) return value;
  if (rest.length === 0) {
    const { [name]: _, ...left } = value;
    return left;
  }
  if (Array.isArray(inner)) {
    return { ...value, [name]: inner.map((element) => (isObject(element) ? without(element, rest) : element)) };
  }
  return isObject(inner) ? { ...value, [name]: without(inner, rest) } : value;
}
