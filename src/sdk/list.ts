import { ApiError } from './api-error.ts';

/**
 * A list that is read as far as it is used: `for await (const row of list)`. Every iteration begins anew. It ends when the
 * server says that there is no more; a page that cannot be read is thrown, so that a part is never taken for the whole.
 */
export type List<Row, Page = unknown> = AsyncIterable<Row> & {
  /** The pages, as they were answered. */
  pages(): AsyncIterable<Page>;
  /** The first page alone. */
  first(): Promise<Page>;
  /** All rows, or the first `most` of them. */
  all(most?: number): Promise<Row[]>;
};

/** How a list goes from page to page. */
export type Paging<Row, Page> = {
  /** Asks for the page at a cursor; undefined asks for the first. */
  readonly ask: (cursor: string | undefined) => Promise<Page>;
  readonly rows: (page: Page) => readonly Row[];
  /** Where the next page is; nothing after the last. */
  readonly next: (page: Page) => string | null | undefined;
};

export function listOf<Row, Page>({ ask, rows, next }: Paging<Row, Page>): List<Row, Page> {
  async function* pages(): AsyncGenerator<Page> {
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page: Page = await ask(cursor);
      yield page;
      const following = next(page) || null;
      if (following !== null && following === cursor) throw unexpected('The cursor of the list does not move.');
      cursor = following;
    }
  }
  async function* each(): AsyncGenerator<Row> {
    for await (const page of pages()) {
      const found = rows(page);
      if (!Array.isArray(found)) throw unexpected('The answer is no list.');
      yield* found;
    }
  }
  return {
    pages,
    first: () => ask(undefined),
    async all(most = Number.POSITIVE_INFINITY) {
      const found: Row[] = [];
      if (most <= 0) return found;
      for await (const row of each()) {
        found.push(row);
        if (found.length >= most) break;
      }
      return found;
    },
    [Symbol.asyncIterator]: each,
  };
}

type Cursored = { readonly result: readonly unknown[]; readonly next_cursor: string | null };
type RowOf<Page extends { readonly result: readonly unknown[] }> = Page['result'][number];

/** A list that goes on with the cursor of its last page. */
export const cursorList = <Page extends Cursored>(
  ask: (cursor: string | undefined) => Promise<Page>,
): List<RowOf<Page>, Page> => listOf({ ask, rows: (page) => page.result, next: (page) => page.next_cursor });

/** A list that comes as one page. */
export const wholeList = <Page extends { readonly result: readonly unknown[] }>(
  ask: () => Promise<Page>,
): List<RowOf<Page>, Page> => listOf({ ask, rows: (page) => page.result, next: () => null });

const unexpected = (detail: string): ApiError => new ApiError({ code: 'unexpected_answer', detail });
