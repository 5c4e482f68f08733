import { draftOf, finish, missing } from './draft.ts';
import { refused } from './errors.ts';
import { isObject, type Json, type JsonObject, own, type ScimResource } from './json.ts';
import { parsePath } from './path.ts';
import type { Profile } from './profile.ts';
import type { ResourceType } from './schema.ts';
import { messageUrns } from './urns.ts';
import { writeNames, writePath } from './write.ts';
import type { Verb } from './write-list.ts';

const MOST_OPERATIONS = 1_000;

/**
 * Changes a resource as a PATCH says (RFC 7644 section 3.5.2), as a whole or not at all; what was given stays as it is.
 * @returns the new resource, and whether anything is different
 * @throws ScimError 400
 */
export function applyPatch(
  type: ResourceType,
  resource: ScimResource,
  body: unknown,
  profile: Profile,
): { resource: ScimResource; changed: boolean } {
  const draft = draftOf(type, resource);
  for (const operation of readOperations(body, profile)) {
    const { verb, path, value } = operation;
    if (path !== undefined)
      writePath(draft, parsePath(path), { verb, ...('value' in operation && { value }) }, profile);
    else writeNames(draft, verb, requireNames(verb, value), profile, profile.lenient ? 'skip' : 'refuse');
  }
  const [gone] = missing(draft);
  if (gone) throw refused('mutability', `${gone.name} is required`);
  return finish(draft);
}

type Operation = { readonly verb: Verb; readonly path?: string; readonly value?: Json };

function readOperations(body: unknown, profile: Profile): readonly Operation[] {
  if (!isObject(body)) throw refused('invalidSyntax', 'The body is an object');
  const schemas = own(body, 'schemas');
  const isNamed = Array.isArray(schemas) && (schemas as readonly Json[]).includes(messageUrns.patch);
  if (!isNamed && !profile.lenient) throw refused('invalidSyntax', `"schemas" names ${messageUrns.patch}`);
  const operations = ofName(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw refused('invalidSyntax', '"Operations" is a list of at least one operation');
  }
  if (operations.length > MOST_OPERATIONS) throw refused('tooMany', `At most ${MOST_OPERATIONS} operations at once`);
  return (operations as readonly Json[]).map(readOperation);
}

function readOperation(given: Json): Operation {
  if (!isObject(given)) throw refused('invalidSyntax', 'An operation is an object');
  const op = ofName(given, 'op');
  const verb = verbs.find((known) => typeof op === 'string' && known === op.toLowerCase());
  if (!verb) throw refused('invalidSyntax', '"op" is add, replace or remove');
  const path = ofName(given, 'path') ?? undefined;
  if (path !== undefined && typeof path !== 'string') throw refused('invalidPath', '"path" is a text');
  const value = ofName(given, 'value');
  if (value === undefined && verb !== 'remove') throw refused('invalidValue', `"${verb}" has a value`);
  return {
    verb,
    ...(path !== undefined && path !== '' && { path }),
    ...(value !== undefined && { value }),
  };
}

const verbs: readonly Verb[] = ['add', 'replace', 'remove'];

function requireNames(verb: Verb, value: Json | undefined): JsonObject {
  if (verb === 'remove') throw refused('noTarget', 'What is removed is named by a path');
  if (!isObject(value)) throw refused('invalidValue', 'Without a path the value is an object');
  return value;
}

/** A member of a message by its name in any letter case: Entra's and others' differ. */
function ofName(message: JsonObject, wanted: string): Json | undefined {
  const name = Object.keys(message).find((key) => key.toLowerCase() === wanted);
  return name === undefined ? undefined : message[name];
}
