import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { createIdSet } from '../lib/id-set.ts';
import type { ProofReason } from '../wire/proof.ts';
import type { Coercions } from '../wire/reporting/read.ts';
import { IncompleteRead } from './incomplete-read.ts';
import { isRepeated, nextCursorOf, rowsOf, type SortedRows, sortRows, speaksCursors } from './page-rows.ts';
import { mayBeCut, notePageSize } from './page-sizes.ts';
import {
  listStarts,
  type NextStep,
  nextStep,
  type PagingRules,
  type Position,
  probeWithoutPages,
} from './pagination.ts';
import type { Demand } from './prefetch.ts';
import type { Tally } from './proof.ts';
import type { ListDeps, ListOptions, ListPage, ListSpec } from './read-list.ts';
import type { Answer } from './transport/types.ts';

/** Ten million rows: a list that is still going on then does not end. */
const PAGE_CAP = 20_000;

export type Walk<R> = {
  readonly deps: ListDeps;
  readonly spec: ListSpec<R>;
  readonly options: ListOptions & { readonly perPage: number; readonly prefetch: number };
  readonly tally: Tally;
  readonly coercions: Coercions;
  readonly demand: Demand;
};

/** A walk whatever its records are. */
type AnyWalk = Pick<Walk<never>, 'deps' | 'options' | 'tally' | 'demand'> & {
  readonly spec: Omit<ListSpec<never>, 'read' | 'keyOf'>;
};

type WalkState = {
  at: Position;
  isProbe: boolean;
  /** Rows that a full page has: what was asked for, or what the server turned out to give. */
  pageSize: number;
  /** Rows of the first page; 0 until it has come. */
  firstRows: number;
  afterEmptyPage: boolean;
  /** The answer before was empty, too soon to be believed. */
  isAskedAgain: boolean;
  /** The request for the next page, when it is on its way before this page is understood. */
  early: Early | null;
  /** Other ways to begin, for when this one is rejected. */
  otherStarts: readonly Position[];
  readonly ids: ReturnType<typeof createIdSet>;
  readonly prints: Set<string>;
  readonly cursors: Set<string>;
};

type Early = {
  readonly cursor: string;
  readonly answer: Promise<Answer>;
  /** Lets the answer be parsed as soon as the caller wants it. */
  readonly take: () => void;
};

type Turned<R> = { readonly step: NextStep; readonly page: ListPage<R> | null };

/** Walks the pages of a list one after another and returns how it recognised the end. Empty pages are not yielded. */
export async function* walkPages<R>(walk: Walk<R>): AsyncGenerator<ListPage<R>, ProofReason, undefined> {
  const { options, spec, tally } = walk;
  const state = startOf(walk);
  for (;;) {
    if (tally.pages >= (options.maxPages ?? PAGE_CAP)) {
      if (options.maxPages === undefined) throw new IncompleteRead('page_cap', spec.endpoint);
      return 'page_cap';
    }
    let { page, step: found } = await turnPage(walk, state);
    if (page !== null) {
      tally.yielded += 1;
      yield page;
      // Not to be held while the next one is parsed.
      page = null;
    }
    const step = found.do === 'check_cursors' ? await cursorsChecked(walk) : found;
    if (step.do === 'end') return step.why;
    if (step.do === 'fail') throw new IncompleteRead(step.why, spec.endpoint);
    state.at = step.to;
    state.isProbe = step.isProbe;
  }
}

function startOf({ deps, options }: AnyWalk): WalkState {
  const usual = listStarts[deps.pagination];
  const first = options.startAt ?? deps.dialect.start ?? usual[0]!;
  return {
    at: first,
    isProbe: false,
    pageSize: options.perPage,
    firstRows: 0,
    afterEmptyPage: false,
    isAskedAgain: false,
    early: null,
    otherStarts: options.startAt === undefined ? usual.filter((start) => start !== first) : [],
    ids: createIdSet(),
    prints: new Set(),
    cursors: new Set(),
  };
}

/**
 * Asks for the next page while this one waits to be parsed: an answer that names the next cursor is all it takes. What is
 * asked for is the page after the one the caller wants, so it is no further ahead than any other prefetch.
 */
