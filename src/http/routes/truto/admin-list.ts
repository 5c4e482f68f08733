import { readBoolean, readCondition } from '../../../directory/fields.ts';
import type { Condition } from '../../../directory/ports.ts';
import { ForeknowError } from '../../../errors/errors.ts';

const MOST = 5000;

/** How a filter of an admin list is read, and what of a row it is held against. */
export type AdminFilter<Row> = {
  readonly kind: 'text' | 'instant' | 'flag';
  readonly of: (row: Row) => string | boolean | null;
};
export type AdminFilters<Row> = Readonly<Record<string, AdminFilter<Row>>>;

type Row = { readonly id: string; readonly created_at: string };
type Query = Readonly<Record<string, unknown>>;

/** A page of Truto's administration. */
export type AdminPage<One> = {
  readonly result: readonly One[];
  readonly next_cursor: string | null;
  readonly limit: number;
};

/**
 * A page of rows that are all at hand, the oldest first, so that what is made meanwhile comes at the end.
 * @param query `limit`, `next_cursor` (empty begins), `environment_id` (which follows from the token) and the filters, each a value
 *   or an object of operators
 * @throws ForeknowError `invalid_request` for whatever is not known: a filter that is passed over would show too much;
 *   `invalid_cursor`
 */
export function adminList<One extends Row>(
  rows: readonly One[],
  query: Query,
  filters: AdminFilters<One>,
): AdminPage<One> {
  const known = ['limit', 'next_cursor', 'environment_id', 'truto_ignore_limit', ...Object.keys(filters)];
  for (const name of Object.keys(query)) if (!known.includes(name)) throw unknown(name, known);
  const limit = limitOf(query);
  const after = placeOf(query.next_cursor);
  const left = rows
    .filter((row) => Object.entries(filters).every(([name, filter]) => matches(name, filter, query[name], row)))
    .toSorted(compare)
    .filter((row) => after === null || compare(row, after) > 0);
  const result = left.slice(0, limit);
  const last = result.at(-1);
  return { result, next_cursor: left.length > limit && last !== undefined ? cursorOf(last) : null, limit };
}

/** Times of ours are all written alike, so their order is that of the letters. */
const compare = (one: Row, other: Row): number => {
  const [a, b] = one.created_at === other.created_at ? [one.id, other.id] : [one.created_at, other.created_at];
  return a < b ? -1 : a > b ? 1 : 0;
};

function matches<One>(name: string, { kind, of }: AdminFilter<One>, asked: unknown, row: One): boolean {
  if (asked === undefined || asked === '') return true;
  const value = of(row);
  if (kind === 'flag') return value === readBoolean(name, asked);
  const condition = readCondition(name, kind, asked) as Condition<string>;
  return holds(condition, value as string | null);
}

function holds({ eq, in: among, like, gt, gte, lt, lte }: Condition<string>, value: string | null): boolean {
  if (eq !== undefined && value !== eq) return false;
  if (among !== undefined && !among.includes(value as string)) return false;
  if (value === null) return [like, gt, gte, lt, lte].every((one) => one === undefined);
  if (like !== undefined && !value.toLowerCase().includes(like.toLowerCase())) return false;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

function limitOf({ limit, truto_ignore_limit: ignored }: Query): number {
  const isIgnored = ignored !== undefined && ignored !== '' && readBoolean('truto_ignore_limit', ignored);
  if (isIgnored || limit === undefined || limit === '') return MOST;
  const number = typeof limit === 'string' && /^\d{1,9}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1) return Math.min(number, MOST);
  throw new ForeknowError('invalid_request', { detail: 'limit must be a whole number from 1.', field: 'limit' });
}

const cursorOf = ({ created_at, id }: Row): string =>
  Buffer.from(JSON.stringify([created_at, id])).toString('base64url');

function placeOf(cursor: unknown): Row | null {
  if (cursor === undefined || cursor === '') return null;
  try {
    const [created_at, id] = JSON.parse(Buffer.from(cursor as string, 'base64url').toString('utf8'));
    if (typeof created_at === 'string' && typeof id === 'string') return { created_at, id };
  } catch {
    // Said below.
  }
  throw new ForeknowError('invalid_cursor', {
    detail: 'next_cursor is none that this list gave.',
    hint: 'Send it back exactly as it came; leave it out to begin.',
    field: 'next_cursor',
  });
}

const unknown = (name: string, known: readonly string[]): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `${JSON.stringify(name.slice(0, 80))} is not a parameter of this list.`,
    hint: `There are: ${known.join(', ')}.`,
    field: name.slice(0, 80),
  });
