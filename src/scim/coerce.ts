import type { Attribute, AttributeType } from './attributes.ts';
import { refused } from './errors.ts';
import { isObject, isUnsafeName, type Json, type JsonObject, own } from './json.ts';
import type { Profile } from './profile.ts';
import { isKeyed, partOf } from './schema.ts';

/** A value as its schema has it; undefined is to have none. What a caller may not set, and what nobody knows, is left out. */
export type Coerced = Json | undefined;

/**
 * Reads what a caller gave for an attribute.
 * @throws ScimError 400 `invalidValue` when it cannot be what the schema says
 */
export function coerce(attribute: Attribute, given: Json | undefined, profile: Profile): Coerced {
  if (given === null || given === undefined) return undefined;
  if (!attribute.multiValued) return coerceOne(attribute, single(attribute, given, profile), profile);
  const elements = coerceElements(attribute, given, profile);
  return elements.length === 0 ? undefined : elements;
}

/** The elements of an attribute with several values; one that was given bare is a list of one. */
export function coerceElements(attribute: Attribute, given: Json | undefined, profile: Profile): Json[] {
  const list = Array.isArray(given) ? (given as readonly Json[]) : [given as Json];
  const elements = list
    .map((element) => coerceOne(attribute, element, profile))
    .filter((element) => element !== undefined);
  if (isKeyed(attribute)) requireValues(attribute, elements, list);
  return onePrimary(elements);
}

/** A reference without its value would be lost in silence, and with it whom a list keeps. */
function requireValues(attribute: Attribute, elements: readonly Json[], list: readonly Json[]): void {
  const whole = elements.length === list.length && elements.every((one) => isObject(one) && own(one, 'value') !== '');
  if (!whole) throw refused('invalidValue', `Each of ${attribute.name} has a value`);
}

/** Entra gives a manager as a list of one. */
function single(attribute: Attribute, given: Json, profile: Profile): Json | undefined {
  if (!Array.isArray(given)) return given;
  if (profile.lenient && given.length <= 1) return given[0] as Json | undefined;
  throw refused('invalidValue', `${attribute.name} has one value`);
}

function coerceOne(attribute: Attribute, given: Json | undefined, profile: Profile): Coerced {
  if (given === null || given === undefined) return undefined;
  if (attribute.type === 'complex') return mergeParts(attribute, {}, given, profile);
  if (typeof given === 'object') {
    const bare = profile.lenient ? bareOf(given) : undefined;
    if (bare === undefined) throw wrong(attribute);
    return simple[attribute.type](bare, profile, attribute);
  }
  return simple[attribute.type](given, profile, attribute);
}

/** In its older way Entra writes a simple value as `{"$ref": null, "value": "Babs"}`. */
function bareOf(given: JsonObject | readonly Json[]): Simple | undefined {
  if (!isObject(given) || Object.keys(given).some((name) => name !== 'value' && name !== '$ref')) return undefined;
  const value = own(given, 'value');
  return value === null || typeof value === 'object' ? undefined : value;
}

/**
 * Lays the parts that were given over those that are there. A part given as null, or an empty reference, goes.
 * @returns undefined when nothing is left that says something
 */
export function mergeParts(
  attribute: Attribute,
  there: JsonObject,
  given: Json,
  profile: Profile,
): JsonObject | undefined {
  const merged: Record<string, Json | undefined> = { ...there };
  for (const [name, value] of Object.entries(asParts(attribute, given, profile))) {
    if (isUnsafeName(name)) throw refused('invalidValue', 'There is no attribute with this name');
    const part = partOf(attribute, name);
    if (!part || part.mutability === 'readOnly') continue;
    const read = coerce(part, value, profile);
    if (read === undefined) delete merged[part.name];
    else merged[part.name] = read;
  }
  // An address belongs to the value that it was given with.
  if (merged.value !== there.value && merged.$ref === there.$ref) delete merged.$ref;
  return isHollow(attribute, merged) ? undefined : merged;
}

