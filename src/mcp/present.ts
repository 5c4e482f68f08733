import type { FieldPolicy } from '../model/field-policy.ts';
import { hideFields } from '../model/hide-fields.ts';

/** Longest text that is told of a field, in characters. */
const LONGEST = 400;

/**
 * The one way out: what the field policy hides is gone, texts are one line without characters that steer a terminal or
 * hide themselves, and what says nothing (null, an empty list or object) is left out. `as_of` stays: null is an answer there.
 */
export const present = (value: object, policy: FieldPolicy | null): Readonly<Record<string, unknown>> =>
  compact(policy === null ? value : hideFields(value, policy)) as Readonly<Record<string, unknown>>;

function compact(value: unknown): unknown {
  if (typeof value === 'string') return oneLine(value);
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, compact(member)] as const);
  return Object.fromEntries(
    entries.filter(([key, member]) => key === 'as_of' || key === 'connections' || says(member)),
  );
}

const says = (value: unknown): boolean =>
  value !== null && value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0);

/** Control characters, marks of direction, characters without width, and the tags of Unicode that show nothing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu;

export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(UNSEEN, '').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
