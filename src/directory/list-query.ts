import { openCursor, type Place, sealCursor } from './cursor.ts';
import { invalid, listOf, readBoolean, readText, unknownName } from './fields.ts';
import type { Keyset, Page, SortOrder } from './ports.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** A call of a list as it comes from a door. */
export type ListInput = {
  /** The connections the call is about, all of them allowed to the caller. */
  readonly connectionIds: readonly string[];
  /** The query with its brackets resolved to objects and lists; without the parameters that name the connection. */
  readonly query: Readonly<Record<string, unknown>>;
};

/** Reads one filter field into the filter. */
export type FieldReader<Filter> = (name: string, value: unknown, connectionIds: readonly string[]) => Partial<Filter>;

/** What a list can be asked. */
export type ListSpec<Filter, Sort extends string> = {
  /** Part of every cursor. */
  readonly resource: string;
  readonly filters: Readonly<Record<string, FieldReader<Filter>>>;
  /** Names of sorts as the caller writes them. */
  readonly sorts: Readonly<Record<string, Sort>>;
  /** `truto_…` parameters are understood. */
  readonly hasFlags: boolean;
};

/** `stream` is `raw`: an answer is never so large that it has to be streamed. */
export const formats = ['unified', 'normalized', 'raw', 'stream', 'debug'] as const;
type Format = (typeof formats)[number];

export type Flags = {
  readonly format: Format;
  readonly withRemoteData: boolean;
  readonly excludeFields: readonly string[];
  readonly keyBy: string | null;
};

export type ListQuery<Filter, Sort extends string> = {
  readonly filter: Filter & { readonly connectionIds: readonly string[] };
  readonly sort: { readonly by: Sort; readonly order: SortOrder };
  readonly keyset: Keyset;
  readonly flags: Flags;
  /** Binds cursors to this list. */
  readonly about: string;
};

/** Flags of Truto's that change nothing here: every read is from the mirror, and nothing is sent to KnowBe4. */
const idleFlags = new Set(['truto_super_query', 'truto_skip_api_call', 'truto_body_passthrough']);
const flagNames = [
  'truto_response_format',
  'truto_ignore_remote_data',
  'truto_exclude_fields',
  'truto_key_by',
  'truto_ignore_limit',
];
const pagingNames = ['limit', 'next_cursor', 'prev_cursor', 'sort_by'];

/** @throws ForeknowError `invalid_request` or `invalid_cursor`, naming the parameter */
export function readListQuery<Filter extends object, Sort extends string>(
  spec: ListSpec<Filter, Sort>,
  { connectionIds, query }: ListInput,
  cursorKey: Uint8Array,
): ListQuery<Filter, Sort> {
  refuseUnknown(spec, query);
  const connections = connectionIds.toSorted();
  const filter = { ...readFilter(spec, query, connections), connectionIds: connections };
  const sort = readSort(spec, query.sort_by);
  const about = JSON.stringify([spec.resource, filter, sort]);
  const place = readPlace(query, about, cursorKey);
  return {
    filter,
    sort,
    keyset: { limit: readLimit(query), position: null, direction: 'forward', inclusive: false, ...place },
    flags: readFlags(query),
    about,
  };
}

/** The cursors on both sides of a page. At an end that has become empty, the way back starts at the place itself. */
export function cursorsOf(
  page: Page<unknown>,
  { keyset, about }: Pick<ListQuery<object, string>, 'keyset' | 'about'>,
  cursorKey: Uint8Array,
): { next_cursor: string | null; prev_cursor: string | null } {
  const seal = (position: Keyset['position'], direction: Keyset['direction'], inclusive: boolean) =>
    position === null ? null : sealCursor({ position, direction, inclusive }, about, cursorKey);
  const isEmpty = page.rows.length === 0;
  const turn = isEmpty ? keyset.position : null;
  const [next, previous] = keyset.direction === 'forward' ? [null, turn] : [turn, null];
  return {
    next_cursor: seal(page.next ?? next, 'forward', isEmpty),
    prev_cursor: seal(page.previous ?? previous, 'backward', isEmpty),
  };
}

export function readFlags(query: Readonly<Record<string, unknown>>): Flags {
  return {
    format: readFormat(query.truto_response_format),
    withRemoteData: !isSet(query, 'truto_ignore_remote_data'),
    excludeFields:
      query.truto_exclude_fields === undefined
        ? []
        : listOf('truto_exclude_fields', query.truto_exclude_fields).map((name) =>
            readText('truto_exclude_fields', name),
          ),
    keyBy: query.truto_key_by === undefined ? null : readText('truto_key_by', query.truto_key_by),
  };
}

