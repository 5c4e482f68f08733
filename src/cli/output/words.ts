/** `1,204` */
export const count = (number: number): string => number.toLocaleString('en-US');

/** `1 row`, `2 rows` */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

/** `820 ms`, `6.1 s`, `2 min 15 s`, `3 h 20 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `2026-11-20 09:30 UTC` */
export const moment = (instant: string | null): string | null =>
  instant === null ? null : `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

/** `4 min ago`, `in 2 h` */
export function fromNow(instant: string | null, now: number): string | null {
  if (instant === null) return null;
  const ms = Date.parse(instant) - now;
  const far = rough(Math.abs(ms));
  return ms > 0 ? `in ${far}` : `${far} ago`;
}

function rough(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const;
  for (const [unit, size] of units)
    if (ms >= 2 * size || (unit === 'min' && ms >= size)) return `${Math.floor(ms / size)} ${unit}`;
  return `${Math.round(ms / 1000)} s`;
}
