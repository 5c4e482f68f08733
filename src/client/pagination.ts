/**
 * How a list is walked. KnowBe4 is moving from `page` to `cursor`, the date has moved already, and which one an account
 * speaks is only known by asking. This module decides, from one answer at a time, what to ask next; it does no I/O.
 *
 * Sources disagree: `page` alone (recorded answers of 2021), a cursor for enrollments alone (guide of 25 Sep 2025), cursors
 * everywhere in `X-Next-Cursor` (client code, March 2026), `page` gone in June or November 2026.
 */
import type { ProofReason } from '../wire/proof.ts';
import type { PageSizes } from './page-sizes.ts';

export type Pagination = 'auto' | 'page' | 'cursor';

/** Where a read goes on. Plain data, to be stored as JSON; good for the same list with the same `perPage`. */
export type Position =
  | { readonly mode: 'page'; readonly page: number }
  /** `true` starts a list; sources also name `0`. */
  | { readonly mode: 'cursor'; readonly cursor: string };

const firstPage: Position = { mode: 'page', page: 1 };
const firstCursor: Position = { mode: 'cursor', cursor: 'true' };
const firstCursorByZero: Position = { mode: 'cursor', cursor: '0' };

/** How a list may be begun, in the order in which it is tried: the next one when KnowBe4 rejects one with 400 or 422. */
export const listStarts: Readonly<Record<Pagination, readonly Position[]>> = {
  auto: [firstCursor, firstPage, firstCursorByZero],
  page: [firstPage],
  cursor: [firstCursor, firstCursorByZero],
};

/** What earlier reads of the same client have shown. Kept by the client, shared by its lists. */
export type Dialect = {
  /** The start that worked after others were rejected: tried first from then on. */
  start: Position | null;
  /** Endpoints that gave a cursor. By endpoint: in 2025 only enrollments did. */
  readonly cursorsSpoken: Set<string>;
  readonly pageSizes: PageSizes;
};

/** What a read knows when a page has come. */
export type PageSeen = {
  readonly at: Position;
  /** Pages before this one in this read. */
  readonly pagesBefore: number;
  readonly rows: number;
  /** The page before had no rows either (and a cursor to go on with). */
  readonly afterEmptyPage: boolean;
  readonly nextCursor: string | null;
  /** The next cursor led here or somewhere before already. */
  readonly cursorSeenBefore: boolean;
  /** The same rows came as an earlier page already. */
  readonly repeated: boolean;
  /** This page was asked for only to see whether there is more. */
  readonly isProbe: boolean;
  /** False when the read was resumed: then page numbers before it are unknown. */
  readonly fromFirstPage: boolean;
};

export type PagingRules = {
  readonly pagination: Pagination;
  /** Rows that a full page has. */
  readonly pageSize: number;
  /** The server is known to give cursors where there is more. */
  readonly cursorsSpoken: boolean;
  /** The first page may have been cut by a limit of the service: one more request makes sure. */
  readonly mayBeCut: boolean;
  /** Lists that some versions give as a whole, whatever page is asked for (risk histories). */
  readonly mayBeWhole: boolean;
};

export type NextStep =
  | { readonly do: 'end'; readonly why: ProofReason }
  | { readonly do: 'go'; readonly to: Position; readonly isProbe: boolean }
  /** Neither pages nor cursors move: ask for one row, which must bring a cursor if cursors are spoken at all. */
  | { readonly do: 'check_cursors' }
  | { readonly do: 'fail'; readonly why: ProofReason };

const end = (why: ProofReason): NextStep => ({ do: 'end', why });
const fail = (why: ProofReason): NextStep => ({ do: 'fail', why });
const go = (to: Position, isProbe = false): NextStep => ({ do: 'go', to, isProbe });

export function nextStep(page: PageSeen, rules: PagingRules): NextStep {
  if (rules.mayBeWhole && page.rows > rules.pageSize) return end('single_answer');
  return page.at.mode === 'cursor' ? afterCursor(page, rules) : afterPage(page, page.at.page, rules);
}

function afterCursor(page: PageSeen, rules: PagingRules): NextStep {
  if (page.nextCursor !== null) {
    // A cursor behind an empty page is followed once: "more" and "nothing" contradict each other.
    if (page.rows === 0 && (page.afterEmptyPage || page.cursorSeenBefore)) return end('empty_page');
    if (page.cursorSeenBefore) return fail('cursor_stuck');
    if (page.repeated) return fail('page_repeated');
    return go({ mode: 'cursor', cursor: page.nextCursor });
  }
  if (page.repeated) return fail('page_repeated');
  if (page.rows === 0) return end(page.pagesBefore === 0 ? 'empty_page' : 'cursor_ended');
  const isFull = page.rows >= rules.pageSize;
  if (!isFull && !mayBeCut(page, rules)) return end(rules.cursorsSpoken ? 'cursor_ended' : 'short_page');
  if (!page.fromFirstPage) return end('cursor_ended');
  if (rules.pagination === 'auto') return go({ mode: 'page', page: page.pagesBefore + 2 }, true);
  return rules.cursorsSpoken ? end('cursor_ended') : { do: 'check_cursors' };
}

function afterPage(page: PageSeen, number: number, rules: PagingRules): NextStep {
  if (page.rows === 0) return end(page.isProbe ? 'probe_empty' : 'empty_page');
  if (page.repeated) return page.isProbe ? probeWithoutPages(rules) : fail('page_repeated');
  // A service that ignores `page` may offer its cursor all the same.
  if (page.nextCursor !== null && rules.pagination === 'auto') return afterCursor(page, rules);
  if (page.rows >= rules.pageSize) {
    return go({ mode: 'page', page: number + 1 }, number === 1 && (rules.mayBeWhole || rules.pagination === 'auto'));
  }
  return mayBeCut(page, rules) ? go({ mode: 'page', page: number + 1 }, true) : end('short_page');
}

/** `page` is ignored or refused: the list has ended if cursors are spoken, because then there would have been one. */
export function probeWithoutPages(rules: PagingRules): NextStep {
  if (rules.cursorsSpoken) return end('probe_empty');
  if (rules.mayBeWhole) return end('single_answer');
  return rules.pagination === 'page' ? fail('page_repeated') : { do: 'check_cursors' };
}

const mayBeCut = (page: PageSeen, rules: PagingRules): boolean =>
  page.pagesBefore === 0 && page.fromFirstPage && !rules.cursorsSpoken && rules.mayBeCut;
