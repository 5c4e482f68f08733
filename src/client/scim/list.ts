import { pathOf, type ScimAsk, type ScimCallOptions, type ScimEndpoint } from './ask.ts';
import { listOf, recordOf, type ScimRecord } from './resource.ts';

export type ScimListOptions = ScimCallOptions & {
  /** Rows a page, 2 or more; default 100. The service may give fewer. */
  readonly count?: number;
  /** Members of groups are left out where the service allows it. */
  readonly withoutMembers?: boolean;
  /** Only those that fulfil it (RFC 7644, 3.4.2.2), such as `active eq false`. A service may know `eq` and `and` alone. */
  readonly filter?: string;
};

/**
 * Why a list is not known to be whole. `start_ignored`: the service gives its first page again and again. `order_changed`: a page does
 * not begin where the one before ended, so rows may have slipped between them. `came_twice`: a row stood on two pages. `no_id`: a row
 * without one. `fewer_than_stated`: it counts more than it shows. `pages_of_one`: pages of a single row cannot overlap. `not_ended`: the
 * read was left, failed, or is still going on.
 */
export type ScimListReason =
  | 'start_ignored'
  | 'order_changed'
  | 'came_twice'
  | 'no_id'
  | 'fewer_than_stated'
  | 'pages_of_one'
  | 'not_ended';

export type ScimListProof = {
  readonly complete: boolean;
  /** Null when it is complete. */
  readonly why: ScimListReason | null;
  readonly pages: number;
  readonly rows: number;
  /** The most that an answer counted; null where none did. It is often wrong, and proves nothing by itself. */
  readonly stated: number | null;
};

export type ScimListRead = {
  records(): AsyncGenerator<ScimRecord, void, undefined>;
  proof(): ScimListProof;
};

const ROWS = 100;

/**
 * Reads all users or groups. Each page begins with the last row of the page before: so it shows that nothing slipped between them, that the
 * service heeds where to start, and, when nothing else comes, that this is the end. What the service counts is not needed for that,
 * but a count that is higher than what came means that something is missing.
 */
export function readList(ask: ScimAsk, endpoint: ScimEndpoint, options: ScimListOptions): ScimListRead {
  const count = Math.max(2, options.count ?? ROWS);
  const seen = new Set<string>();
  let pages = 0;
  let stated: number | null = null;
  let why: ScimListReason | null = 'not_ended';

  const page = async (startIndex: number): Promise<readonly (ScimRecord | null)[]> => {
    const query = {
      startIndex: String(startIndex),
      count: String(count),
      ...(options.withoutMembers === true && { excludedAttributes: 'members' }),
      ...(options.filter !== undefined && { filter: options.filter }),
    };
    const { total, rows } = listOf(await ask({ path: pathOf(endpoint), query }, options));
    pages += 1;
    if (total !== null) stated = Math.max(stated ?? 0, total);
    return rows.map(recordOf);
  };

  /** What is wrong with the rows of a page behind the one that it shares with the page before; null: nothing. */
  const wrongIn = (rows: readonly (ScimRecord | null)[]): ScimListReason | null => {
    if (rows.includes(null)) return 'no_id';
    const ids = rows.map((row) => row!.id);
    return new Set(ids).size < ids.length || ids.some((id) => seen.has(id)) ? 'came_twice' : null;
  };

  const atEnd = (): ScimListReason | null => (stated !== null && stated > seen.size ? 'fewer_than_stated' : null);

  return {
    async *records() {
      let last: string | null = null;
      let first: string | null = null;
      let onPage = 0;
      for (;;) {
        // Pages of one row would be all overlap: whether another one comes is asked for without it.
        const overlaps = onPage > 1;
        const rows = await page(overlaps ? seen.size : seen.size + 1);
        if (overlaps && rows[0]?.id !== last) {
          why = rows[0]?.id === first ? 'start_ignored' : 'order_changed';
          return;
        }
        const fresh = overlaps ? rows.slice(1) : rows;
        if (fresh.length === 0 || (onPage === 1 && fresh.every((row) => row !== null && seen.has(row.id)))) {
          why = atEnd();
          return;
        }
        why = onPage === 1 ? 'pages_of_one' : wrongIn(fresh);
        if (why !== null) return;
        why = 'not_ended';
        onPage = rows.length;
        for (const row of fresh) {
          seen.add(row!.id);
          first ??= row!.id;
          last = row!.id;
          yield row!;
        }
      }
    },
    proof: () => ({ complete: why === null, why, pages, rows: seen.size, stated }),
  };
}
