import { ForeknowError } from '../errors/errors.ts';
import { maxPerPage } from '../wire/limits.ts';
import type { CompletenessProof } from '../wire/proof.ts';
import type { Read } from '../wire/records.ts';
import type { BadRow, Coercions, ReadContext, RowReader } from '../wire/reporting/read.ts';
import { outcomeOf } from './incomplete-read.ts';
import type { Dialect, Pagination, Position } from './pagination.ts';
import { createDemand, prefetched } from './prefetch.ts';
import { completenessProof, type Tally } from './proof.ts';
import type { Answer, CallKind } from './transport/types.ts';
import { walkPages } from './walk-pages.ts';

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Default: the client's. */
  readonly kind?: CallKind;
  /** Longest single wait for a limit or before another try, in ms; default: the client's. */
  readonly maxWaitMs?: number;
};

export type ListOptions = CallOptions & {
  /**
   * Pages fetched while the caller works on one; default 1, 0 = none. Never goes past the end. One hides the network
   * behind the caller's work; more only help where answers take very unequal times, and cost memory.
   */
  readonly prefetch?: number;
  /** 1–500, default 500: the fewest requests. */
  readonly perPage?: number;
  /**
   * Rows that the list had, as far as the caller knows. An end that comes before is made sure of: an empty answer is asked
   * for again, and behind a short first page the next one is looked for.
   */
  readonly expectedRows?: number;
  /** Look behind a short first page also when other lists have come in larger ones; costs a request at most. */
  readonly makeSure?: boolean;
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
    readonly whenWanted?: (answer: Answer) => Promise<void>;
  },
  options: CallOptions,
) => Promise<Answer>;

export type ListDeps = {
  readonly get: Get;
  readonly pagination: Pagination;
  readonly dialect: Dialect;
  readonly now: () => number;
};

const DEFAULT_PREFETCH = 1;

export function readList<R>(deps: ListDeps, spec: ListSpec<R>, options: ListOptions = {}): ListRead<R> {
  const perPage = checkedPerPage(options.perPage);
  const coercions: Coercions = new Map();
  const tally: Tally = {
    fromFirstPage: options.startAt === undefined,
    pages: 0,
    yielded: 0,
    requests: 0,
    rows: 0,
    duplicates: 0,
    badRows: 0,
    contradictions: 0,
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
    const ahead = options.prefetch ?? DEFAULT_PREFETCH;
    const demand = createDemand(ahead);
    const walkOptions = { ...options, perPage, prefetch: ahead, signal: control.signal };
    const walk = walkPages({ deps, spec, options: walkOptions, tally, coercions, demand });
    try {
      const ended = yield* prefetched(walk, ahead, demand);
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