function askEarly(walk: AnyWalk, state: WalkState, text: Answer): boolean {
  const { tally, options } = walk;
  const isLast = tally.pages + 1 >= (options.maxPages ?? PAGE_CAP);
  if (isLast || options.prefetch === 0 || state.early !== null) return false;
  if (text.status !== 200 || isEmptyList(text)) return false;
  const cursor = nextCursorOf(text);
  if (cursor === null || state.cursors.has(cursor) || isAt(state.at, cursor)) return false;
  const taken = Promise.withResolvers<void>();
  const answer = ask(walk, { mode: 'cursor', cursor }, { gate: taken.promise, beforeParsing: early(walk, state) });
  // Seen when the walk comes to it, or never, when it ends before.
  answer.catch(() => undefined);
  state.early = { cursor, answer, take: taken.resolve };
  return true;
}

const early = (walk: AnyWalk, state: WalkState) => (text: Answer) => askEarly(walk, state, text);

const isEmptyList = ({ body }: Answer): boolean => /^\s*\[\s*\]\s*$/.test(String(body).slice(0, 100));

/** The answer that was asked for early, when it is the one the walk needs: a walk may turn elsewhere after all. */
function takeEarly(state: WalkState): Promise<Answer> | null {
  const { early } = state;
  state.early = null;
  if (early === null || !isAt(state.at, early.cursor)) return null;
  early.take();
  return early.answer;
}

async function turnPage<R>(walk: Walk<R>, state: WalkState): Promise<Turned<R>> {
  let answer: Answer;
  try {
    const rows = rowsToAsk(walk, state);
    answer = await (takeEarly(state) ?? ask(walk, state.at, { rows, beforeParsing: early(walk, state) }));
  } catch (error) {
    if (!isRejected(error)) throw error;
    return { step: afterRejection(walk, state, error), page: null };
  }
  return understood(walk, state, answer);
}

function understood<R>(walk: Walk<R>, state: WalkState, answer: Answer): Turned<R> {
  const { deps, spec, tally, options } = walk;
  const { rows: raw, single } = rowsOf(answer.body, spec.endpoint);
  if (raw.length === 0 && !state.isAskedAgain && tally.rows < (options.expectedRows ?? 0)) {
    state.isAskedAgain = true;
    return { step: { do: 'go', to: state.at, isProbe: state.isProbe }, page: null };
  }
  if (raw.length > 0 && state.isAskedAgain) {
    tally.contradictions += 1;
    state.isAskedAgain = false;
  }
  const nextCursor = nextCursorOf(answer);
  if (speaksCursors(answer)) deps.dialect.cursorsSpoken.add(spec.endpoint);
  const sorted = sortRows(raw, spec, { ...spec.context, coercions: walk.coercions }, state.ids.add);
  const repeated = isRepeated(raw, sorted, state.prints, state.firstRows);
  // The first page was short and yet not the last: that is the size of this server's pages.
  if (state.isProbe && !repeated && raw.length > 0) state.pageSize = Math.min(state.pageSize, state.firstRows);
  const seen = {
    at: state.at,
    pagesBefore: tally.pages,
    rows: raw.length,
    afterEmptyPage: state.afterEmptyPage,
    nextCursor,
    cursorSeenBefore: nextCursor !== null && (state.cursors.has(nextCursor) || isAt(state.at, nextCursor)),
    repeated,
    isProbe: state.isProbe,
    fromFirstPage: options.startAt === undefined,
  };
  const rules = { ...rulesOf(walk, state), mayBeCut: isMaybeCut(walk, raw.length) };
  const step: NextStep = single ? { do: 'end', why: 'single_answer' } : nextStep(seen, rules);

  // A list that comes whole is no page.
  if (!spec.mayBeWhole) notePageSize(deps.dialect.pageSizes, spec.endpoint, raw.length, deps.now());
  tally.pages += 1;
  tally.single ||= single;
  tally.sawCursor ||= nextCursor !== null;
  if (nextCursor !== null) state.cursors.add(nextCursor);
  if (tally.pages === 1) state.firstRows = raw.length;
  state.afterEmptyPage = raw.length === 0;
  if (repeated) {
    // One that cannot be read may be another row than the one that stood there before.
    tally.badRows = Math.max(tally.badRows, sorted.bad.length);
    return { step, page: null };
  }
  if (raw.length === 0) return { step, page: null };
  count(tally, sorted);
  return { step, page: { ...sorted, page: tally.pages, next: step.do === 'go' ? step.to : null } };
}

