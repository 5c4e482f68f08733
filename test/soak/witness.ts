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
  readonly ids: Set<string>;
  /** Cursors that pages have named. A page may be asked for before the one that names it was understood. */
  readonly named: Set<string>;
  /** A page by number had nothing new: the end only where cursors are given. */
  repeatedPage: boolean;
  givesCursors: boolean;
  doubt: string | null;
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
    const reading = known !== undefined && !isFirst ? known : begun(stream, isFirst);
    readings.set(key, reading);
    const doubt = doubtOf(reading, { rows, idNames, cursor, next });
    reading.doubt ??= doubt;
    if (next !== null) reading.givesCursors = true;
    if (next !== null) reading.named.add(next);
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
      for (const { stream, doubt, repeatedPage, givesCursors } of readings.values()) {
        const why = doubt ?? (repeatedPage && !givesCursors ? 'a page came again' : null);
        if (why !== null) doubts.set(stream, why);
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

const begun = (stream: RecordStream, isFirst: boolean): Reading => ({
  ...{ stream, ids: new Set(), named: new Set(), repeatedPage: false, givesCursors: false },
  doubt: isFirst ? null : 'it began in the middle',
});

type Page = {
  readonly rows: readonly object[];
  readonly idNames: readonly string[];
  readonly cursor: string | null;
  readonly next: string | null;
};

/** Adds a page to what was read, and says why the read cannot be complete with it. */
function doubtOf(reading: Reading, { rows, idNames, cursor, next }: Page): string | null {
  let old = 0;
  let unreadable = 0;
  for (const row of rows) {
    const id = idNames.map((name) => (row as Record<string, unknown>)[name]).find((value) => value != null);
    if (id === undefined) unreadable += 1;
    else if (reading.ids.has(String(id))) old += 1;
    reading.ids.add(String(id));
  }
  if (unreadable > 0) return `${unreadable} rows of a page could not be read`;
  if (old > 0 && old < rows.length) return `${old} rows of a page had come before`;
  if (old > 0 && cursor !== null) return 'a page came again';
  if (old > 0) reading.repeatedPage = true;
  const isLoop = next !== null && rows.length > 0 && (next === cursor || reading.named.has(next));
  return isLoop ? 'its cursor led back' : null;
}
