import { ForeknowError } from '../../errors/errors.ts';
import { ScimError } from '../../scim/errors.ts';
import { isObject, type Json, type JsonObject, own } from '../../scim/json.ts';
import { readListResponse } from '../../scim/list.ts';

/** A user or a group as the service answers it. */
export type ScimRecord = JsonObject & { readonly id: string };

/** @returns null where it has no id, without which nothing can be done with it */
export function recordOf(value: unknown): ScimRecord | null {
  if (!isObject(value)) return null;
  const id = own(value, 'id');
  if (typeof id === 'string' && id !== '') return value as ScimRecord;
  return typeof id === 'number' ? { ...value, id: String(id) } : null;
}

/** @throws ForeknowError `remote_invalid` */
export function requireRecord(value: unknown): ScimRecord {
  const record = recordOf(value);
  if (record !== null) return record;
  throw new ForeknowError('remote_invalid', {
    detail: 'The SCIM service answered with something that is no resource: it has no id.',
    hint: 'Try again; if it stays, check the tenant URL.',
  });
}

/** The value of an attribute as text; null where there is none. */
export function textOf(record: JsonObject, attribute: string): string | null {
  const value = own(record, attribute);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whether an answer says that a user is active; some send it as text. An answer without it says that they are. */
export function isActive(record: JsonObject): boolean {
  const value = own(record, 'active');
  return typeof value === 'string' ? value.toLowerCase() !== 'false' : value !== false;
}

/** Ids of the members of a group as far as they are shown; null where the answer has none. */
export function memberIdsOf(group: JsonObject): readonly string[] | null {
  const members = own(group, 'members');
  if (!Array.isArray(members)) return null;
  return members.flatMap((member: Json) =>
    isObject(member) && typeof member.value === 'string' ? [member.value] : [],
  );
}

/** Whether two names are one to services that do not look at the letter case. */
export const sameName = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one.toLowerCase() === other.toLowerCase();

/** Whether everything that is wanted stands in what was found; lists may hold more, empty values ask for nothing. */
export function holds(found: Json | undefined, wanted: Json | undefined): boolean {
  if (isNothing(wanted)) return true;
  if (Array.isArray(wanted)) {
    return wanted.every((one: Json) => Array.isArray(found) && found.some((other: Json) => holds(other, one)));
  }
  if (isObject(wanted)) {
    return isObject(found) && Object.keys(wanted).every((key) => holds(own(found, key), wanted[key]));
  }
  return found === wanted;
}

const isNothing = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/**
 * A page of a list. An object that says neither how many there are nor which ones is none, and an answer that counts some and shows none
 * proves nothing.
 * @throws ForeknowError `remote_invalid`
 */
export function listOf(answer: JsonObject | null): { total: number | null; rows: readonly JsonObject[] } {
  const said = answer !== null && ['Resources', 'resources', 'totalResults'].some((key) => Object.hasOwn(answer, key));
  try {
    if (!said) throw new ScimError(502, 'The answer is no list of SCIM');
    const { totalResults, resources } = readListResponse(answer);
    return { total: Object.hasOwn(answer, 'totalResults') ? totalResults : null, rows: resources };
  } catch (cause) {
    if (!(cause instanceof ScimError)) throw cause;
    throw new ForeknowError('remote_invalid', {
      detail: 'The SCIM service answered a search with something that is no list.',
      hint: 'Try again; if it stays, check the tenant URL.',
      cause,
    });
  }
}
