import type { Attribute } from './attributes.ts';
import { coerceElements } from './coerce.ts';
import { refused } from './errors.ts';
import type { Filter } from './filter.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Profile } from './profile.ts';
import { type Change, changedElement, elementTest, synthesised, type Target } from './write-list.ts';

/** Members: a set by their value, so that adding and removing cost what is given and not what is there. */
export type References = Map<string, JsonObject>;

/** @throws ScimError `invalidValue` when nobody can tell whether all of them are meant or none */
export function writeSet(set: References, target: Target, change: Change, profile: Profile): void {
  if (target.where || target.part) writeSome(set, target, change, profile);
  else if (isAll(change)) set.clear();
  else writeGiven(set, target.attribute, change, profile);
}

/** By the RFC a removal without a value, and `null` in place of the list, mean all of them. */
const isAll = ({ verb, value }: Change): boolean =>
  (verb === 'remove' && value === undefined) || (verb === 'replace' && value === null);

function writeGiven(set: References, attribute: Attribute, { verb, value }: Change, profile: Profile): void {
  if (value === undefined || value === null)
    throw refused('invalidValue', `${attribute.name} are named by their values`);
  const given = coerceElements(attribute, value, profile).filter(isObject);
  const there = verb === 'replace' ? new Map(set) : set;
  if (verb === 'replace') set.clear();
  for (const element of given) {
    const key = keyOf(element);
    if (verb === 'remove') set.delete(key);
    else if (!set.has(key)) set.set(key, there.get(key) ?? element);
  }
}

function writeSome(set: References, target: Target, change: Change, profile: Profile): void {
  const keys = meantKeys(set, target, profile);
  if (keys.length === 0 && change.verb !== 'remove') {
    const made = synthesised(target, change, profile);
    if (made) set.set(keyOf(made), made);
  }
  for (const key of keys) {
    const isGone = change.verb === 'remove' && (!target.part || target.part.name === 'value');
    const changed = isGone ? undefined : changedElement(set.get(key)!, target, change, profile);
    if (changed) set.set(key, changed);
    else set.delete(key);
  }
}

const keyOf = (element: JsonObject): string => String(element.value);

function meantKeys(set: References, { attribute, where }: Target, profile: Profile): readonly string[] {
  if (!where) return [...set.keys()];
  const named = keyIn(where);
  if (named !== undefined) return set.has(named) ? [named] : [];
  const matches = elementTest(attribute, where, profile);
  return [...set].flatMap(([key, element]) => (matches(element) ? [key] : []));
}

/** The one that `value eq "U-17"` means, without looking at the others. */
const keyIn = (where: Filter): string | undefined =>
  where.kind === 'compare' && where.comparison === 'eq' && where.path.attribute.toLowerCase() === 'value'
    ? String(where.value)
    : undefined;
