import { maxPerPage } from '../wire/limits.ts';
import type { RecordOf } from '../wire/records.ts';
import type { Scope, ScopeRead, StreamState, SyncStore } from './ports.ts';
import { readStored } from './rows.ts';
import { type StreamName, streamNames } from './streams.ts';

/**
 * `directory`: account, people, groups and the summaries of campaigns and tests. `refresh`: that, and what is open or has
 * moved. `full`: everything.
 */
export type SyncLevel = 'directory' | 'refresh' | 'full';

/** One read to make. `mark` is what the scope's summary looks like now; see `ScopeRead`. */
export type Task = { readonly scope: Scope; readonly mark: string; readonly expectedRows: number | null };

export type StreamPlan = {
  readonly stream: StreamName;
  readonly tasks: readonly Task[];
  /** The tasks, with the scopes that need not be read again, are everything the stream holds. */
  readonly coversAll: boolean;
  /** The ends of its lists are made sure of, at a request for each short one. */
  readonly makeSure: boolean;
};

/** A campaign or test as its list shows it. */
export type Summary = {
  readonly key: string;
  readonly mark: string;
  readonly isOpen: boolean;
  readonly expectedRows: number | null;
};

/** What the planner knows. */
export type Known = {
  readonly states: ReadonlyMap<StreamName, StreamState>;
  readonly scopeReads: ReadonlyMap<StreamName, readonly ScopeRead[]>;
  readonly tests: readonly Summary[];
  readonly campaigns: readonly Summary[];
  /** Licensed seats: the first guess at how many people there are. */
  readonly seats: number | null;
  /** ms */
  readonly now: number;
};

export type PlanInput = {
  readonly level: SyncLevel;
  /** Scopes read since then are not read again by a full pass: it goes on where an earlier one stopped. ms or null. */
  readonly freshSince: number | null;
};

const DAY_MS = 24 * 60 * 60 * 1000;

const directoryStreams: ReadonlySet<StreamName> = new Set([
  'account',
  'groups',
  'users',
  'phishing_campaigns',
  'security_tests',
  'training_campaigns',
]);

/** Streams that a level reads, in the order in which one needs the other. */
export const streamsOf = (level: SyncLevel): readonly StreamName[] =>
  level === 'directory' ? streamNames.filter((stream) => directoryStreams.has(stream)) : streamNames;

/**
 * What a stream reads at a level; null when it is not due. A stream without a baseline is read as a whole whatever the level.
 */
export function planStream(stream: StreamName, input: PlanInput, known: Known): StreamPlan | null {
  const isFirst = (known.states.get(stream)?.baselineAt ?? null) === null;
  const level = isFirst ? 'full' : input.level;
  const plan = readsFor(stream, level, isFirst ? 0 : input.freshSince, known);
  return plan === null ? null : { ...plan, makeSure: level === 'full' && plan.tasks.every(isOfWholeList) };
}

type Reads = Omit<StreamPlan, 'makeSure'>;

const isOfWholeList = ({ scope }: Task): boolean => scope === 'all' || scope.startsWith('type:');

function readsFor(stream: StreamName, level: SyncLevel, freshSince: number | null, known: Known): Reads | null {
  switch (stream) {
    case 'phishing_campaigns':
    case 'security_tests':
      return campaignTypes(stream, level, known);
    case 'recipients':
      return drillDown(stream, known.tests, 'test', level, freshSince, known);
    case 'enrollments':
      if (level === 'full') return whole(stream, known);
      return withGoneCampaigns(drillDown(stream, known.campaigns, 'campaign', level, null, known), known);
    case 'store_purchases':
    case 'policies':
    case 'risk_history':
      return level === 'full' || isDue(known, stream, 'all') ? whole(stream, known) : null;
    case 'account':
    case 'users':
    case 'groups':
    case 'training_campaigns':
      return whole(stream, known);
  }
}

const whole = (stream: StreamName, known: Known): Reads => ({
  stream,
  tasks: [taskOf(stream, 'all', '', guessedRows(stream, known.seats), known)],
  coversAll: true,
});

/** E-mail ones at every level, phone ones daily. */
function campaignTypes(stream: StreamName, level: SyncLevel, known: Known): Reads {
  const email = taskOf(stream, 'type:email', '', null, known);
  const isCallbackDue = level === 'full' || isDue(known, stream, 'type:callback');
  const callback = isCallbackDue ? [taskOf(stream, 'type:callback', '', 0, known)] : [];
  return { stream, tasks: [email, ...callback], coversAll: isCallbackDue };
}

/** Only what is open or has moved since it was read; at `full` everything that was not read since `freshSince`. */
function drillDown(
  stream: StreamName,
  summaries: readonly Summary[],
  kind: 'test' | 'campaign',
  level: SyncLevel,
  freshSince: number | null,
  known: Known,
): Reads {
  const reads = readsOf(known, stream);
  const wanted = summaries.filter((summary) => {
    const read = reads.get(`${kind}:${summary.key}`);
    if (read === undefined || read.mark !== summary.mark) return true;
    if (level === 'full') return freshSince === null || !isBetween(read.completedAt, freshSince, known.now);
    return summary.isOpen;
  });
  const tasks = wanted.map((summary) =>
    taskOf(stream, `${kind}:${summary.key}`, summary.mark, summary.expectedRows, known),
  );
  return { stream, tasks, coversAll: level === 'full' };
}

/** The mark of a campaign's last read, made when the campaign itself was gone. */
const GONE = 'gone';

