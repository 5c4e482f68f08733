import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { createIdSet } from '../lib/id-set.ts';
import { linkTarget } from '../lib/link-header.ts';
import { maxPerPage } from '../wire/limits.ts';
import type { CompletenessProof, ProofReason } from '../wire/proof.ts';
import type { Read } from '../wire/records.ts';
import {
  type BadRow,
  type Coercions,
  isBadRow,
  isObject,
  type ReadContext,
  type RowReader,
} from '../wire/reporting/read.ts';
import {
  type Dialect,
  firstCursor,
  firstPage,
  type NextStep,
  nextStep,
  type PageSeen,
  type Pagination,
  type PagingRules,
  type Position,
  probeWithoutPages,
} from './pagination.ts';
import { prefetched } from './prefetch.ts';
import { completenessProof, type Tally } from './proof.ts';
import type { Answer, CallKind } from './transport/types.ts';

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Default: the client's. */
  readonly kind?: CallKind;
  /** Longest single wait for a limit or before another try, in ms; default: the client's. */
  readonly maxWaitMs?: number;
};

export type ListOptions = CallOptions & {
  /** Pages fetched while the caller works on one; default 2, 0 = none. Never goes past the end. */
  readonly prefetch?: number;
  /** 1–500, default 500: the fewest requests. */
  readonly perPage?: number;
  /** Stop after so many pages; such a read is not complete. */
  readonly maxPages?: number;
  /** Resume at the `next` of an earlier page, with the same `perPage`. A resumed read never proves completeness. */
  readonly startAt?: Position;
};

export type ListPage<R> = {
  readonly rows: readonly Read<R>[];
  /** Rows that could not be read. */
  readonly bad: readonly BadRow[];
  /** Rows left out because an earlier page had them. */
  readonly duplicates: number;
  /** 1 for the first page of this read. */
  readonly page: number;
  /** Where to resume after this page; null when it was the last. */
  readonly next: Position | null;
};

/** One read of a list. It runs once: iterate over the records or over the pages, then ask for the proof. */
export type ListRead<R> = AsyncIterable<R> & {
  pages(): AsyncGenerator<ListPage<R>, void, undefined>;
  /** Complete only after the iteration came to its end; before, after a break or an error it says why it is not. */
  proof(): CompletenessProof;
  /** Fields whose values had to be turned into their type, or could not be read, with how often. */
  coercions(): Readonly<Record<string, number>>;
};

/** What an endpoint is, besides its path. */
export type ListSpec<R> = {
  readonly endpoint: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly read: RowReader<R>;
  readonly keyOf: (record: R) => string;
  readonly context?: ReadContext;
  readonly mayBeWhole?: boolean;
  readonly tries?: number;
};

export type Get = (
  call: {
    readonly endpoint: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string | undefined>>;
    readonly tries?: number | undefined;
    readonly onSent?: () => void;
  },
  options: CallOptions,
) => Promise<Answer>;

export type ListDeps = {
  readonly get: Get;
  readonly pagination: Pagination;
  readonly dialect: Dialect;
  readonly now: () => number;
};

const DEFAULT_PREFETCH = 2;
/** Ten million rows: a list that is still going on then does not end. */
const PAGE_CAP = 20_000;

export function readList<R>(deps: ListDeps, spec: ListSpec<R>, options: ListOptions = {}): ListRead<R> {
  const perPage = checkedPerPage(options.perPage);
  const coercions: Coercions = new Map();
  const tally: Tally = {
    fromFirstPage: options.startAt === undefined,
    pages: 0,
    requests: 0,
    rows: 0,
    duplicates: 0,
    badRows: 0,
    sawCursor: options.startAt?.mode === 'cursor',
    single: false,
    startedAt: null,
    endedAt: null,
    outcome: { why: 'not_finished', detail: 'The read has not come to its end.' },
  };
  const control = new AbortController();

  async function* pages(): AsyncGenerator<ListPage<R>, void, undefined> {
    if (tally.startedAt !== null) {
      throw new ForeknowError('invalid_request', { detail: 'This read was iterated already: call the list again.' });
    }
    tally.startedAt = deps.now();
    const onAbort = () => control.abort(options.signal!.reason);
    if (options.signal?.aborted) onAbort();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const walk = walkPages(deps, spec, { ...options, perPage, signal: control.signal }, tally, coercions);
    try {
      const ended = yield* prefetched(walk, options.prefetch ?? DEFAULT_PREFETCH);
      tally.outcome = { why: ended, detail: '' };
    } catch (error) {
      tally.outcome = outcomeOf(error);
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      // Ends a request that was made ahead, when the caller stopped early.
      control.abort();
      tally.endedAt = deps.now();
    }
  }

  async function* records(): AsyncGenerator<R, void, undefined> {
    for await (const page of pages()) for (const row of page.rows) yield row.record;
  }

  return {
    pages,
    [Symbol.asyncIterator]: records,
    proof: () => completenessProof(tally, deps.now()),
    coercions: () => Object.fromEntries(coercions),
  };
}

