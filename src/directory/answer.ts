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
  readonly source: 'mirror';
  /** End of the last complete pass over what the list shows; null before the first. */
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
};

export type Envelope = Omit<Listed, 'result' | 'result_count'>;

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

export function listed(shown: readonly Shown<{ id: string }>[], flags: Flags, head: Envelope): Listed {
  const result = shown.map((one) => shape(one, flags));
  return { result: keyed(result, shown, flags.keyBy), result_count: result.length, ...head };
}

export function shape({ unified, raw, record }: Shown<object>, flags: Flags): object {
  if (flags.format === 'raw') return without(raw, flags.excludeFields);
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
