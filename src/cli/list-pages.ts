import type { Output } from './output/output.ts';

/** What lists of the directory have in common. */
export type ListPage<Row> = {
  readonly result: readonly Row[];
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  readonly result_count: number;
};

/**
 * Every record of a list as one JSON value, page by page: memory does not grow with the account.
 * @param read reads the page after a cursor, null for the first
 */
export async function writeAllJson<Row>(
  output: Pick<Output, 'writeJson' | 'isClosed'>,
  read: (cursor: string | null) => Promise<ListPage<Row>>,
): Promise<void> {
  let total = 0;
  let cursor: string | null = null;
  output.writeJson('{"result":[');
  do {
    const page: ListPage<Row> = await read(cursor);
    for (const row of page.result) {
      output.writeJson(`${total === 0 ? '' : ','}${JSON.stringify(row)}`);
      total += 1;
    }
    cursor = page.next_cursor;
  } while (cursor !== null && !output.isClosed());
  output.writeJson(`],"next_cursor":null,"prev_cursor":null,"result_count":${total}}\n`);
}

/** Every page for people to read: the titles stand over each page, as in a printed list. */
export async function writeAllText<Row>(
  output: Pick<Output, 'write' | 'isClosed'>,
  read: (cursor: string | null) => Promise<ListPage<Row>>,
  text: (rows: readonly Row[]) => string,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: ListPage<Row> = await read(cursor);
    output.write(text(page.result));
    cursor = page.next_cursor;
  } while (cursor !== null && !output.isClosed());
}