/** Nothing asked that changes the record's shape: the rendered rows that are kept can be sent. */
export const isPlain = (flags: Flags): boolean =>
  flags.format === 'unified' && flags.withRemoteData && flags.excludeFields.length === 0 && flags.keyBy === null;

function refuseUnknown(spec: ListSpec<object, string>, query: Readonly<Record<string, unknown>>): void {
  const known = [...Object.keys(spec.filters), ...pagingNames, ...(spec.hasFlags ? flagNames : [])];
  for (const name of Object.keys(query)) {
    if (known.includes(name) || (spec.hasFlags && idleFlags.has(name))) continue;
    if (name === 'remote_query') {
      throw invalid(
        name,
        'cannot be sent on: this list is served from the mirror',
        `Use a filter: ${Object.keys(spec.filters).join(', ')}.`,
      );
    }
    throw unknownName(name, 'parameter', name, known);
  }
}

/** In the order of the table, so that equal filters bind equal cursors. */
function readFilter<Filter extends object>(
  spec: ListSpec<Filter, string>,
  query: Readonly<Record<string, unknown>>,
  connectionIds: readonly string[],
): Filter {
  const filter: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(spec.filters)) {
    if (query[name] === undefined) continue;
    for (const [key, value] of Object.entries(read(name, query[name], connectionIds))) {
      if (key in filter && key !== 'nothing' && key !== 'deleted') {
        throw invalid(name, 'asks for the same as another parameter', 'Send one of them.');
      }
      filter[key] = value;
    }
  }
  return filter as Filter;
}

/** `sort_by[name]=desc`, `sort_by=name`, `sort_by=name:desc` or `sort_by=-name`. */
function readSort<Sort extends string>(spec: ListSpec<object, Sort>, value: unknown): { by: Sort; order: SortOrder } {
  if (value === undefined || value === '') return { by: 'id' as Sort, order: 'asc' };
  const [name, order] = sortWords(value);
  const by = Object.hasOwn(spec.sorts, name) ? spec.sorts[name] : undefined;
  if (by === undefined) throw unknownName(`sort_by[${name}]`, 'sort', name, Object.keys(spec.sorts));
  const word = order.toLowerCase();
  if (word !== 'asc' && word !== 'desc') throw invalid(`sort_by[${name}]`, 'must be asc or desc');
  return { by, order: word };
}

function sortWords(value: unknown): readonly [name: string, order: string] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length !== 1) throw invalid('sort_by', 'must name one field: lists are sorted by one');
    const [name, order] = entries[0]!;
    return [name, readText(`sort_by[${name}]`, order)];
  }
  const text = readText('sort_by', value);
  if (text.startsWith('-')) return [text.slice(1), 'desc'];
  const [name = '', order = 'asc'] = text.split(':');
  return [name, order];
}

function readLimit(query: Readonly<Record<string, unknown>>): number {
  if (isSet(query, 'truto_ignore_limit')) return MAX_LIMIT;
  const { limit } = query;
  if (limit === undefined || limit === '') return DEFAULT_LIMIT;
  const number = typeof limit === 'string' && /^\d{1,9}$/.test(limit) ? Number(limit) : limit;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= MAX_LIMIT) return number;
  throw invalid(
    'limit',
    `must be a whole number from 1 to ${MAX_LIMIT}`,
    'Ask for smaller pages and follow next_cursor.',
  );
}

/** An empty cursor means the start. A cursor knows its own direction, whichever parameter carries it. */
function readPlace(query: Readonly<Record<string, unknown>>, about: string, cursorKey: Uint8Array): Place | null {
  const [next, previous] = (['next_cursor', 'prev_cursor'] as const).map((name) =>
    query[name] === undefined ? '' : readText(name, query[name]),
  ) as [string, string];
  if (next !== '' && previous !== '') throw invalid('prev_cursor', 'cannot be sent together with next_cursor');
  const text = next || previous;
  return text === '' ? null : openCursor(text, about, cursorKey);
}

function readFormat(value: unknown): Flags['format'] {
  if (value === undefined || value === '') return 'unified';
  const word = readText('truto_response_format', value);
  const format = formats.find((one) => one === word);
  if (format !== undefined) return format;
  throw unknownName('truto_response_format', 'format', word, formats);
}

const isSet = (query: Readonly<Record<string, unknown>>, name: string): boolean =>
  query[name] !== undefined && query[name] !== '' && readBoolean(name, query[name]);
