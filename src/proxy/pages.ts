import { createHash } from 'node:crypto';
import type { Position } from '../client/index.ts';
import { ForeknowError } from '../errors/errors.ts';
import { maxPerPage } from '../wire/limits.ts';
import type { ScannedRows } from './scan-rows.ts';

/** Where in a list a call reads. */
export type Place = {
  readonly at: Position;
  readonly perPage: number;
  /** Of the first row of the page before: the same page again is no next page. Null on the first one. */
  readonly before: string | null;
  /**
   * Page 2 of a list that was begun with a cursor and gave none: either it has pages, or its first page was its last. Only this
   * page tells.
   */
  readonly isProbe?: boolean;
};

const DEFAULT_PER_PAGE = 100;

/** Rows a page, from `limit`, else from KnowBe4's own `per_page`. @throws ForeknowError `invalid_request` */
export function perPageOf(limit: string | null, perPage: string | null): number {
  const [field, text] = limit ? ['limit', limit] : ['per_page', perPage];
  if (!text) return DEFAULT_PER_PAGE;
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Math.min(Number(text), maxPerPage);
  throw new ForeknowError('invalid_request', { detail: `${field} must be a whole number from 1.`, field: field! });
}

/** The cursor that a caller is given: opaque to it, readable to us. */
export function writeCursor({ at, perPage, before, isProbe = false }: Place): string {
  const mode = isProbe ? 'q' : at.mode === 'page' ? 'p' : 'c';
  return [mode, perPage, before ?? '', at.mode === 'page' ? at.page : at.cursor].join('.');
}

/** An empty cursor begins: clients send it so. @throws ForeknowError `invalid_cursor` */
export function readCursor(text: string | null): Place | null {
  if (!text) return null;
  const [, mode, perPage, mark, value] = /^([pqc])\.(\d{1,3})\.([\w-]{0,16})\.(.+)$/s.exec(text) ?? [];
  const isPage = mode !== 'c' && /^[1-9]\d{0,6}$/.test(value ?? '');
  if (mode === undefined || (mode !== 'c' && !isPage) || Number(perPage) < 1 || Number(perPage) > maxPerPage) {
    throw new ForeknowError('invalid_cursor', {
      detail: 'next_cursor is none that this address gave.',
      hint: 'Send it back exactly as it came; leave it out to begin.',
      field: 'next_cursor',
    });
  }
  return {
    at: isPage ? { mode: 'page', page: Number(value) } : { mode: 'cursor', cursor: value! },
    perPage: Number(perPage),
    before: mark || null,
    isProbe: mode === 'q',
  };
}

/** Where a caller that speaks KnowBe4's own parameters wants to read; null: nowhere in particular. @throws ForeknowError `invalid_request` */
export function placeIn(query: URLSearchParams, perPage: number): Place | null {
  const cursor = query.get('cursor');
  if (cursor) return { at: { mode: 'cursor', cursor }, perPage, before: null };
  const page = query.get('page');
  if (!page) return null;
  if (/^[1-9]\d{0,6}$/.test(page)) return { at: { mode: 'page', page: Number(page) }, perPage, before: null };
  throw new ForeknowError('invalid_request', { detail: 'page must be a whole number from 1.', field: 'page' });
}

export const positionQuery = ({ at, perPage }: Place): Readonly<Record<string, string>> => ({
  per_page: String(perPage),
  ...(at.mode === 'page' ? { page: String(at.page) } : { cursor: at.cursor }),
});

/** Pages of training campaigns have ten rows without a word: fewer than that are known to be the last. */
const FEWEST_OF_A_FULL_PAGE = 10;

/**
 * Where a list goes on after a page.
 * @param rows how many it has, and its first one as it came
 * @param said what KnowBe4 said: a cursor, that there is none, or nothing at all
 * @returns null at its end. Without a word of KnowBe4 a page of ten rows and more may have been cut shorter than was asked for:
 *   only the empty page after it shows the end
 * @throws ForeknowError `incomplete_read` when the page came before
 */
export function placeAfter(
  place: Place,
  rows: ScannedRows,
  said: { readonly cursor: string } | 'end' | 'nothing',
): Place | null {
  if (rows.count === 0 && typeof said !== 'object') return null;
  const mark = rows.first === null ? null : markOf(rows.first);
  const stuck = typeof said === 'object' && place.at.mode === 'cursor' && said.cursor === place.at.cursor;
  if (stuck || (mark !== null && mark === place.before)) throw cameAgain();
  const next = (at: Position): Place => ({ at, perPage: place.perPage, before: mark });
  if (typeof said === 'object') return next({ mode: 'cursor', cursor: said.cursor });
  const { at } = place;
  const isOnTheWay = at.mode === 'cursor' && !isStart(at.cursor);
  if (said === 'end' || isOnTheWay || rows.count < Math.min(FEWEST_OF_A_FULL_PAGE, place.perPage)) return null;
  if (at.mode === 'page') return next({ mode: 'page', page: at.page + 1 });
  return { ...next({ mode: 'page', page: 2 }), isProbe: true };
}

/** Sources name both words. */
const isStart = (cursor: string): boolean => cursor === 'true' || cursor === '0';

const markOf = (row: Uint8Array): string => createHash('sha256').update(row).digest('base64url').slice(0, 10);

const cameAgain = (): ForeknowError =>
  new ForeknowError('incomplete_read', {
    detail: 'KnowBe4 answered with the page that came before, so the list cannot be read to its end like this.',
    hint: 'Begin again without next_cursor. Nothing may be concluded from rows that did not come.',
  });