function checkedPerPage(perPage = maxPerPage): number {
  if (Number.isInteger(perPage) && perPage >= 1) return Math.min(perPage, maxPerPage);
  throw new ForeknowError('invalid_request', { detail: 'perPage is a whole number from 1 to 500.', field: 'perPage' });
}

/** Walks the pages one after another and returns how it recognised the end. */
async function* walkPages<R>(
  deps: ListDeps,
  spec: ListSpec<R>,
  options: ListOptions & { readonly perPage: number },
  tally: Tally,
  coercions: Coercions,
): AsyncGenerator<ListPage<R>, ProofReason, undefined> {
  const seen = { ids: createIdSet(), prints: new Set<string>(), cursors: new Set<string>() };
  const context: ReadContext = { ...spec.context, coercions };
  const startsByPage = deps.pagination === 'page' || (deps.pagination === 'auto' && deps.dialect.cursorsRefused);
  let at = options.startAt ?? (startsByPage ? firstPage : firstCursor);
  let isProbe = false;
  let pageSize = options.perPage;
  let firstRows = 0;
  let afterEmptyPage = false;
  let triedOther = deps.pagination !== 'auto' || options.startAt !== undefined;

  const ask = (position: Position, rows: number) =>
    deps.get(
      {
        ...spec,
        query: { per_page: String(rows), ...positionQuery(position), ...spec.query },
        onSent: () => {
          tally.requests += 1;
        },
      },
      options,
    );
  const rules = (): PagingRules => ({
    pagination: deps.pagination,
    pageSize,
    cursorsSpoken: deps.dialect.cursorsSpoken.has(spec.endpoint),
    mayBeWhole: spec.mayBeWhole ?? false,
  });
  /** One row asked for by cursor, of a list with more: a server that speaks cursors must give one. */
  const cursorsAnswered = async (): Promise<boolean> => {
    const answer = await ask(firstCursor, 1);
    return nextCursorOf(answer) !== null;
  };

  for (;;) {
    if (tally.pages >= (options.maxPages ?? PAGE_CAP)) {
      if (options.maxPages === undefined) throw incomplete('page_cap', spec.endpoint);
      return 'page_cap';
    }

    let step: NextStep;
    let page: ListPage<R> | null = null;
    try {
      const answer = await ask(at, options.perPage);
      const raw = rowsOf(answer.body, spec.endpoint);
      tally.single ||= raw.single;
      tally.pages += 1;
      const nextCursor = nextCursorOf(answer);
      if (nextCursor !== null || answer.headers.get('x-next-cursor') !== null) {
        deps.dialect.cursorsSpoken.add(spec.endpoint);
      }
      tally.sawCursor ||= nextCursor !== null;

      const sorted = sortRows(raw.rows, spec, context, seen.ids.add);
      const repeated = isRepeated(raw.rows, sorted, seen.prints, firstRows);
      if (isProbe && !repeated && raw.rows.length > 0 && firstRows < pageSize) pageSize = firstRows;
      const pageSeen: PageSeen = {
        at,
        pagesBefore: tally.pages - 1,
        rows: raw.rows.length,
        afterEmptyPage,
        nextCursor,
        cursorSeenBefore: nextCursor !== null && (seen.cursors.has(nextCursor) || isAt(at, nextCursor)),
        repeated,
        isProbe,
        fromFirstPage: options.startAt === undefined,
      };
      step = raw.single ? { do: 'end', why: 'single_answer' } : nextStep(pageSeen, rules());
      if (nextCursor !== null) seen.cursors.add(nextCursor);
      afterEmptyPage = raw.rows.length === 0;
      if (tally.pages === 1) firstRows = raw.rows.length;
      if (!repeated && raw.rows.length > 0) {
        tally.rows += sorted.rows.length;
        tally.duplicates += sorted.duplicates;
        tally.badRows += sorted.bad.length;
        page = { ...sorted, page: tally.pages, next: step.do === 'go' ? step.to : null };
      }
    } catch (error) {
      if (!isRejected(error)) throw error;
      if (isProbe) {
        step = probeWithoutPages(rules());
      } else if (tally.pages === 0 && !triedOther) {
        // Unknown parameter, perhaps: the other way of asking is tried once.
        triedOther = true;
        deps.dialect.cursorsRefused = at.mode === 'cursor';
        at = at.mode === 'cursor' ? firstPage : firstCursor;
        continue;
      } else {
        throw error;
      }
    }

    if (page !== null) yield page;
    if (step.do === 'check_cursors') {
      step = (await cursorsAnswered()) ? { do: 'end', why: 'probe_empty' } : { do: 'fail', why: 'page_repeated' };
    }
    if (step.do === 'end') return step.why;
    if (step.do === 'fail') throw incomplete(step.why, spec.endpoint);
    at = step.to;
    isProbe = step.isProbe;
  }
}

