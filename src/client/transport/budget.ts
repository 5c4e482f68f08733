import type { Limits } from '../../wire/limits.ts';
import type { CallKind } from './types.ts';

/**
 * What was sent, as far as limits need it. Small enough to be stored on every request: exact times of the last minute,
 * a count for each minute before.
 */
export type BudgetState = {
  /** Times of requests in the last 60 s, in ms, oldest first; only as many as the limits look at. */
  readonly recent: readonly number[];
  /** Requests by minute since 1970, oldest first, the last 24 hours; includes the recent ones. */
  readonly minutes: readonly { readonly minute: number; readonly requests: number }[];
  /** Nothing is sent before this time (ms), after KnowBe4 asked to slow down; 0 = not paused. */
  readonly pausedUntil: number;
};

export const emptyBudget: BudgetState = { recent: [], minutes: [], pausedUntil: 0 };

/** What a caller asks the budget of its account for: one request, now. */
export type BudgetAsk = {
  readonly kind: CallKind;
  readonly limits: Limits;
  /** Share of the day that scheduled work leaves to interactive calls, 0–1. */
  readonly reserveShare: number;
  /** ms */
  readonly now: number;
};

export type Verdict =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly waitMs: number; readonly because: 'second' | 'minute' | 'day' | 'paused' };

/**
 * Where the budget of one account is kept. `take` decides and records in one step, so that several processes may share
 * one account: a store calls `takeFrom` inside a transaction.
 */
export type Budget = {
  take(ask: BudgetAsk): Promise<Verdict>;
  /** Keeps everybody from sending before `until` (ms); an earlier pause is never shortened. */
  pause(until: number): Promise<void>;
  /** What is recorded so far. */
  state(): Promise<BudgetState>;
};

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * Decides about one request and gives the state after it: the same one when it was not admitted, unless the clock was found
 * to be set back. Whoever keeps the state keeps what is given.
 */
export function takeFrom(given: BudgetState, ask: BudgetAsk): { verdict: Verdict; state: BudgetState } {
  const state = heldBack(given, ask.now);
  const verdict = admit(state, ask);
  return { verdict, state: verdict.admitted ? recorded(state, ask) : state };
}

/** Clocks of processes that share an account may differ by so much. */
const AHEAD_MS = 2 * MINUTE_MS;

/**
 * After a clock was set back by more than that, what was recorded lies in the future and would hold requests back until then:
 * it counts as sent now.
 */
function heldBack(state: BudgetState, now: number): BudgetState {
  const ahead = (state.recent.at(-1) ?? 0) - now;
  if (ahead <= AHEAD_MS) return state;
  const minute = minuteOf(now);
  const future = state.minutes.filter((entry) => entry.minute >= minute);
  const requests = future.reduce((sum, entry) => sum + entry.requests, 0);
  return {
    recent: state.recent.map((sent) => Math.min(sent, now)),
    minutes: [...state.minutes.filter((entry) => entry.minute < minute), { minute, requests }],
    pausedUntil: Math.max(0, state.pausedUntil - ahead),
  };
}

export function usedInDay(state: BudgetState, now: number): number {
  let used = 0;
  for (const entry of state.minutes) if (entry.minute > minuteOf(now) - DAY_MINUTES - 1) used += entry.requests;
  return used;
}

/** What is left of the window that has least left. */
export type Window = {
  readonly limit: number;
  readonly remaining: number;
  /** ms until more is left: the oldest request leaves the window, or a pause ends. */
  readonly resetMs: number;
};

/**
 * Of the minute and the day; a second is over before anybody could look at it. Null where neither is limited.
 */
export function tightestWindow(state: BudgetState, { perMinute, perDay }: Limits, now: number): Window | null {
  const inMinute = state.recent.filter((sent) => sent > now - MINUTE_MS);
  const oldest = state.minutes.find(({ minute }) => minute > minuteOf(now) - DAY_MINUTES - 1);
  const minute = windowOf(perMinute, inMinute.length, Math.min(inMinute[0] ?? now, now) + MINUTE_MS - now);
  const day = windowOf(
    perDay,
    usedInDay(state, now),
    ((oldest === undefined ? minuteOf(now) : oldest.minute) + DAY_MINUTES + 1) * MINUTE_MS - now,
  );
  const tightest = [minute, day].filter((one) => one !== null).toSorted((a, b) => a.remaining - b.remaining)[0] ?? null;
  if (tightest === null || state.pausedUntil <= now) return tightest;
  return { ...tightest, remaining: 0, resetMs: state.pausedUntil - now };
}

