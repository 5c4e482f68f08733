import type { SyncLevel } from './plan.ts';
import { streamsOf } from './plan.ts';
import type { StreamState } from './ports.ts';
import type { StreamName } from './streams.ts';

export type ScheduleInput = {
  readonly connectionId: string;
  readonly states: readonly StreamState[];
  readonly streamsOff?: readonly StreamName[];
  /** Minutes; null = never by itself. Default 15. */
  readonly directoryEveryMinutes?: number | null;
  /** Minutes; null = never by itself. Default 25. */
  readonly activityEveryMinutes?: number | null;
  /** When a run of level `full` was last begun, whatever became of it. */
  readonly lastFullStartedAt: string | null;
  /** Requests that one run of a level costs, and what syncs may spend a day: intervals are stretched to fit. */
  readonly budget?: { readonly directory: number; readonly refresh: number; readonly perDay: number };
  /** Somebody said that something happened in the account. */
  readonly wakeUp?: WakeUp;
};

/** The next run. It is due when `at` is not after now. */
export type NextSync = {
  readonly level: SyncLevel;
  readonly at: number;
  /** It is not due by the clock: somebody asked for it, and `spend` is what wake-ups have then spent. */
  readonly wokenUp?: { readonly spend: WakeSpend };
};

/** What wake-ups have spent of the requests that the schedule leaves. It runs out with time; see `wokenUp`. */
export type WakeSpend = { readonly requests: number /** ms */; readonly at: number };

