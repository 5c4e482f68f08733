import { nextCursorOf } from '../../src/client/page-rows.ts';
import type { RunRecord } from '../../src/sync/ports.ts';
import type { RecordStream } from '../../src/wire/records.ts';
import type { Finding } from './checks.ts';

/** Reads every list answer that the client is given, by itself, and says what a run may not call complete. */
export type Witness = {
  /** An answer came in time; its body may still break off. */
  saw(url: string, answer: Response): Promise<void>;
  /** What a run that has ended says of its reads against what came; the next run begins anew. */
  findings(run: RunRecord): Finding[];
};

/** One read of one list, from its first page on. */
type Reading = {
  readonly stream: RecordStream;
  /** Where it began: a cursor, or a page by number. */
  readonly start: string;
  /** Whether that was the first page of the list. */
  readonly isFirst: boolean;
  /** The last whole answer at each place. A page may be asked for before the one that names it was understood, and be of no use then. */
  readonly pages: Map<string, Page>;
  givesCursors: boolean;
};

const lists: readonly (readonly [path: RegExp, stream: RecordStream, ids: readonly string[]])[] = [
  [/\/v1\/users$/, 'users', ['id']],
  [/\/v1\/groups$/, 'groups', ['id']],
  [/\/v1\/phishing\/campaigns$/, 'phishing_campaigns', ['campaign_id']],
  [/\/v1\/phishing\/security_tests$/, 'security_tests', ['pst_id']],
  [/\/v1\/phishing\/security_tests\/\d+\/recipients$/, 'recipients', ['recipient_id']],
  [/\/v1\/training\/campaigns$/, 'training_campaigns', ['campaign_id']],
  [/\/v1\/training\/store_purchases$/, 'store_purchases', ['store_purchase_id', 'store_purchased_id']],
  [/\/v1\/training\/policies$/, 'policies', ['policy_id']],
  [/\/v1\/training\/enrollments$/, 'enrollments', ['enrollment_id']],
];

export function createWitness(): Witness {
  let readings = new Map<string, Reading>();

  function note(url: URL, stream: RecordStream, idNames: readonly string[], rows: readonly object[], answer: Response) {
    const { searchParams: query } = url;
    const cursor = query.get('cursor');
    const isFirst = cursor === 'true' || cursor === '0' || (cursor === null && (query.get('page') ?? '1') === '1');
    const filters = [...query].filter(([name]) => !['page', 'per_page', 'cursor'].includes(name)).toSorted();
    const key = `${url.pathname} ${JSON.stringify(filters)}`;
    const next = nextCursorOf({ status: answer.status, headers: answer.headers, body: null });
    const known = readings.get(key);
    if (query.get('per_page') === '1') {
      // Asked for only to see whether cursors are given.
      if (known !== undefined && next !== null) known.givesCursors = true;
      return;
    }
    const place = cursor ?? `page ${query.get('page') ?? '1'}`;
    const reading =
      known !== undefined && !isFirst
        ? known
        : { stream, isFirst, start: place, pages: new Map<string, Page>(), givesCursors: false };
    readings.set(key, reading);
    reading.pages.set(place, { rows, idNames, cursor, next });
    if (next !== null) reading.givesCursors = true;
  }

  return {
    async saw(url, answer) {
      const at = new URL(url);
      const list = lists.find(([path]) => path.test(at.pathname));
      if (list === undefined || answer.status !== 200) return;
      const rows: unknown = await answer
        .clone()
        .json()
        .catch(() => null);
      if (Array.isArray(rows)) note(at, list[1], list[2], rows, answer);
    },
    findings(run) {
      const doubts = new Map<string, string>();
      for (const reading of readings.values()) {
        const why = doubtOf(reading);
        if (why !== null) doubts.set(reading.stream, why);
      }
      readings = new Map();
      return run.streams.flatMap(({ stream, proof, status }) => {
        if (proof === null) return [];
        if (!proof.complete)
          return status === 'done' || status === 'held' ? [`${stream} is ${status} (${proof.why})`] : [];
        const why = doubts.get(stream);
        return why === undefined ? [] : [`the read of ${stream} was called complete (${proof.why}), although ${why}`];
      });
    },
  };
}

type Page = {
  readonly rows: readonly object[];
  readonly idNames: readonly string[];
  readonly cursor: string | null;
  readonly next: string | null;
};

/** Goes through the pages as each names the next, and says why the read cannot be complete. */
function doubtOf({ isFirst, start, pages, givesCursors }: Reading): string | null {
  if (!isFirst) return 'it began in the middle';
  const ids = new Set<string>();
  const been = new Set<string>();
  let repeatedPage = false;
  for (let place = start, page = pages.get(start); page !== undefined; page = pages.get(place)) {
    been.add(place);
    const { old, unreadable } = countRows(page, ids);
    if (unreadable > 0) return `${unreadable} rows of a page could not be read`;
    if (old > 0 && old < page.rows.length) return `${old} rows of a page had come before`;
    if (old > 0 && page.cursor !== null) return 'a page came again';
    repeatedPage ||= old > 0;
    const byNumber = page.cursor === null ? `page ${Number(place.slice('page '.length)) + 1}` : '';
    place = page.next !== null && (page.cursor !== null || pages.has(page.next)) ? page.next : byNumber;
    if (been.has(place)) return page.rows.length > 0 ? 'its cursor led back' : null;
  }
  return repeatedPage && !givesCursors ? 'a page came again' : null;
}

/** Rows of a page that came before, and rows without an id; adds the others to what was read. */
function countRows({ rows, idNames }: Page, ids: Set<string>): { old: number; unreadable: number } {
  let old = 0;
  let unreadable = 0;
  for (const row of rows) {
    const id = idNames.map((name) => (row as Record<string, unknown>)[name]).find((value) => value != null);
    if (id === undefined) unreadable += 1;
    else if (ids.has(String(id))) old += 1;
    ids.add(String(id));
  }
  return { old, unreadable };
}
