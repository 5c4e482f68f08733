import { ForeknowError } from '../errors/errors.ts';
import { linkTarget } from '../lib/link-header.ts';
import type { Read } from '../wire/records.ts';
import { type BadRow, isBadRow, isObject, type ReadContext } from '../wire/reporting/read.ts';
import type { ListSpec } from './read-list.ts';
import type { Answer } from './transport/types.ts';

/** A list as an array; one object instead of a list (as samples of the guide print it) is a list of one. */
export function rowsOf(
  body: unknown,
  endpoint: string,
): { readonly rows: readonly unknown[]; readonly single: boolean } {
  if (Array.isArray(body)) return { rows: body, single: false };
  if (isObject(body)) return { rows: [body], single: true };
  throw new ForeknowError('remote_invalid', { detail: `KnowBe4 answered ${endpoint} with something that is no list.` });
}

/** From `X-Next-Cursor`, else from the `cursor` of a `Link` to the next page. */
export function nextCursorOf(answer: Answer): string | null {
  const header = answer.headers.get('x-next-cursor')?.trim();
  if (header) return header;
  const target = linkTarget(answer.headers.get('link'), 'next');
  const query = target?.split('?')[1]?.split('#')[0];
  return (query && new URLSearchParams(query).get('cursor')) || null;
}

/** Cursors are spoken when there is one, and also when there could have been one. */
export const speaksCursors = (answer: Answer): boolean =>
  answer.headers.get('x-next-cursor') !== null || nextCursorOf(answer) !== null;

export type SortedRows<R> = {
  readonly rows: readonly Read<R>[];
  readonly bad: readonly BadRow[];
  readonly duplicates: number;
};

/** Reads every row and sets aside the bad ones and those that came before. */
export function sortRows<R>(
  raw: readonly unknown[],
  spec: Pick<ListSpec<R>, 'read' | 'keyOf'>,
  context: ReadContext,
  isNew: (id: string) => boolean,
): SortedRows<R> {
  const rows: Read<R>[] = [];
  const bad: BadRow[] = [];
  let duplicates = 0;
  for (const item of raw) {
    const row = spec.read(item, context);
    if (isBadRow(row)) bad.push(row);
    else if (isNew(spec.keyOf(row.record))) rows.push(row);
    else duplicates += 1;
  }
  return { rows, bad, duplicates };
}

/**
 * Whether a page came before: it looks like an earlier one and brings nothing new, or it has as many rows as the first
 * page, all of them old. Adds its print to `prints`.
 */
export function isRepeated<R>(
  raw: readonly unknown[],
  sorted: SortedRows<R>,
  prints: Set<string>,
  firstRows: number,
): boolean {
  if (raw.length === 0) return false;
  if (sorted.duplicates === raw.length && firstRows > 0 && raw.length >= firstRows) return true;
  const print = `${raw.length} ${JSON.stringify(raw[0])} ${JSON.stringify(raw.at(-1))}`;
  if (prints.has(print) && sorted.rows.length === 0) return true;
  prints.add(print);
  return false;
}
