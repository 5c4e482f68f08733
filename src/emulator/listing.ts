import type { Switches } from './switches.ts';

/** A list that can be entered anywhere, in ascending order of ids. */
export type Listing = {
  readonly count: number;
  id(place: number): number;
  /** @returns the row as it is printed */
  row(place: number): unknown;
};

export const listOf = <T>(items: readonly T[], id: (item: T) => number, row: (item: T) => unknown): Listing => ({
  count: items.length,
  id: (place) => id(items[place]!),
  row: (place) => row(items[place]!),
});

export type PageRequest = {
  readonly query: URLSearchParams;
  /** What the cursor is bound to: path and filters. */
  readonly key: string;
  /** Enrollments had the cursor first. */
  readonly isEnrollments: boolean;
  /** Rows a page at most, below what the caller may ask for. */
  readonly most: number;
};

/** Where a page begins; `shift` rows earlier (−1) or later (1) than the caller should get. */
export type PageTweak = { readonly shift: number; readonly fromStart: boolean };

export type Page =
  | {
      readonly from: number;
      readonly to: number /** null: this was the last one, or cursors are not offered. */;
      readonly next: string | null;
      readonly offersCursor: boolean;
    }
  | { readonly refused: string };

/** Finds the page that a call asks for, by page number or by cursor, as the switches say. */
export function findPage(listing: Listing, request: PageRequest, switches: Switches, tweak: PageTweak): Page {
  const { query } = request;
  const size = sizeOf(request, switches);
  if (size === null) return { refused: `per_page must be between 1 and ${switches.maxPerPage}` };
  const knowsCursor = switches.pagination !== 'page' && (switches.cursorOn === 'all' || request.isEnrollments);
  const cursor = knowsCursor ? query.get('cursor') : null;
  const required = knowsCursor && switches.pagination === 'cursor-required';
  if (required && (cursor === null || query.has('page'))) return { refused: 'page is no longer supported, use cursor' };
  const start =
    cursor === null
      ? byNumber(query, size, knowsCursor && switches.pagination === 'page-ignored')
      : byCursor(listing, cursor, request.key, switches);
  if (start === null) return { refused: 'cursor is not valid' };
  const from = tweak.fromStart ? 0 : Math.max(0, start + (start > 0 ? tweak.shift : 0));
  const to = Math.max(from, Math.min(listing.count, from + size));
  const after = Math.min(listing.count, start + size);
  const offersCursor = cursor !== null || (knowsCursor && switches.pagination === 'page-ignored');
  const next =
    offersCursor && after < listing.count && after > 0 ? sealCursor(listing.id(after - 1), request.key) : null;
  return { from, to, next, offersCursor };
}

function sizeOf({ query, most }: PageRequest, switches: Switches): number | null {
  const asked = Number(query.get('per_page') ?? switches.defaultPerPage);
  if (!Number.isInteger(asked) || asked < 1) return Math.min(switches.defaultPerPage, most);
  if (asked > switches.maxPerPage && switches.overMax === '400') return null;
  return Math.min(asked, switches.maxPerPage, most);
}

function byNumber(query: URLSearchParams, size: number, isIgnored: boolean): number {
  const page = Number(query.get('page') ?? 1);
  return isIgnored || !Number.isInteger(page) || page < 1 ? 0 : (page - 1) * size;
}

/** @returns the place after the id that the cursor names, null when it is not one of ours */
function byCursor(listing: Listing, cursor: string, key: string, switches: Switches): number | null {
  const starts = switches.cursorStart === 'both' ? ['true', '0'] : [switches.cursorStart];
  if (starts.includes(cursor)) return 0;
  const after = openCursor(cursor, key);
  return after === null ? null : placeAfter(listing, after);
}

const sealCursor = (id: number, key: string): string =>
  Buffer.from(JSON.stringify({ id, of: checksum(key) })).toString('base64url');

function openCursor(cursor: string, key: string): number | null {
  try {
    const { id, of } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { id?: unknown; of?: unknown };
    return typeof id === 'number' && of === checksum(key) ? id : null;
  } catch {
    return null;
  }
}

function checksum(text: string): number {
  let sum = 7;
  for (let i = 0; i < text.length; i += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) >>> 0;
  return sum;
}

/** Binary search for the first place whose id is larger. */
function placeAfter(listing: Listing, id: number): number {
  let low = 0;
  let high = listing.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (listing.id(middle) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