const windowOf = (limit: number, used: number, resetMs: number): Window | null =>
  Number.isFinite(limit) ? { limit, remaining: Math.max(0, limit - used), resetMs: Math.max(0, resetMs) } : null;

/**
 * Whether one more request fits all windows: any second, any minute, any 24 hours. The day is counted in whole minutes,
 * which errs on the safe side by up to a minute.
 */
function admit(state: BudgetState, ask: BudgetAsk): Verdict {
  const { limits, now } = ask;
  if (state.pausedUntil > now) return { admitted: false, waitMs: state.pausedUntil - now, because: 'paused' };
  const dayMs = dayWait(state, dayLimit(ask), now);
  if (dayMs > 0) return { admitted: false, waitMs: dayMs, because: 'day' };
  const secondMs = windowWait(state.recent, limits.perSecond, SECOND_MS, now);
  const minuteMs = windowWait(state.recent, minuteLimit(ask), MINUTE_MS, now);
  if (secondMs === 0 && minuteMs === 0) return { admitted: true };
  return { admitted: false, waitMs: Math.max(secondMs, minuteMs), because: secondMs > minuteMs ? 'second' : 'minute' };
}

/** Share of a minute that scheduled work leaves, so that a call that somebody waits for need not wait for the next minute. */
const MINUTE_SHARE = 0.1;

/** Requests of a minute that this kind of call may use. */
export function minuteLimit({
  kind,
  limits,
  reserveShare,
}: Pick<BudgetAsk, 'kind' | 'limits' | 'reserveShare'>): number {
  const { perMinute } = limits;
  if (kind === 'interactive' || reserveShare === 0 || !Number.isFinite(perMinute)) return perMinute;
  return Math.min(perMinute, Math.max(1, perMinute - Math.ceil(perMinute * MINUTE_SHARE)));
}

/** Requests of the day that this kind of call may use. */
export const dayLimit = (ask: Pick<BudgetAsk, 'kind' | 'limits' | 'reserveShare'>): number =>
  ask.kind === 'interactive' ? ask.limits.perDay : Math.floor(ask.limits.perDay * (1 - ask.reserveShare));

/** A clock that was set back would make recent times lie in the future: they count as now, so no wait exceeds its window. */
function windowWait(times: readonly number[], limit: number, windowMs: number, now: number): number {
  if (times.length < limit) return 0;
  if (limit <= 0) return windowMs;
  const oldest = Math.min(times[times.length - limit]!, now);
  return Math.max(0, oldest + windowMs + 1 - now);
}

/** Time until so many minutes have left the day's window that one more request fits. */
function dayWait(state: BudgetState, limit: number, now: number): number {
  let over = usedInDay(state, now) - limit + 1;
  if (over <= 0) return 0;
  for (const entry of state.minutes) {
    if (entry.minute <= minuteOf(now) - DAY_MINUTES - 1) continue;
    over -= entry.requests;
    if (over <= 0) return Math.max(1, (Math.min(entry.minute, minuteOf(now)) + DAY_MINUTES + 1) * MINUTE_MS - now);
  }
  return DAY_MINUTES * MINUTE_MS;
}

function recorded(state: BudgetState, { limits, now }: BudgetAsk): BudgetState {
  const minute = minuteOf(now);
  const last = state.minutes.at(-1);
  const minutes =
    last !== undefined && last.minute >= minute
      ? [...state.minutes.slice(0, -1), { minute: last.minute, requests: last.requests + 1 }]
      : [...state.minutes.filter((entry) => entry.minute >= minute - DAY_MINUTES), { minute, requests: 1 }];
  const time = Math.max(now, state.recent.at(-1) ?? 0);
  const recent = [...state.recent.filter((sent) => sent >= now - MINUTE_MS), time];
  return { ...state, recent: recent.slice(-timesNeeded(limits)), minutes };
}

/** How many exact times the windows can ever look back on; without limits none are worth keeping. */
const timesNeeded = ({ perSecond, perMinute }: Limits): number =>
  Math.max(1, ...[perSecond, perMinute].filter(Number.isFinite));

const minuteOf = (now: number): number => Math.floor(now / MINUTE_MS);

/** A budget that lives as long as the process. */
export function memoryBudget(initial: BudgetState = emptyBudget): Budget {
  let state = initial;
  return {
    async take(ask) {
      const taken = takeFrom(state, ask);
      state = taken.state;
      return taken.verdict;
    },
    async pause(until) {
      state = { ...state, pausedUntil: Math.max(state.pausedUntil, until) };
    },
    async state() {
      return state;
    },
  };
}
