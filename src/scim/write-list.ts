import type { Attribute } from './attributes.ts';
import { coerce, coerceElements, demote, isPrimary, mergeParts } from './coerce.ts';
import { refused, ScimError } from './errors.ts';
import type { Filter } from './filter.ts';
import { isObject, type Json, type JsonObject, own, sameJson } from './json.ts';
import { compileElementFilter } from './match-filter.ts';
import type { Profile } from './profile.ts';
import { partOf } from './schema.ts';

export type Verb = 'add' | 'replace' | 'remove';

/** What is to happen, and with what. `value` is absent where none was given. */
export type Change = { readonly verb: Verb; readonly value?: Json };

/** `emails`, `emails[type eq "work"]`, `emails[type eq "work"].value`, and `emails.value`, which means all of them. */
export type Target = {
  readonly attribute: Attribute;
  readonly where: Filter | undefined;
  readonly part: Attribute | undefined;
};

/** What is given; to be removed is to be null. */
export const wanted = ({ verb, value }: Change): Json => (verb === 'remove' ? null : (value ?? null));

/** An attribute with several values after a change. */
export function listAfter(there: readonly Json[], target: Target, change: Change, profile: Profile): Json | undefined {
  const { attribute, where, part } = target;
  if (where || part) return elementsAfter(there, target, change, profile);
  const { verb, value } = change;
  if (verb === 'replace') return coerce(attribute, value, profile);
  if (verb === 'remove' && (value === undefined || value === null)) return undefined;
  const given = coerceElements(attribute, value, profile);
  return verb === 'remove' ? without(there, given) : given.reduce<readonly Json[]>(withElement, there);
}

/** An element is meant when it has all the parts that are given. */
const without = (there: readonly Json[], given: readonly Json[]): readonly Json[] =>
  there.filter((element) => !given.some((one) => isMeant(element, one)));

const isMeant = (element: Json, given: Json): boolean =>
  isObject(element) && isObject(given)
    ? Object.keys(given).every((name) => sameJson(element[name], given[name]))
    : sameJson(element, given);

/** One element more; one of the same type and value is laid over what is there. */
function withElement(elements: readonly Json[], given: Json): readonly Json[] {
  const at = elements.findIndex((element) => isSameEntry(element, given));
  const there = elements[at];
  const made = isObject(there) && isObject(given) ? { ...there, ...given } : given;
  const list = at < 0 ? [...elements, made] : elements.with(at, made);
  return isPrimary(made) ? demote(list, made) : list;
}

const isSameEntry = (a: Json, b: Json): boolean =>
  isObject(a) && isObject(b) && own(a, 'value') !== undefined
    ? sameJson(a.value, b.value) && sameJson(a.type, b.type)
    : sameJson(a, b);

function elementsAfter(there: readonly Json[], target: Target, change: Change, profile: Profile): readonly Json[] {
  const { attribute, where } = target;
  const matches = where ? elementTest(attribute, where, profile) : () => true;
  if (!there.some((element) => isObject(element) && matches(element))) {
    const made = change.verb === 'remove' ? undefined : synthesised(target, change, profile);
    return made === undefined ? there : withElement(there, made);
  }
  const chosen: Json[] = [];
  const list = there.flatMap((element) => {
    if (!isObject(element) || !matches(element)) return [element];
    const changed = changedElement(element, target, change, profile);
    if (changed && isPrimary(changed)) chosen.push(changed);
    return changed ? [changed] : [];
  });
  return chosen[0] === undefined ? list : demote(list, chosen[0]);
}

/** In a path a filter that cannot be is a path that cannot be. */
export function elementTest(attribute: Attribute, where: Filter, profile: Profile): (element: JsonObject) => boolean {
  try {
    return compileElementFilter(attribute, where, profile);
  } catch (error) {
    if (error instanceof ScimError) throw refused('invalidPath', error.message);
    throw error;
  }
}

/** @returns undefined when nothing is left of it */
export function changedElement(
  element: JsonObject,
  { attribute, where, part }: Target,
  change: Change,
  profile: Profile,
): JsonObject | undefined {
  if (part) {
    requireMutable(part, own(element, part.name), change);
    return mergeParts(attribute, element, { [part.name]: wanted(change) }, profile);
  }
  const given = wanted(change);
  if (given === null) return undefined;
  const base = change.verb === 'add' ? element : demanded(where, attribute, profile);
  return mergeParts(attribute, base, given, profile);
}

function requireMutable(part: Attribute, there: Json | undefined, change: Change): void {
  if (part.mutability !== 'immutable' || there === undefined) return;
  if (!sameJson(there, wanted(change))) throw refused('mutability', `${part.name} stays as it was given`);
}

/**
 * A new element for a filter that no element fulfils: what the filter demands, and what is given.
 * @throws ScimError `noTarget` where the profile makes none
 */
export function synthesised(target: Target, change: Change, profile: Profile): JsonObject | undefined {
  const { attribute, where, part } = target;
  const given = wanted(change);
  if (change.verb === 'replace' && !profile.lenient) {
    throw refused('noTarget', `No value of ${attribute.name} is meant`);
  }
  if (given === null) return undefined;
  return mergeParts(attribute, demanded(where, attribute, profile), part ? { [part.name]: given } : given, profile);
}

/** `type eq "work" and primary eq true` as the parts of an element. */
function demanded(where: Filter | undefined, attribute: Attribute, profile: Profile): JsonObject {
  const parts: Record<string, Json> = {};
  for (const one of where?.kind === 'and' ? where.filters : [where]) {
    if (one?.kind !== 'compare' || one.comparison !== 'eq') continue;
    const part = partOf(attribute, one.path.attribute);
    const value = part && coerce(part, one.value, profile);
    if (part && value !== undefined) parts[part.name] = value;
  }
  return parts;
}
