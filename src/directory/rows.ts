import { ForeknowError } from '../errors/errors.ts';
import type { Read } from '../wire/records.ts';
import { isBadRow, type ReadContext, type RowReader } from '../wire/reporting/read.ts';
import type { DirectoryRow } from './ports.ts';

/** A stored row read again. Only rows that could be read are stored, so a failure is a damaged store. */
export function readRow<R>(row: DirectoryRow, reader: RowReader<R>, context?: ReadContext): Read<R> {
  const read = reader(JSON.parse(row.raw), context);
  if (!isBadRow(read)) return read;
  throw new ForeknowError('store_failed', { detail: `The stored row ${row.key} cannot be read (${read.bad}).` });
}

/** Rows by connection and key, to put them back into the order of a list. */
export function byPlace<Row extends { readonly connectionId: string; readonly key: string }>(
  rows: readonly Row[],
): (place: { readonly connectionId: string; readonly key: string }) => Row | undefined {
  const found = new Map(rows.map((row) => [placeOf(row), row]));
  return (place) => found.get(placeOf(place));
}

export const placeOf = ({ connectionId, key }: { readonly connectionId: string; readonly key: string }): string =>
  `${connectionId}/${key}`;

export const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
