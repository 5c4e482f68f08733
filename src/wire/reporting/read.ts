import type { CampaignType, Day, Instant, RawRecord, Read } from '../records.ts';

/**
 * Readers of single values. They never throw and never guess a unit: what cannot be read becomes null, and a value of
 * another type than documented is turned into it. Both are counted by field, so that a silent change of the API shows.
 *
 * They are written by hand instead of as schemas because every row of every list passes through them: 500 users take
 * about a fifth of the time of `JSON.parse` for the same page.
 */

/** How often a field had to be turned into its type, or could not be read. Key: the field's name on the wire. */
export type Coercions = Map<string, number>;

/** What a row does not say itself. */
export type ReadContext = {
  readonly campaignType?: CampaignType;
  /** The test that recipients were asked for. */
  readonly testId?: string;
  readonly coercions?: Coercions;
};

/** A row without the one thing it needs: reported, counted, left out. */
export type BadRow = { readonly bad: 'not_an_object' | 'no_id' | 'unreadable'; readonly raw: unknown };

export type RowReader<R> = (raw: unknown, context?: ReadContext) => Read<R> | BadRow;

export const isBadRow = <R>(row: Read<R> | BadRow): row is BadRow => 'bad' in row;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Seen = Coercions | undefined;

function note(field: string, seen: Seen): void {
  seen?.set(field, (seen.get(field) ?? 0) + 1);
}

const absent = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Ids come as integers or as strings; both are normal. Zero is an id ("All Users"). */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

export function textOf(value: unknown, field: string, seen: Seen): string | null {
  if (typeof value === 'string') return value;
  if (absent(value)) return null;
  note(field, seen);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

export function numberOf(value: unknown, field: string, seen: Seen): number | null {
  if (typeof value === 'number') return value;
  if (absent(value)) return null;
  note(field, seen);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function booleanOf(value: unknown, field: string, seen: Seen): boolean | null {
  if (typeof value === 'boolean') return value;
  if (absent(value)) return null;
  note(field, seen);
  const word = String(value).toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

const LENGTH_OF_INSTANT = '2026-03-02T09:15:00.000Z'.length;
const LENGTH_OF_DAY = '2026-03-02'.length;
const Z = 'Z'.charCodeAt(0);
const DASH = '-'.charCodeAt(0);

/** A time that names no zone. */
const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/;

/** `2026-03-02T09:15:00.000Z`; other spellings of a time are turned into this one. One without a zone is UTC. */
export function instantOf(value: unknown, field: string, seen: Seen): Instant | null {
  if (absent(value)) return null;
  if (typeof value === 'string' && value.length === LENGTH_OF_INSTANT && value.charCodeAt(23) === Z) return value;
  note(field, seen);
  // Date.parse would take the zone of this machine.
  const time = typeof value === 'string' ? Date.parse(value.replace(zoneless, '$1T$2Z')) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** `2026-03-02`; of a time the UTC day is taken. */
export function dayOf(value: unknown, field: string, seen: Seen): Day | null {
  if (absent(value)) return null;
  if (typeof value === 'string' && value.length === LENGTH_OF_DAY && value.charCodeAt(4) === DASH) return value;
  note(field, seen);
  return instantOf(value, field, undefined)?.slice(0, LENGTH_OF_DAY) ?? null;
}

/** A fraction of the wire as percent. The rounding takes away what binary floats add (0.29 × 100 = 28.999999999999996). */
export function percentOfFraction(value: unknown, field: string, seen: Seen): number | null {
  const fraction = numberOf(value, field, seen);
  return fraction === null ? null : Math.round(fraction * 1e12) / 1e10;
}

export function listOf(value: unknown, field: string, seen: Seen): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!absent(value)) note(field, seen);
  return [];
}

const noTexts: readonly string[] = [];

export function textsOf(value: unknown, field: string, seen: Seen): readonly string[] {
  const list = listOf(value, field, seen);
  if (list.length === 0) return noTexts;
  return list.flatMap((item) => textOf(item, field, seen) ?? []);
}

export function objectsOf(value: unknown, field: string, seen: Seen): readonly RawRecord[] {
  return listOf(value, field, seen).filter((item) => {
    if (isObject(item)) return true;
    note(field, seen);
    return false;
  }) as RawRecord[];
}

/**
 * A copy of a raw object with old key names replaced by the modern ones, or the object itself when none is there.
 * Where both are there the modern one wins.
 */
export function renamed(raw: RawRecord, modernNames: Readonly<Record<string, string>>): RawRecord {
  let hasOld = false;
  for (const old in modernNames) if (raw[old] !== undefined) hasOld = true;
  if (!hasOld) return raw;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) {
    const modern = modernNames[key];
    if (modern === undefined) copy[key] = raw[key];
    else if (!Object.hasOwn(raw, modern)) copy[modern] = raw[key];
  }
  return copy;
}
