/**
 * Waiting time before try number `attempt` + 1: doubles from `baseMs` up to `maxMs`, of which the upper half is random so
 * that callers which failed together do not come back together.
 * @param attempt 1 for the first failure
 * @param random a number in [0, 1)
 */
export function backoffMs(attempt: number, baseMs: number, maxMs: number, random: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
