const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second … failure: ten tries in about three days (Standard Webhooks 1.0). */
const waits = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)] as const;

/** Until this many failures an event holds back the later ones of its lane; then they pass it. */
export const FAILURES_IN_ORDER = 3;

const LONGEST_ASKED = 24 * HOUR;
/** How far a wait is moved to either side, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * How long to wait after a failure.
 * @param failures how often the event has failed, this time included
 * @param askedMs what the receiver asked for; obeyed up to a day
 * @param random a number in [0, 1)
 * @returns ms; null when it is given up
 */
export function waitAfter(failures: number, askedMs: number, random: number): number | null {
  const wait = waits[failures - 1];
  if (wait === undefined) return null;
  return Math.max(Math.round(wait * (1 - JITTER + 2 * JITTER * random)), Math.min(askedMs, LONGEST_ASKED));
}

/** Answers that mean "slower" (Standard Webhooks 1.0, and 503). */
const slowDown = new Set([429, 502, 503, 504]);
const SLOW_MS = 5 * SECOND;

/** For how long nothing at all is sent to an endpoint after an answer, ms; 0 for most answers. */
export const slowFor = (status: number | null, askedMs: number): number =>
  status !== null && slowDown.has(status) ? Math.min(Math.max(askedMs, SLOW_MS), LONGEST_ASKED) : 0;

/** `Retry-After` in seconds or as a date; 0 when it is absent or says nothing. */
export function askedMs(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * SECOND;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** When a person is told that an endpoint has only failed: after an hour, a day, and five days, when it is switched off. */
export const tellAfterMs = [HOUR, 24 * HOUR, 120 * HOUR] as const;

/** How many of the times in `tellAfterMs` have passed. */
export const stepsTold = (failingMs: number): number => tellAfterMs.filter((after) => failingMs >= after).length;
