export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const padded = (length: number, digits: number): string[] =>
  Array.from({ length }, (_, n) => String(n).padStart(digits, '0'));
const two = padded(60, 2);
const three = padded(1000, 3);
const dates = new Map<number, string>();

/** `2026-03-02T09:15:00.000Z`. Dates are kept: a page prints thousands of times, and `toISOString` was half its cost. */
export function instant(ms: number): string {
  const number = Math.floor(ms / DAY);
  let date = dates.get(number);
  if (date === undefined) {
    date = new Date(number * DAY).toISOString().slice(0, 11);
    dates.set(number, date);
  }
  const rest = Math.floor(ms - number * DAY);
  const clock = `${two[Math.floor(rest / HOUR)]}:${two[Math.floor(rest / MINUTE) % 60]}`;
  return `${date}${clock}:${two[Math.floor(rest / SECOND) % 60]}.${three[rest % 1000]}Z`;
}

export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));

/** `2026-03-02` */
export const day = (ms: number): string => instant(ms).slice(0, 10);

/** The start of the UTC day. */
export const dayStart = (ms: number): number => Math.floor(ms / DAY) * DAY;

/** Where the world's time comes from. Only differences count: the world begins at its own date. */
export type EmulatorClock = { now(): number };
