import type { Hold } from './ports.ts';

/**
 * A time for what is noted about missing rows: now, and later than everything the stream's holds say, because a miss is
 * compared with when a hold was opened and decided, and clocks are set back.
 * @returns ms
 */
export const afterHolds = (holds: readonly Hold[], now: number): number =>
  Math.max(
    now,
    ...holds.flatMap(({ firstPassAt, createdAt, decidedAt }) => [firstPassAt, createdAt, decidedAt]).map(next),
  );

const next = (instant: string | null): number => (instant === null ? 0 : Date.parse(instant) + 1);
