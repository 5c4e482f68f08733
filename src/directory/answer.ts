import { ForeknowError } from '../errors/errors.ts';
import { snakeCase } from '../lib/case.ts';
import type { RawRecord } from '../wire/records.ts';
import { unknownName } from './fields.ts';
import type { Flags } from './list-query.ts';

/** A record as callers may ask for it: unified, as the vendor sent it, or as read into one spelling and unit. */
export type Shown<Unified> = {
  readonly unified: Unified;
  readonly raw: RawRecord;
  readonly record: object;
};

export type Freshness = {
  readonly source: 'mirror' | 'live';
  /** End of the last complete pass over what the list shows, null before the first; of what was read live the time of the read. */
  readonly as_of: string | null;
};

export type Listed = {
  readonly result: readonly object[] | Readonly<Record<string, object>>;
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page. */
  readonly result_count: number;
  /** More exists at KnowBe4 than the list can show. */
  readonly is_partial_response?: true;
  readonly x_freshness: Freshness;
  readonly debug?: Debug;
};

export type Envelope = Omit<Listed, 'result' | 'result_count' | 'debug'>;

/** `isPartial`: the key cannot see everything. A list that was never read whole is partial as well. */
export const envelope = (
  cursors: Pick<Listed, 'next_cursor' | 'prev_cursor'>,
  asOf: string | null,
  isPartial: boolean,
): Envelope => ({
  ...cursors,
  ...(isPartial || asOf === null ? { is_partial_response: true as const } : {}),
  x_freshness: { source: 'mirror', as_of: asOf },
});

/** @param asked what KnowBe4 was asked for it; null: nothing */
export function listed(
  shown: readonly Shown<{ id: string }>[],
  flags: Flags,
  head: Envelope,
  asked: string | null = null,
): Listed {
  const result = shown.map((one) => shape(one, flags));
  const list = { result: keyed(result, shown, flags.keyBy), result_count: result.length, ...head };
  return flags.format === 'debug'
    ? {
        ...list,
        debug: debugOf(
          shown.map(({ raw }) => raw),
          head.next_cursor,
          asked,
        ),
      }
    : list;
}

/** One record as it is answered: itself, or beside what it was made from. */
export function alone(shown: Shown<object>, flags: Flags, asked: string | null = null): object {
  const record = shape(shown, flags);
  return flags.format === 'debug' ? { result: record, debug: debugOf([shown.raw], null, asked) } : record;
}

/** What Truto tells of the call behind an answer. Nothing was sent for what the mirror has. */
type Debug = {
  readonly requestUrl: string | null;
  readonly requestOptions: { readonly method: 'GET' } | null;
  readonly data: readonly RawRecord[];
  readonly responseHeaders: object;
  readonly nextCursor: string | null;
  readonly isLooping: boolean;
  readonly isEmptyResult: boolean;
  readonly resultCount: number;
};

const debugOf = (data: readonly RawRecord[], nextCursor: string | null, asked: string | null): Debug => ({
  requestUrl: asked,
  requestOptions: asked === null ? null : { method: 'GET' },
  data,
  responseHeaders: {},
  nextCursor,
  isLooping: false,
  isEmptyResult: data.length === 0,
  resultCount: data.length,
});

function shape({ unified, raw, record }: Shown<object>, flags: Flags): object {
  if (flags.format === 'raw' || flags.format === 'stream') return without(raw, flags.excludeFields);
  if (flags.format === 'normalized') return without(snakeCase(record) as object, flags.excludeFields);
  return without(flags.withRemoteData ? { ...unified, remote_data: raw } : unified, flags.excludeFields);
}

function without(record: object, names: readonly string[]): object {
  if (names.length === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** Records by a field of theirs; one whose field is empty stands under its id. */
function keyed(result: readonly object[], shown: readonly Shown<{ id: string }>[], keyBy: string | null) {
  if (keyBy === null) return result;
  const entries = result.map((record, index) => {
    const { unified } = shown[index]!;
    const value = keyValue(unified, keyBy);
    return [value ?? unified.id, record] as const;
  });
  return Object.fromEntries(entries);
}

function keyValue(record: Readonly<Record<string, unknown>>, keyBy: string): string | null {
  if (!Object.hasOwn(record, keyBy)) throw unknownName('truto_key_by', 'field', keyBy, Object.keys(record));
  const value = record[keyBy];
  if (value === null) return null;
  if (typeof value !== 'object') return String(value);
  throw new ForeknowError('invalid_request', {
    detail: `truto_key_by cannot use ${keyBy}: it is not a single value.`,
    hint: 'Use id, name, username or external_id.',
    field: 'truto_key_by',
  });
}
