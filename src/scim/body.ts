import { draftOf, finish, missing } from './draft.ts';
import { refused } from './errors.ts';
import { isObject, type Json, own, type ScimResource } from './json.ts';
import type { Profile } from './profile.ts';
import type { ResourceType } from './schema.ts';
import { writeNames } from './write.ts';

/**
 * Reads the body of a POST: names in the spelling of the schema, values of its types, nothing that only the service sets, no password.
 * `id` and `meta` are for the caller to add.
 * @throws ScimError 400
 */
export function readBody(type: ResourceType, body: unknown, profile: Profile): ScimResource {
  const draft = draftOf(type, {});
  writeNames(draft, 'add', requireBody(type, body, profile), profile, 'skip');
  requireRequired(missing(draft).map(({ name }) => name));
  return finish(draft).resource;
}

/**
 * Reads the body of a PUT over what is there. What only the service sets stays. So do members and `active` that are not said at all: the RFC
 * lets a server choose, and who says nothing of them has not asked for an empty group, nor for somebody to be back.
 * @throws ScimError 400
 */
export function replaceBody(
  type: ResourceType,
  current: ScimResource,
  body: unknown,
  profile: Profile,
): { resource: ScimResource; changed: boolean } {
  const given = requireBody(type, body, profile);
  const said = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const draft = draftOf(type, current);
  for (const name of Object.keys(draft.values)) {
    const stays = kept.has(name) || (keptUnlessSaid.has(name) && !said.has(name));
    if (!stays) delete draft.values[name];
  }
  writeNames(draft, 'replace', given, profile, 'skip');
  requireRequired(missing(draft).map(({ name }) => name));
  return finish(draft);
}

const kept = new Set(['id', 'meta', 'schemas', 'groups']);
const keptUnlessSaid = new Set(['members', 'active']);

function requireBody(type: ResourceType, body: unknown, profile: Profile) {
  if (!isObject(body)) throw refused('invalidSyntax', 'The body is an object');
  const schemas = own(body, 'schemas');
  const isNamed = Array.isArray(schemas) && (schemas as readonly Json[]).includes(type.schema.id);
  if (!isNamed && !profile.lenient) throw refused('invalidSyntax', `"schemas" names ${type.schema.id}`);
  return body;
}

function requireRequired(names: readonly string[]): void {
  if (names.length > 0) throw refused('invalidValue', `${names.join(', ')} is required`);
}
