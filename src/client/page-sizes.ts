/** The largest pages that a client was given lately, by endpoint. */
export type PageSizes = Map<string, { readonly rows: number; readonly at: number }>;

/** A service may change its pages from one day to the next; within a read it is noticed otherwise. */
const BELIEVED_MS = 60 * 60 * 1000;

/** No service is believed to page by single rows: a list of one is no page that was cut. */
const SMALLEST_CUT = 2;

/**
 * Sizes that a service may use for some of its lists. A first page of exactly that many rows, fewer than asked for, may have
 * been cut although other lists have larger pages (training campaigns give 10 rows when they compute percentages).
 */
const usualSizes = new Set([10, 20, 25, 30, 50, 75, 100, 150, 200, 250, 300, 400]);

/** @param now ms */
export function notePageSize(sizes: PageSizes, endpoint: string, rows: number, now: number): void {
  if (rows >= largest(sizes, now, endpoint)) sizes.set(endpoint, { rows, at: now });
}

type FirstPage = {
  readonly endpoint: string;
  readonly rows: number;
  /** Rows that the caller knows of. */
  readonly expectedRows: number;
  /** Only pages of the same endpoint are evidence. */
  readonly makeSure: boolean;
  /** The list may be one that is not paged at all. */
  readonly mayBeWhole: boolean;
};

/**
 * Whether a first page with fewer rows than were asked for may have been cut by a limit that the service has on its pages,
 * whatever that is. It was not when a page with more rows has come; then the list has no more.
 */
export function mayBeCut(sizes: PageSizes, page: FirstPage, now: number): boolean {
  const { endpoint, rows, expectedRows, makeSure, mayBeWhole } = page;
  if (rows < SMALLEST_CUT) return false;
  if (usualSizes.has(rows)) return true;
  if (mayBeWhole) return false;
  return rows < expectedRows || rows >= largest(sizes, now, makeSure ? endpoint : undefined);
}

function largest(sizes: PageSizes, now: number, endpoint?: string): number {
  const pages = endpoint === undefined ? [...sizes.values()] : [sizes.get(endpoint) ?? { rows: 0, at: now }];
  return Math.max(0, ...pages.filter(({ at }) => at <= now && now - at <= BELIEVED_MS).map(({ rows }) => rows));
}