/** A bare text, or number, for what has a `value`: `"manager": "U-2"`. */
function asParts(attribute: Attribute, given: Json, profile: Profile): JsonObject {
  if (isObject(given)) return given;
  if (profile.lenient && typeof given !== 'object' && partOf(attribute, 'value')) return { value: given };
  throw wrong(attribute);
}

/** Parts that say something about a value, but are none. */
const asides = new Set(['type', 'primary', 'display', '$ref']);

/** Is nothing said but of what kind it would be? */
function isHollow(attribute: Attribute, parts: JsonObject): boolean {
  const value = own(parts, 'value');
  if (partOf(attribute, 'value')) return value === undefined || value === '';
  return Object.keys(parts).every((name) => asides.has(name));
}

/** Of several that are primary the first stays so. */
function onePrimary(elements: Json[]): Json[] {
  const first = elements.findIndex(isPrimary);
  return first < 0 ? elements : demote(elements, elements[first]!);
}

/** Only `chosen` stays primary. */
export const demote = (elements: readonly Json[], chosen: Json): Json[] =>
  elements.map((element) =>
    element !== chosen && isObject(element) && isPrimary(element) ? { ...element, primary: false } : element,
  );

export const isPrimary = (element: Json): boolean => isObject(element) && own(element, 'primary') === true;

const wrong = (attribute: Attribute) =>
  refused('invalidValue', `${attribute.name} is no ${attribute.type === 'complex' ? 'object' : attribute.type}`);

type Simple = string | number | boolean;
type Read = (given: Simple, profile: Profile, attribute: Attribute) => Coerced;

const readText: Read = (given, profile, attribute) => {
  if (typeof given === 'string') return given;
  if (!profile.lenient) throw wrong(attribute);
  return String(given);
};

const readNumber: Read = (given, profile, attribute) => {
  const isText = typeof given === 'string' && given.trim() !== '' && profile.lenient;
  const number = typeof given === 'number' ? given : isText ? Number(given) : Number.NaN;
  const isRight = attribute.type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!isRight) throw wrong(attribute);
  return number;
};

const readFlag: Read = (given, profile, attribute) => {
  if (typeof given === 'boolean') return given;
  const word = profile.lenient && typeof given === 'string' ? given.trim().toLowerCase() : undefined;
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === '') return undefined;
  throw wrong(attribute);
};

const readInstant: Read = (given, profile, attribute) => {
  if (typeof given !== 'string') throw wrong(attribute);
  if (given === '' && profile.lenient) return undefined;
  const isDated = given.length <= 40 && given[4] === '-' && given[7] === '-' && (profile.lenient || given[10] === 'T');
  if (!isDated || Number.isNaN(Date.parse(given))) throw wrong(attribute);
  return given;
};

const simple: Readonly<Record<Exclude<AttributeType, 'complex'>, Read>> = {
  string: readText,
  reference: readText,
  binary: readText,
  integer: readNumber,
  decimal: readNumber,
  boolean: readFlag,
  dateTime: readInstant,
};

const MOST_OWN_NAMES = 100;

/** What a client keeps under a schema of its own: simple values, and lists of them. */
export function coerceOwnExtension(given: Json): JsonObject {
  if (!isObject(given)) throw refused('invalidValue', 'A schema holds an object');
  const names = Object.keys(given);
  if (names.length > MOST_OWN_NAMES) throw refused('invalidValue', `A schema has at most ${MOST_OWN_NAMES} attributes`);
  const kept: Record<string, Json> = {};
  for (const name of names) {
    if (isUnsafeName(name)) throw refused('invalidValue', 'There is no attribute with this name');
    const value = coerceOwnValue(given[name] as Json);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

export function coerceOwnValue(given: Json): Coerced {
  if (given === null) return undefined;
  if (typeof given !== 'object') return given;
  if (Array.isArray(given) && given.length <= MOST_OWN_NAMES && given.every((one) => typeof one !== 'object'))
    return given;
  throw refused('invalidValue', 'An attribute of a schema of your own is simple, or a list of simple values');
}