/** A campaign that is gone is read once more: what its end means for its enrollments is seen, not assumed. */
function withGoneCampaigns(plan: Reads, known: Known): Reads {
  if ((known.states.get('training_campaigns')?.baselineAt ?? null) === null) return plan;
  const there = new Set<Scope>(known.campaigns.map(({ key }) => `campaign:${key}` as const));
  const gone = [...readsOf(known, plan.stream).values()].filter(
    ({ scope, mark, rows }) => scope.startsWith('campaign:') && !there.has(scope) && mark !== GONE && rows > 0,
  );
  const tasks = gone.map(({ scope }): Task => ({ scope, mark: GONE, expectedRows: 0 }));
  return { ...plan, tasks: [...plan.tasks, ...tasks] };
}

const taskOf = (stream: StreamName, scope: Scope, mark: string, guess: number | null, known: Known): Task => ({
  scope,
  mark,
  expectedRows: readsOf(known, stream).get(scope)?.rows ?? guess,
});

const readsOf = (known: Known, stream: StreamName): ReadonlyMap<Scope, ScopeRead> =>
  new Map((known.scopeReads.get(stream) ?? []).map((read) => [read.scope, read]));

/** Read more than a day ago, or never. */
function isDue(known: Known, stream: StreamName, scope: Scope): boolean {
  const read = readsOf(known, stream).get(scope);
  return read === undefined || !isBetween(read.completedAt, known.now - DAY_MS + 1, known.now);
}

/** A time after now is of a clock that was set back since, and says nothing. */
const isBetween = (instant: string, from: number, to: number): boolean =>
  Date.parse(instant) >= from && Date.parse(instant) <= to;

/** Before anything was read: a person has about ten enrollments after two years. A guess, and said to be one. */
function guessedRows(stream: StreamName, seats: number | null): number | null {
  if (stream === 'users') return seats;
  return stream === 'enrollments' && seats !== null ? seats * 10 : null;
}

/** What no first estimate can know: tests of an account that was never read. About one a month for two years. */
const GUESSED_TESTS = 24;

/** Requests of a plan: the pages of its reads, one for the end of a list that fills its last page, and looks behind short ones. */
export function estimatedRequests(plan: StreamPlan | null, known: Known): number {
  if (plan === null) return 0;
  const isUnknown = plan.stream === 'recipients' && known.states.get('security_tests')?.baselineAt == null;
  if (isUnknown) return GUESSED_TESTS * pagesOf(known.seats);
  return plan.tasks.reduce((sum, task) => sum + pagesOf(task.expectedRows), 0) + looksBehind(plan);
}

/** Requests that make sure of the end of lists that fit in a page; in an ordinary refresh those of the first lists that are read. */
function looksBehind({ stream, tasks, makeSure }: StreamPlan): number {
  if (!makeSure && stream !== 'groups' && stream !== 'users') return 0;
  const isShort = ({ expectedRows }: Task) => (expectedRows ?? 0) > 1 && pagesOf(expectedRows) === 1;
  return tasks.filter(isShort).length;
}

const pagesOf = (rows: number | null): number => Math.floor((rows ?? 0) / maxPerPage) + 1;

export type Limited = { readonly perSecond: number; readonly perMinute: number };

/** Milliseconds that so many requests take under sliding windows, when nobody else spends the budget. */
export function durationOf(requests: number, { perSecond, perMinute }: Limited): number {
  const fullMinutes = Number.isFinite(perMinute) ? Math.floor(Math.max(0, requests - 1) / perMinute) : 0;
  const rest = requests - (fullMinutes > 0 ? fullMinutes * perMinute : 0);
  return fullMinutes * 60_000 + Math.ceil((rest / perSecond) * 1000);
}

/** Reads what the planner needs from the store: states, marks, and the summaries of tests and campaigns. */
export async function loadKnown(store: SyncStore, connectionId: string, now: number): Promise<Known> {
  const [account] = await store.rows(connectionId, 'account', ['account']);
  const states = await store.streamStates(connectionId);
  const scopeReads = new Map<StreamName, readonly ScopeRead[]>();
  for (const stream of streamNames) scopeReads.set(stream, await store.scopeReads(connectionId, stream));
  return {
    states: new Map(states.map((state) => [state.stream, state])),
    scopeReads,
    tests: await summariesOf(store, connectionId, 'security_tests'),
    campaigns: await summariesOf(store, connectionId, 'training_campaigns'),
    seats: account === undefined ? null : (readStored('account', 'account', account.raw) as RecordOf['account']).seats,
    now,
  };
}

/** Summaries are few (hundreds); they are read in batches and only what the planner needs of them is kept. */
async function summariesOf(
  store: SyncStore,
  connectionId: string,
  stream: 'security_tests' | 'training_campaigns',
): Promise<readonly Summary[]> {
  const summaries: Summary[] = [];
  for (let after: string | null = null; ; ) {
    const rows = await store.liveRows(connectionId, stream, after, maxPerPage);
    for (const { key, digest, raw } of rows) {
      const record = readStored(stream, key, raw) as RecordOf['security_tests' | 'training_campaigns'];
      summaries.push({ key, mark: digest, isOpen: isOpen(record.status), expectedRows: sentTo(record) });
    }
    if (rows.length < maxPerPage) return summaries;
    after = rows.at(-1)!.key;
  }
}

/** Nothing moves in these any more, or yet. A status that nobody has heard of counts as open. */
const restingStatuses = new Set(['closed', 'completed', 'cancelled', 'error', 'created']);

const isOpen = (status: string | null): boolean => !restingStatuses.has((status ?? '').toLowerCase());

const sentTo = (record: RecordOf['security_tests' | 'training_campaigns']): number | null =>
  'counts' in record ? (record.counts.scheduled ?? record.counts.delivered) : null;
