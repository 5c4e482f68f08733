import type { Attribute } from './attributes.ts';
import { coerce, coerceOwnExtension, coerceOwnValue, mergeParts } from './coerce.ts';
import { type Draft, get, isSet, put, putOwn, type Slot, setOf, slotOf } from './draft.ts';
import { refused, ScimError } from './errors.ts';
import { isObject, isUnsafeName, type Json, type JsonObject, own, sameJson } from './json.ts';
import { type Path, parsePath } from './path.ts';
import type { Profile } from './profile.ts';
import { attributeOf, isExtension, partOf } from './schema.ts';
import { type Change, listAfter, type Target, type Verb, wanted } from './write-list.ts';
import { writeSet } from './write-set.ts';

/**
 * Writes what stands under names in a message without a path, or in a body: plain, dotted and URN names, and objects of extensions.
 * @param readOnly what happens to names that only the service sets: they are left out, or refused when they would change
 * @throws ScimError 400
 */
export function writeNames(
  draft: Draft,
  verb: Verb,
  given: JsonObject,
  profile: Profile,
  readOnly: 'skip' | 'refuse',
): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name.toLowerCase() === 'schemas') continue;
    const path = pathOfName(name, profile);
    if (!path || isUnknownName(draft, path)) continue;
    if (isLeftOut(draft, path, value, readOnly)) continue;
    writePath(draft, path, { verb, value }, profile);
  }
}

/** A name that no path can be is one of an attribute that we do not know. */
function pathOfName(name: string, profile: Profile): Path | undefined {
  try {
    return parsePath(name);
  } catch (error) {
    const isUnsafe = name.split('.').some((word) => isUnsafeName(word.slice(word.lastIndexOf(':') + 1)));
    if (!(error instanceof ScimError) || !profile.lenient || isUnsafe) throw error;
    return undefined;
  }
}

const isUnknownName = ({ type }: Draft, { schema, attribute, part }: Path): boolean => {
  if (attribute === '' || (schema !== undefined && schema !== type.schema.id && !isExtension(type, schema)))
    return false;
  const found = attributeOf(type, attribute, schema);
  return !found || (part !== undefined && !partOf(found, part));
};

function isLeftOut(draft: Draft, path: Path, value: Json, readOnly: 'skip' | 'refuse'): boolean {
  const attribute = path.attribute === '' ? undefined : attributeOf(draft.type, path.attribute, path.schema);
  if (attribute?.mutability !== 'readOnly') return false;
  return readOnly === 'skip' || sameJson(value, own(draft.values, attribute.name));
}

/**
 * Writes one change at a path.
 * @throws ScimError 400 with the word for what is wrong
 */
export function writePath(draft: Draft, path: Path, change: Change, profile: Profile): void {
  const { type } = draft;
  if (path.attribute === '') writeSchema(draft, path.schema ?? type.schema.id, change, profile);
  else if (path.schema !== undefined && path.schema !== type.schema.id && !isExtension(type, path.schema)) {
    writeOwnName(draft, path, path.schema, change, profile);
  } else writeAttribute(draft, path, change, profile);
}

function writeAttribute(draft: Draft, path: Path, change: Change, profile: Profile): void {
  const slot = slotOf(draft.type, path.attribute, path.schema);
  if (!slot) throw refused('invalidPath', `There is no attribute ${path.attribute}`);
  if (slot.attribute.name === 'schemas' || slot.attribute.mutability === 'writeOnly') return;
  if (slot.attribute.mutability === 'readOnly') throw readOnlyError(slot.attribute);
  writeSlot(draft, slot, path, change, profile);
}

const readOnlyError = ({ name }: Attribute) => refused('mutability', `Only the service sets ${name}`);

/** All values of a schema at once. */
function writeSchema(draft: Draft, schema: string, { verb, value }: Change, profile: Profile): void {
  const isCore = schema === draft.type.schema.id;
  const isRemoved = verb === 'remove' || value === null;
  if (isCore && isRemoved) throw refused('invalidPath', 'The core schema is not removed');
  if (isRemoved) delete draft.values[schema];
  else if (isCore || isExtension(draft.type, schema)) {
    if (!isObject(value)) throw refused('invalidValue', 'A schema holds an object');
    const named = Object.entries(value).map(([name, one]) => [`${schema}:${name}`, one] as const);
    writeNames(draft, verb, Object.fromEntries(named), profile, 'skip');
  } else {
    for (const [name, one] of Object.entries(ownExtension(value, profile))) putOwn(draft, schema, name, one);
  }
}

function ownExtension(value: Json | undefined, profile: Profile): JsonObject {
  return profile.lenient && value !== undefined ? coerceOwnExtension(value) : {};
}

/** A value of a schema that the client brings along: kept by a lenient profile. */
function writeOwnName(draft: Draft, path: Path, schema: string, { verb, value }: Change, profile: Profile): void {
  if (!profile.lenient || path.where || path.part !== undefined)
    throw refused('invalidPath', 'There is no such schema');
  putOwn(draft, schema, path.attribute, verb === 'remove' ? undefined : coerceOwnValue(value ?? null));
}

function writeSlot(draft: Draft, slot: Slot, { where, part: partName }: Path, change: Change, profile: Profile): void {
  const { attribute } = slot;
  const part = partName === undefined ? undefined : partOf(attribute, partName);
  if (partName !== undefined && !part) {
    throw refused('invalidPath', `There is no attribute ${attribute.name}.${partName}`);
  }
  if (part?.mutability === 'readOnly') throw readOnlyError(part);
  if (where && !attribute.multiValued) throw refused('invalidPath', `${attribute.name} has one value`);
  const target: Target = { attribute, where, part };
  if (isSet(slot)) writeSet(setOf(draft, attribute), target, change, profile);
  else if (attribute.multiValued) put(draft, slot, listAfter(elementsOf(draft, slot), target, change, profile));
  else if (part) writeParts(draft, slot, { ...change, value: { [part.name]: wanted(change) } }, profile);
  else if (change.verb === 'remove') put(draft, slot, undefined);
  else if (attribute.type === 'complex') writeParts(draft, slot, change, profile);
  else put(draft, slot, coerce(attribute, change.value, profile));
}

/** Parts that are not given stay. */
function writeParts(draft: Draft, slot: Slot, { value }: Change, profile: Profile): void {
  const there = get(draft, slot);
  const given = Array.isArray(value) && profile.lenient && value.length <= 1 ? value[0] : value;
  const merged =
    given === undefined || given === null
      ? undefined
      : mergeParts(slot.attribute, isObject(there) ? there : {}, given as Json, profile);
  put(draft, slot, merged);
}

const elementsOf = (draft: Draft, slot: Slot): readonly Json[] => {
  const there = get(draft, slot);
  return Array.isArray(there) ? (there as readonly Json[]) : [];
};
