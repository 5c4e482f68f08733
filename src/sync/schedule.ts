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
};

/** The next run. It is due when `at` is not after now. */
export type NextSync = { readonly level: SyncLevel; readonly at: number };

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
export function nextSync(input: ScheduleInput, now: number): NextSync | null {
  const candidates = [weekly(input), activity(input), directory(input)].filter((next) => next !== null);
  if (candidates.length === 0) return null;
  const isNew = candidates.every(({ at }) => at === 0);
  const due = candidates.filter(({ at }) => at <= now).toSorted((a, b) => rank[b.level] - rank[a.level]);
  const next = isNew ? { level: 'full' as const, at: now } : (due[0] ?? candidates.toSorted((a, b) => a.at - b.at)[0]!);
  return { ...next, at: Math.max(next.at, parkedUntil(input.states)) };
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
  const own = level === 'directory' ? streamsOf('directory') : activityStreams;
  const wanted = own.filter((stream) => !(input.streamsOff ?? []).includes(stream));
  if (wanted.length === 0) return null;
  const begun = new Map(statesOf(input, 'full').map((state) => [state.stream, timeOf(state.lastStartedAt)]));
  const oldest = Math.min(...wanted.map((stream) => begun.get(stream) ?? 0));
  if (oldest === 0) return { level, at: 0 };
  const intervalMs = minutes * MINUTE_MS * (1 + JITTER * fractionOf(input.connectionId)) * stretch(input);
  return { level, at: oldest + intervalMs };
}

const activityStreams: readonly StreamName[] = ['recipients', 'enrollments'];

/** How much longer intervals must be so that a day's runs fit into the budget. */
function stretch({ budget, directoryEveryMinutes = 15, activityEveryMinutes = 25 }: ScheduleInput): number {
  if (budget === undefined || !Number.isFinite(budget.perDay) || budget.perDay <= 0) return 1;
  const aDay = (cost: number, minutes: number | null) =>
    minutes === null ? 0 : (cost * DAY_MS) / (minutes * MINUTE_MS);
  const spent = aDay(budget.directory, directoryEveryMinutes) + aDay(budget.refresh, activityEveryMinutes);
  return Math.max(1, spent / budget.perDay);
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
