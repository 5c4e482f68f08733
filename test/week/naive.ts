import type { RunRecord } from '../../src/sync/ports.ts';
import type { ToldAt } from './staleness.ts';

/** A client that reads every list from its first page to its last, over and over, spread evenly over the day. */
export type Naive = { readonly requestsARound: number; readonly roundEveryMinutes: number; readonly toldAt: ToldAt };

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

/**
 * Its rounds are replayed, not read: a round costs what the first full read cost, each list at its place in the round, and a
 * change is told when the round that comes to its list next has come there. It spends the whole day's budget and keeps no
 * reserve, which flatters it.
 * @param first the full read of the same account; `begin` its first round, `end` the last of the simulation (ms)
 */
export function naiveClient(options: {
  readonly first: RunRecord;
  readonly perDay: number;
  readonly perMinute: number;
  readonly begin: number;
  readonly end: number;
}): Naive {
  const { first, perDay, perMinute, begin, end } = options;
  const requestsARound = first.requests;
  const everyMs = Math.max(DAY_MS / (perDay / requestsARound), (requestsARound / perMinute) * MINUTE_MS);
  const offsets = new Map<string, number>();
  let sent = 0;
  for (const { stream, requests } of first.streams) {
    offsets.set(stream, ((sent + requests / 2) / perMinute) * MINUTE_MS);
    sent += requests;
  }
  return {
    requestsARound,
    roundEveryMinutes: Math.round(everyMs / MINUTE_MS),
    toldAt({ stream, visibleAt }) {
      const at = begin + (offsets.get(stream) ?? 0);
      const round = Math.max(0, Math.ceil((visibleAt - at) / everyMs));
      const told = at + round * everyMs;
      return told <= end ? told : null;
    },
  };
}
