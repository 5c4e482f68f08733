import { type RawBuilder, sql } from 'kysely';
import type { Keyset, Page, Position, RowRef, SortOrder } from '../../directory/ports.ts';

/** A sort: its value in SQL, whether it can be null, or only the key itself. */
export type SortValue = { readonly value: RawBuilder<unknown> | null; readonly nullable: boolean };

/** A row of a list as the queries select it. */
export type RefRow = { connection_id: string; key: string; stamp: string; sort_value: string | number | null };

/** Conditions, order and size of one query of a page. */
export type Segment = {
  readonly where: RawBuilder<boolean> | null;
  readonly orderBy: RawBuilder<unknown>;
  readonly limit: number;
};

const place = { connection: sql.ref('rows.connection_id'), key: sql.ref('rows.key') };

/**
 * Reads one page. Rows are ordered by (sort value, connection, key), null before everything. Rows without a sort value
 * and rows with one are two segments, so that each is a plain comparison that an index can answer; a page is one query,
 * or two where it crosses from one segment into the other.
 * @param oneConnection the connection is the same in all rows: leaving it out lets an index give the order
 * @param read runs one query
 */
export async function readPage(
  sort: SortValue,
  order: SortOrder,
  keyset: Keyset,
  oneConnection: boolean,
  read: (segment: Segment) => Promise<readonly RefRow[]>,
): Promise<Page<RowRef>> {
  const upwards = (order === 'asc') === (keyset.direction === 'forward');
  const found: RefRow[] = [];
  const wanted = keyset.limit + 1; // one more tells whether the list goes on
  for (const segment of segmentsFrom(sort, upwards, keyset.position)) {
    if (found.length === wanted) break;
    const rows = await read({
      where: conditionOf(sort, segment, upwards, keyset, oneConnection),
      orderBy: orderOf(sort, segment.kind, upwards, oneConnection),
      limit: wanted - found.length,
    });
    found.push(...rows);
  }
  return asPage(found, keyset);
}

type SegmentKind = 'keys' | 'nulls' | 'values';
type SegmentStart = { readonly kind: SegmentKind; readonly from: Position | null };

/** The segments still to read, in reading order; only the first one starts at the position. */
function segmentsFrom(sort: SortValue, upwards: boolean, position: Position | null): readonly SegmentStart[] {
  const kinds = kindsOf(sort, upwards);
  if (position === null) return kinds.map((kind) => ({ kind, from: null }));
  const at: SegmentKind = sort.value === null ? 'keys' : position[0] === null ? 'nulls' : 'values';
  const start = Math.max(0, kinds.indexOf(at));
  return kinds.slice(start).map((kind, index) => ({ kind, from: index === 0 ? position : null }));
}

function kindsOf(sort: SortValue, upwards: boolean): readonly SegmentKind[] {
  if (sort.value === null) return ['keys'];
  if (!sort.nullable) return ['values'];
  return upwards ? ['nulls', 'values'] : ['values', 'nulls'];
}

function conditionOf(
  sort: SortValue,
  { kind, from }: SegmentStart,
  upwards: boolean,
  keyset: Keyset,
  oneConnection: boolean,
): RawBuilder<boolean> | null {
  const membership =
    kind === 'nulls'
      ? sql<boolean>`${sort.value} is null`
      : kind === 'values' && sort.nullable
        ? sql<boolean>`${sort.value} is not null`
        : null;
  if (from === null) return membership;
  const [value, connectionId, key] = from;
  const columns = [
    ...(kind === 'values' ? [sql`${sort.value}`] : []),
    ...(oneConnection ? [] : [sql`${place.connection}`]),
    sql`${place.key}`,
  ];
  const values = [...(kind === 'values' ? [value] : []), ...(oneConnection ? [] : [connectionId]), key];
  const operator = sql.raw(`${upwards ? '>' : '<'}${keyset.inclusive ? '=' : ''}`);
  const beyond = sql<boolean>`(${sql.join(columns)}) ${operator} (${sql.join(values)})`;
  return membership === null ? beyond : sql<boolean>`${membership} and ${beyond}`;
}

function orderOf(sort: SortValue, kind: SegmentKind, upwards: boolean, oneConnection: boolean): RawBuilder<unknown> {
  const direction = sql.raw(upwards ? 'asc' : 'desc');
  const columns = [
    ...(kind === 'values' ? [sql`${sort.value}`] : []),
    ...(oneConnection ? [] : [sql`${place.connection}`]),
    sql`${place.key}`,
  ];
  return sql.join(columns.map((column) => sql`${column} ${direction}`));
}

function asPage(found: readonly RefRow[], keyset: Keyset): Page<RowRef> {
  const more = found.length > keyset.limit;
  const read = more ? found.slice(0, keyset.limit) : found;
  const rows = keyset.direction === 'forward' ? read : [...read].reverse();
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return { rows: [], next: null, previous: null };
  const hasNext = keyset.direction === 'forward' ? more : keyset.position !== null;
  const hasPrevious = keyset.direction === 'backward' ? more : keyset.position !== null;
  return {
    rows: rows.map(({ connection_id, key, stamp }) => ({ connectionId: connection_id, key, stamp })),
    next: hasNext ? positionOf(last) : null,
    previous: hasPrevious ? positionOf(first) : null,
  };
}

const positionOf = (row: RefRow): Position => [row.sort_value, row.connection_id, row.key];
