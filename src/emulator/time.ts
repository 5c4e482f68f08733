export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `2026-03-02T09:15:00.000Z` */
export const instant = (ms: number): string => new Date(ms).toISOString();

export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));

/** `2026-03-02` */
export const day = (ms: number): string => instant(ms).slice(0, 10);

/** The start of the UTC day. */
export const dayStart = (ms: number): number => Math.floor(ms / DAY) * DAY;

/** Where the world's time comes from. Only differences count: the world begins at its own date. */
export type EmulatorClock = { now(): number };