/** By number, pages are asked for in the size of the first one, so that a limit that changes meanwhile does not move them. */
const rowsToAsk = ({ options: { perPage } }: AnyWalk, { at, isProbe, firstRows, pageSize }: WalkState): number =>
  at.mode === 'cursor' ? perPage : Math.min(perPage, isProbe ? firstRows : pageSize);

const isMaybeCut = ({ deps, spec, options }: AnyWalk, rows: number): boolean => {
  const { expectedRows = 0, makeSure = false } = options;
  const page = { endpoint: spec.endpoint, rows, expectedRows, makeSure, mayBeWhole: spec.mayBeWhole ?? false };
  return mayBeCut(deps.dialect.pageSizes, page, deps.now());
};

function count(tally: Tally, sorted: SortedRows<unknown>): void {
  tally.rows += sorted.rows.length;
  tally.duplicates += sorted.duplicates;
  tally.badRows += sorted.bad.length;
}

/** 400 or 422: an unknown parameter, as far as can be told. */
const isRejected = (error: unknown): boolean =>
  isForeknowError(error) && (error.remote?.status === 400 || error.remote?.status === 422);

function afterRejection(walk: AnyWalk, state: WalkState, error: unknown): NextStep {
  if (state.isProbe) return probeWithoutPages(rulesOf(walk, state));
  const isUnderWay = walk.tally.pages > 0 || walk.options.startAt !== undefined;
  if (isUnderWay && state.at.mode === 'cursor') throw staleCursor(walk.spec.endpoint, error);
  const [other, ...rest] = state.otherStarts;
  if (other === undefined || isUnderWay) throw error;
  state.otherStarts = rest;
  walk.deps.dialect.start = other;
  return { do: 'go', to: other, isProbe: false };
}

/** How long a cursor lives is not documented: one that is rejected on the way is taken for an expired one. */
const staleCursor = (endpoint: string, cause: unknown): ForeknowError =>
  new ForeknowError('incomplete_read', {
    detail: `KnowBe4 no longer accepts the cursor that the read of ${endpoint} had come to.`,
    hint: 'Read the list again from its first page.',
    cause,
  });

/** Asks for one row of a list that has more: a server that speaks cursors must give one then. */
async function cursorsChecked(walk: AnyWalk): Promise<Exclude<NextStep, { do: 'check_cursors' }>> {
  for (const start of listStarts.cursor) {
    try {
      const answer = await ask(walk, start, { rows: 1 });
      if (nextCursorOf(answer) === null) continue;
      walk.deps.dialect.cursorsSpoken.add(walk.spec.endpoint);
      return { do: 'end', why: 'probe_empty' };
    } catch (error) {
      if (!isRejected(error)) throw error;
    }
  }
  return { do: 'fail', why: 'page_repeated' };
}

const rulesOf = ({ deps, spec }: AnyWalk, state: WalkState): PagingRules => ({
  pagination: deps.pagination,
  pageSize: state.pageSize,
  cursorsSpoken: deps.dialect.cursorsSpoken.has(spec.endpoint),
  mayBeCut: false,
  mayBeWhole: spec.mayBeWhole ?? false,
});

type Asking = {
  /** Default: the walk's. */
  readonly rows?: number;
  /** Told the answer when its body is about to be parsed; true when it has sent something that must leave first. */
  readonly beforeParsing?: (answer: Answer) => boolean;
  /** The answer stays text until this resolves. */
  readonly gate?: Promise<void>;
};

function ask({ deps, spec, options, tally, demand }: AnyWalk, position: Position, asking: Asking): Promise<Answer> {
  const onSent = () => {
    tally.requests += 1;
  };
  const whenWanted = async (answer: Answer) => {
    await asking.gate;
    await demand.until(tally.yielded + 1);
    if (asking.beforeParsing?.(answer)) await nextTurn();
  };
  const query = { per_page: String(asking.rows ?? options.perPage), ...positionQuery(position), ...spec.query };
  return deps.get({ endpoint: spec.endpoint, path: spec.path, tries: spec.tries, query, onSent, whenWanted }, options);
}

/**
 * Lets what was begun leave before long work begins. A timer comes after a whole turn of the event loop; anything sooner
 * comes before the HTTP stack has written the request, which waits for its connection to be free (measured: 3 ms a page).
 */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });

const positionQuery = (position: Position): Record<string, string> =>
  position.mode === 'page' ? { page: String(position.page) } : { cursor: position.cursor };

const isAt = (position: Position, cursor: string): boolean => position.mode === 'cursor' && position.cursor === cursor;