export type WakeUp = {
  readonly level: 'directory' | 'refresh';
  /** ms. A run of the level that begins after it has answered it. */
  readonly at: number;
  readonly spent: WakeSpend | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** A full pass that failed is not begun again sooner. */
const FULL_RETRY_MS = 6 * HOUR_MS;
const JITTER = 0.1;

const rank: Record<SyncLevel, number> = { directory: 0, refresh: 1, full: 2 };

/**
 * When a connection is synced next, and how deep: the directory every 15 minutes, activity every 25, everything weekly.
 * Intervals differ by up to a tenth between connections, so that they do not stay in step; a parked stream makes all wait,
 * because the budget it waits for is shared.
 * @param now ms
 * @returns null when the connection is never synced by itself
 */
export function nextSync(given: ScheduleInput, now: number): NextSync | null {
  const input = withoutFuture(given, now);
  const byClock = [weekly(input), activity(input), directory(input)].filter((next) => next !== null);
  if (byClock.length === 0) return null;
  const isNew = byClock.every(({ at }) => at === 0);
  const candidates = [...byClock, wokenUp(input, now)].filter((next) => next !== null);
  const due = candidates.filter(({ at }) => at <= now).toSorted((a, b) => rank[b.level] - rank[a.level]);
  const next = isNew ? { level: 'full' as const, at: now } : (due[0] ?? candidates.toSorted((a, b) => a.at - b.at)[0]!);
  return { ...next, at: Math.max(next.at, parkedUntil(input.states)) };
}

/** So much of the future is the difference of two clocks. */
const AHEAD_MS = 2 * MINUTE_MS;
/** No budget is waited for any longer. */
const LONGEST_PARK_MS = DAY_MS + HOUR_MS;
const LONG_AGO = new Date(1).toISOString();

/** After a clock was set back times lie in the future. Nothing waits for them: what was begun then was begun long ago. */
function withoutFuture(input: ScheduleInput, now: number): ScheduleInput {
  const [soon, latest] = [now + AHEAD_MS, now + LONGEST_PARK_MS].map((ms) => new Date(ms).toISOString()) as [
    string,
    string,
  ];
  const past = <T extends string | null>(instant: T) => (instant !== null && instant > soon ? LONG_AGO : instant);
  const isAhead = ({ lastStartedAt, lastCompleteAt, parkedUntil }: StreamState): boolean =>
    (lastStartedAt ?? '') > soon || (lastCompleteAt ?? '') > soon || (parkedUntil ?? '') > latest;
  const states = input.states.map((state) =>
    isAhead(state)
      ? {
          ...state,
          lastStartedAt: past(state.lastStartedAt),
          lastCompleteAt: past(state.lastCompleteAt),
          parkedUntil: (state.parkedUntil ?? '') > latest ? null : state.parkedUntil,
        }
      : state,
  );
  return { ...input, states, lastFullStartedAt: past(input.lastFullStartedAt) };
}

const parkedUntil = (states: readonly StreamState[]): number =>
  Math.max(0, ...states.map((state) => timeOf(state.parkedUntil)));

function directory(input: ScheduleInput): NextSync | null {
  const { directoryEveryMinutes = 15 } = input;
  return directoryEveryMinutes === null ? null : every(input, 'directory', directoryEveryMinutes);
}

function activity(input: ScheduleInput): NextSync | null {
  const { activityEveryMinutes = 25 } = input;
  return activityEveryMinutes === null ? null : every(input, 'refresh', activityEveryMinutes);
}

/** The first time is full by itself, so a week counts from there. */
function weekly(input: ScheduleInput): NextSync | null {
  if (input.activityEveryMinutes === null) return null;
  const complete = statesOf(input, 'full').filter((state) => state.baselineAt !== null);
  const oldest = Math.min(...complete.map((state) => timeOf(state.lastCompleteAt)));
  if (!Number.isFinite(oldest)) return null;
  const spread = DAY_MS * fractionOf(input.connectionId);
  return { level: 'full', at: Math.max(oldest + WEEK_MS - spread, timeOf(input.lastFullStartedAt) + FULL_RETRY_MS) };
}

/** Counted from when the level's streams were last begun; 0 when one of them never was. */
function every(input: ScheduleInput, level: 'directory' | 'refresh', minutes: number): NextSync | null {
  const oldest = begunAt(input, level);
  if (oldest === null) return null;
  if (oldest === 0) return { level, at: 0 };
  const intervalMs = minutes * MINUTE_MS * (1 + JITTER * fractionOf(input.connectionId)) * stretch(input);
  return { level, at: oldest + intervalMs };
}

/** When the level's own streams were last begun, the oldest of them; 0 = one never was, null = none is wanted. */
function begunAt(input: ScheduleInput, level: 'directory' | 'refresh'): number | null {
  const own = level === 'directory' ? streamsOf('directory') : activityStreams;
  const wanted = own.filter((stream) => !(input.streamsOff ?? []).includes(stream));
  if (wanted.length === 0) return null;
  const begun = new Map(statesOf(input, 'full').map((state) => [state.stream, timeOf(state.lastStartedAt)]));
  return Math.min(...wanted.map((stream) => begun.get(stream) ?? 0));
}

/** Wake-ups of one connection are at least so far apart. */
const WAKE_EVERY_MS = MINUTE_MS;
/** Share of what the schedule leaves of a day that wake-ups may spend at once. */
const WAKE_BURST = 0.25;

/**
 * The run that a wake-up asks for, unless one that began since has answered it. It comes at once as long as the requests that
 * the schedule leaves of a day allow it: a quarter of them in a burst, after that as fast as they come back. However often
 * somebody calls, the runs by the clock keep their requests. Nothing comes of it where hardly any are left.
 */
function wokenUp(input: ScheduleInput, now: number): NextSync | null {
  const { wakeUp, directoryEveryMinutes = 15, activityEveryMinutes = 25, budget } = input;
  if (wakeUp === undefined) return null;
  const isOff = (wakeUp.level === 'directory' ? directoryEveryMinutes : activityEveryMinutes) === null;
  const begun = Math.min(...levelsWithin[wakeUp.level].map((level) => begunAt(input, level) ?? 0));
  if (isOff || begun === 0 || wakeUp.at <= begun) return null;
  const { level } = wakeUp;
  const soonest = Math.max(wakeUp.at, begun + WAKE_EVERY_MS);
  if (budget === undefined || !Number.isFinite(budget.perDay)) {
    return { level, at: soonest, wokenUp: { spend: { requests: 0, at: now } } };
  }
  const cost = budget[level];
  const left = budget.perDay - spentADay(input);
  if (cost * 2 > left) return null;
  const most = Math.max(cost, left * WAKE_BURST);
  const backAnMs = (left - most) / DAY_MS;
  const last = wakeUp.spent ?? { requests: 0, at: now };
  const spent = Math.max(0, last.requests - Math.max(0, now - last.at) * backAnMs);
  const waitMs = Math.max(0, spent + cost - most) / backAnMs;
  const spend = { requests: spent + cost, at: now };
  return { level, at: waitMs > 0 ? Math.max(soonest, now + waitMs) : soonest, wokenUp: { spend } };
}

/** What a run of a level begins. */
const levelsWithin = { directory: ['directory'], refresh: ['directory', 'refresh'] } as const;

const activityStreams: readonly StreamName[] = ['recipients', 'enrollments'];

/** How much longer intervals must be so that a day's runs fit into the budget. */
function stretch(input: ScheduleInput): number {
  const { budget } = input;
  if (budget === undefined || !Number.isFinite(budget.perDay) || budget.perDay <= 0) return 1;
  return Math.max(1, spentADay(input) / budget.perDay);
}

/** Requests of a day's runs by the clock, as if none were stretched. */
function spentADay({ budget, directoryEveryMinutes = 15, activityEveryMinutes = 25 }: ScheduleInput): number {
  const aDay = (cost: number, minutes: number | null) =>
    minutes === null ? 0 : (cost * DAY_MS) / (minutes * MINUTE_MS);
  return aDay(budget?.directory ?? 0, directoryEveryMinutes) + aDay(budget?.refresh ?? 0, activityEveryMinutes);
}

const statesOf = ({ states, streamsOff = [] }: ScheduleInput, level: SyncLevel): readonly StreamState[] =>
  states.filter((state) => streamsOf(level).includes(state.stream) && !streamsOff.includes(state.stream));

const timeOf = (instant: string | null): number => (instant === null ? 0 : Date.parse(instant));

/** 0 to 1, the same for one connection for ever (FNV-1a). */
function fractionOf(connectionId: string): number {
  let hash = 0x811c9dc5;
  for (const char of connectionId) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
