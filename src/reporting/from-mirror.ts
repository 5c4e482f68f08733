import { ForeknowError } from '../errors/errors.ts';
import { maxPerPage } from '../wire/limits.ts';
import type { Instant, RawRecord } from '../wire/records.ts';
import { asPrinted } from '../wire/reporting/print-json.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { type Asked, type Endpoint, type Mirrored, mirrored } from './endpoints.ts';
import type { KeptRow, ReportingStore } from './ports.ts';
import { type People, parsedRow, personIn, shownEnrollment, shownRecipient } from './show.ts';

export type MirrorCall = Asked & { readonly connectionId: string; readonly endpoint: Endpoint };

export type MirrorAnswer = {
  /** JSON as KnowBe4 prints it. */
  readonly body: Uint8Array;
  readonly nextCursor: string | null;
  /** When what it shows was last read to its end. */
  readonly asOf: Instant;
};

const DEFAULT_PER_PAGE = 100;
const paging = { page: /^[1-9]\d{0,6}$/, per_page: /^[1-9]\d{0,6}$/, cursor: /^.{1,300}$/ };

/**
 * Answers a call of KnowBe4's Reporting API from the mirror, holding one page of it.
 * @returns null where the mirror cannot tell what KnowBe4 would answer: it does not keep it, has never read it to its end, or knows
 *   nothing of the id. Nothing may be concluded from that: KnowBe4 has to be asked.
 * @throws ForeknowError `not_found` for what was seen to be deleted; `invalid_cursor`
 */
export const answerFromMirror =
  (store: ReportingStore) =>
  async (call: MirrorCall): Promise<MirrorAnswer | null> => {
    const { connectionId, endpoint, query } = call;
    const known = mirrored[endpoint];
    if (known === undefined || !understands(known, query)) return null;
    const complete = () => store.completeAt(connectionId, known.stream, known.scope(call));
    // Before and after: what is read between two complete reads is whole, whatever was removed meanwhile.
    const before = await complete();
    if (before === null || !(await hasNeeded(store, call, known, before))) return null;
    const found = 'key' in known ? await oneRow(store, call, known.stream, known.key(call)) : await page(store, call);
    const asOf = await complete();
    return found === null || asOf === null ? null : { ...found, asOf };
  };

type Found = Omit<MirrorAnswer, 'asOf'>;

/** Everything in the query is known, stands once, and has a value that is known. */
function understands(known: Mirrored, query: URLSearchParams): boolean {
  const takes: Readonly<Record<string, RegExp>> = 'rows' in known ? { ...known.takes, ...paging } : known.takes;
  const names = [...query.keys()];
  if (known.has !== undefined && !query.has(known.has)) return false;
  return (
    new Set(names).size === names.length &&
    names.every((name) => Object.hasOwn(takes, name) && takes[name]!.test(query.get(name)!))
  );
}

/**
 * Whether what a list is below of was there when the list was last read: of a group that came later nobody knows who is in it.
 * @throws ForeknowError `not_found` where it was deleted
 */
async function hasNeeded(
  store: ReportingStore,
  call: MirrorCall,
  { needs }: Mirrored,
  completeAt: Instant,
): Promise<boolean> {
  const needed = needs?.(call) ?? null;
  if (needed === null) return true;
  const row = await store.keptRow(call.connectionId, needed.stream, needed.key);
  // What a filter names may be gone without the list being so.
  if (row !== null && row.deletedAt !== null && call.id !== '') throw gone();
  return row !== null && row.deletedAt === null && row.firstSeenAt <= completeAt;
}

async function oneRow(
  store: ReportingStore,
  call: MirrorCall,
  stream: Mirrored['stream'],
  key: string,
): Promise<Found | null> {
  const row = await store.keptRow(call.connectionId, stream, key);
  if (row === null) return null;
  if (row.deletedAt !== null) throw gone();
  const [shown] = await shownRows(store, call, [row]);
  return { body: printed(shown!), nextCursor: null };
}

async function page(store: ReportingStore, call: MirrorCall): Promise<Found | null> {
  const { endpoint, query, connectionId } = call;
  const known = mirrored[endpoint] as Mirrored & { readonly rows: unknown };
  const limit = Math.min(Number(query.get('per_page') ?? DEFAULT_PER_PAGE), maxPerPage);
  const cursor = query.get('cursor');
  const isStart = cursor === null || cursor === 'true' || cursor === '0';
  const after = isStart ? null : readCursor(listOf(call), cursor);
  // One that KnowBe4 gave, before the token was set to the mirror.
  if (!isStart && after === null) return null;
  const offset = cursor === null ? (Number(query.get('page') ?? 1) - 1) * limit : 0;
  const wanted = { connectionId, stream: known.stream, after, offset, limit: limit + 1, ...rowsOf(known, call) };
  const rows = await store.keptRows(wanted);
  const shown = await shownRows(store, call, rows.slice(0, limit));
  const hasMore = cursor !== null && rows.length > limit;
  return {
    body: printed(`[${shown.join(',')}]`),
    nextCursor: hasMore ? writeCursor(listOf(call), rows[limit - 1]!.key) : null,
  };
}

const rowsOf = (known: Mirrored, call: MirrorCall) => ('rows' in known ? known.rows(call) : {});

/** Path and filters. */
function listOf({ connectionId, endpoint, id, query }: MirrorCall): string {
  const filters = [...query].filter(([name]) => !Object.hasOwn(paging, name)).map((pair) => pair.join('='));
  return [connectionId, endpoint, id, ...filters.toSorted()].join(' ');
}

/** Rows as JSON texts. Most leave as they are kept. */
async function shownRows(
  store: ReportingStore,
  { connectionId, endpoint, query }: MirrorCall,
  rows: readonly KeptRow[],
): Promise<readonly string[]> {
  const show = showing(endpoint, query);
  if (show === null) return rows.map(({ raw }) => raw);
  const records = rows.map(parsedRow);
  const ids = [...new Set(records.flatMap((record) => personIn(record) ?? []))];
  const people = new Map((await store.keptPeople(connectionId, ids)).map((row) => [row.key, parsedRow(row)]));
  return records.map((record) => JSON.stringify(show(record, people)));
}

function showing(
  endpoint: Endpoint,
  query: URLSearchParams,
): ((record: RawRecord, people: People) => RawRecord) | null {
  if (endpoint.startsWith('/training/enrollments')) return (record, people) => shownEnrollment(record, people, query);
  return endpoint === '/phishing/security_tests/:id/recipients' ? shownRecipient : null;
}

const printed = (json: string): Uint8Array => Buffer.from(asPrinted(json), 'utf8');

const gone = (): ForeknowError =>
  new ForeknowError('not_found', { detail: 'It was deleted at KnowBe4.', hint: 'The change log says when.' });
