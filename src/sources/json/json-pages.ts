import { ForeknowError } from '../../errors/errors.ts';
import { linkTarget } from '../../lib/link-header.ts';
import type { Fetched } from './json-fetch.ts';
import { atPath } from './json-path.ts';

/** How one page leads to the next; one of the ways is there, or none: then there is one page. */
export type NextPage = {
  /** The `Link` header names it. */
  readonly link?: boolean | undefined;
  /** Where the body names it: an address, or a cursor for `cursorParameter`. */
  readonly path?: string | undefined;
  readonly cursorParameter?: string | undefined;
  /** Pages are counted from `firstPage` (default 1) until one is empty. */
  readonly pageParameter?: string | undefined;
  readonly firstPage?: number | undefined;
  /** People are counted from 0 until a page is empty. */
  readonly offsetParameter?: string | undefined;
};

export type PageRules = {
  readonly url: URL;
  /** Where the list of people is; absent: the body itself. */
  readonly items?: string | undefined;
  readonly next?: NextPage | undefined;
  readonly pageSize?: { readonly parameter: string; readonly value: number } | undefined;
  /** Where the body says how many there are. */
  readonly total?: string | undefined;
};

export type Page = { readonly items: readonly unknown[]; readonly total: number | null };

/** How the pages ended: by a page that names no other, by an empty one, or without anything that says so. */
export type PagesTally = {
  pages: number;
  endedBy: 'server' | 'empty page' | null;
  /** Pages before the last one that were not full, where pages are counted. */
  short: number;
  /** The answer names a next page that nobody was told to follow. */
  isMore: boolean;
};

export const newPagesTally = (): PagesTally => ({ pages: 0, endedBy: null, short: 0, isMore: false });

const MOST_PAGES = 100_000;

/**
 * Every page, the first at `url`.
 * @throws ForeknowError `source_invalid` for a page that leads to another server, or round and round; what `get` throws
 */
export async function* pagesOf(
  rules: PageRules,
  get: (url: URL) => Promise<Fetched>,
  tally: PagesTally,
): AsyncGenerator<Page> {
  const { next } = rules;
  const isCounted = next?.pageParameter !== undefined || next?.offsetParameter !== undefined;
  const seen = new Set<string>();
  let offset = 0;
  let isShort = false;
  for (let url: URL | null = firstUrl(rules); url !== null; ) {
    if (seen.has(url.href) || seen.size >= MOST_PAGES) throw roundAndRound(url);
    seen.add(url.href);
    const fetched: Fetched = await get(url);
    const page = pageOf(fetched.body, rules);
    tally.pages += 1;
    if (isCounted && page.items.length > 0) {
      if (isShort) tally.short += 1;
      isShort = rules.pageSize !== undefined && page.items.length < rules.pageSize.value;
    }
    offset += page.items.length;
    yield page;
    if (isCounted) {
      if (page.items.length === 0) tally.endedBy = 'empty page';
      url = page.items.length === 0 ? null : countedUrl(rules, tally.pages, offset);
    } else {
      url = namedUrl(rules, fetched, url);
      if (url === null && next !== undefined) tally.endedBy = 'server';
      if (next === undefined) tally.isMore = linkTarget(fetched.link, 'next') !== null;
    }
  }
}

function pageOf(body: unknown, { url, items, total }: PageRules): Page {
  const list = items === undefined ? body : atPath(body, items);
  if (!Array.isArray(list)) throw noList(url, items);
  const count = total === undefined ? undefined : atPath(body, total);
  const number = typeof count === 'string' && /^\d{1,9}$/.test(count) ? Number(count) : count;
  if (total !== undefined && !Number.isInteger(number)) throw noTotal(url, total);
  return { items: list, total: typeof number === 'number' ? number : null };
}

function firstUrl({ url, next, pageSize }: PageRules): URL {
  const first = new URL(url);
  if (pageSize !== undefined) first.searchParams.set(pageSize.parameter, String(pageSize.value));
  if (next?.pageParameter !== undefined) first.searchParams.set(next.pageParameter, String(next.firstPage ?? 1));
  if (next?.offsetParameter !== undefined) first.searchParams.set(next.offsetParameter, '0');
  return first;
}

function countedUrl(rules: PageRules, pages: number, offset: number): URL {
  const url = firstUrl(rules);
  const { pageParameter, firstPage = 1, offsetParameter } = rules.next!;
  if (pageParameter !== undefined) url.searchParams.set(pageParameter, String(firstPage + pages));
  if (offsetParameter !== undefined) url.searchParams.set(offsetParameter, String(offset));
  return url;
}

/** Where the answer says that it goes on; null: nowhere. */
function namedUrl(rules: PageRules, { body, link }: Fetched, at: URL): URL | null {
  const { next } = rules;
  if (next === undefined) return null;
  const named = next.link ? linkTarget(link, 'next') : next.path === undefined ? null : atPath(body, next.path);
  if (named === null || named === undefined || named === '' || named === false) return null;
  if (typeof named !== 'string' && typeof named !== 'number') throw notANextPage(at);
  if (next.cursorParameter !== undefined) {
    const url = firstUrl(rules);
    url.searchParams.set(next.cursorParameter, String(named));
    return url;
  }
  const url = URL.parse(String(named), at.href);
  // The credentials go to the server of the settings alone.
  if (url === null || url.origin !== rules.url.origin || url.username !== '' || url.password !== '')
    throw notANextPage(at);
  return url;
}

const noList = ({ host }: URL, path: string | undefined): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `${path === undefined ? 'The answer' : path} of ${host} is not a list.`,
    hint: 'items says where in the answer the list of people is.',
    field: 'items',
  });

const noTotal = ({ host }: URL, path: string): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `${path} of ${host} is not a number.`,
    hint: 'complete_when.total says where the answer counts all people.',
    field: 'complete_when.total',
  });

const notANextPage = ({ host }: URL): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `What ${host} names as its next page is not one of the same server.`,
    hint: 'next says how one page leads to the next; the credentials are sent to the host of url alone.',
    field: 'next',
  });

export const roundAndRound = ({ host }: URL): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `The pages of ${host} lead back to one that was read already.`,
    hint: 'The server does not go on: look at next, and at the name of its parameter.',
    field: 'next',
  });