const positionQuery = (position: Position): Record<string, string> =>
  position.mode === 'page' ? { page: String(position.page) } : { cursor: position.cursor };

const isAt = (position: Position, cursor: string): boolean => position.mode === 'cursor' && position.cursor === cursor;

/** A list as an array; one object instead of a list (as samples of the guide print it) is a list of one. */
function rowsOf(body: unknown, endpoint: string): { rows: readonly unknown[]; single: boolean } {
  if (Array.isArray(body)) return { rows: body, single: false };
  if (isObject(body)) return { rows: [body], single: true };
  throw new ForeknowError('remote_invalid', { detail: `KnowBe4 answered ${endpoint} with something that is no list.` });
}

/** From `X-Next-Cursor`, else from the `cursor` of a `Link` to the next page. */
function nextCursorOf(answer: Answer): string | null {
  const header = answer.headers.get('x-next-cursor')?.trim();
  if (header) return header;
  const target = linkTarget(answer.headers.get('link'), 'next');
  const query = target?.split('?')[1]?.split('#')[0];
  return (query && new URLSearchParams(query).get('cursor')) || null;
}

type SortedRows<R> = { rows: readonly Read<R>[]; bad: readonly BadRow[]; duplicates: number };

function sortRows<R>(
  raw: readonly unknown[],
  spec: ListSpec<R>,
  context: ReadContext,
  isNew: (id: string) => boolean,
): SortedRows<R> {
  const rows: Read<R>[] = [];
  const bad: BadRow[] = [];
  let duplicates = 0;
  for (const item of raw) {
    const row = spec.read(item, context);
    if (isBadRow(row)) bad.push(row);
    else if (isNew(spec.keyOf(row.record))) rows.push(row);
    else duplicates += 1;
  }
  return { rows, bad, duplicates };
}

/** A page is a repetition when it looks like an earlier one, or when it has as many rows as the first, all of them old. */
function isRepeated<R>(
  raw: readonly unknown[],
  sorted: SortedRows<R>,
  prints: Set<string>,
  firstRows: number,
): boolean {
  if (raw.length === 0) return false;
  if (sorted.duplicates === raw.length && firstRows > 0 && raw.length >= firstRows) return true;
  const print = `${raw.length} ${JSON.stringify(raw[0])} ${JSON.stringify(raw.at(-1))}`;
  if (prints.has(print) && sorted.rows.length === 0) return true;
  prints.add(print);
  return false;
}

const isRejected = (error: unknown): boolean =>
  isForeknowError(error) && (error.remote?.status === 400 || error.remote?.status === 422);

const failureDetails: Partial<Record<ProofReason, string>> = {
  page_repeated: 'A page came again instead of the next one, so rows may be missing.',
  cursor_stuck: 'The cursor led back to where the read had been, so rows may be missing.',
  page_cap: 'The list did not end.',
};

function incomplete(why: ProofReason, endpoint: string): IncompleteRead {
  return new IncompleteRead(why, endpoint);
}

/** Carries the reason for the proof. */
class IncompleteRead extends ForeknowError {
  readonly why: ProofReason;

  constructor(why: ProofReason, endpoint: string) {
    super('incomplete_read', {
      detail: `${failureDetails[why] ?? 'The read ended early.'} (${endpoint})`,
      hint: 'Nothing may be concluded from rows that did not come. Read the list again.',
    });
    this.why = why;
  }
}

function outcomeOf(error: unknown): { why: ProofReason; detail: string } {
  if (error instanceof IncompleteRead) return { why: error.why, detail: error.detail };
  if (!isForeknowError(error)) return { why: 'error', detail: 'The read failed.' };
  return { why: error.code === 'aborted' ? 'aborted' : 'error', detail: error.detail };
}
