import { instantOf } from './environment.ts';
import { durationOf, estimatedRequests, loadKnown, planStream } from './plan.ts';
import type { SyncStore } from './ports.ts';
import { levelOf, planInput, type RunInput, wantedStreams } from './run-sync.ts';
import type { StreamName } from './streams.ts';

/** What a sync may spend: the account's limits, and how much of the day is free for it now. */
export type Allowance = {
  readonly perSecond: number;
  readonly perMinute: number;
  readonly perDay: number;
  readonly freeNow: number;
};

export type Estimate = {
  readonly level: RunInput['level'];
  readonly requests: number;
  readonly durationMs: number;
  readonly endsAt: string;
  readonly byStream: readonly { readonly stream: StreamName; readonly requests: number }[];
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** Says before a run what it will cost and when it will end. For an account never read it is a guess from its seats. */
export async function estimateSync(
  { store, connectionId, now }: { store: SyncStore; connectionId: string; now: () => number },
  asked: RunInput & { readonly seats?: number | null },
  allowance: Allowance,
): Promise<Estimate> {
  const stored = await loadKnown(store, connectionId, now());
  const known = { ...stored, seats: stored.seats ?? asked.seats ?? null };
  const input = { ...asked, level: levelOf(asked, stored.states.values()) };
  const byStream = wantedStreams(input).map((stream) => ({
    stream,
    requests: estimatedRequests(planStream(stream, planInput(input, known.now), known), known),
  }));
  const requests = byStream.reduce((sum, item) => sum + item.requests, 0);
  const durationMs = durationOf(requests, allowance) + daysWaited(requests, allowance) * DAY_MS;
  return { level: input.level, requests, durationMs, endsAt: instantOf(known.now + durationMs), byStream };
}

/** Days until the budget has room again for what does not fit in what is free now. */
function daysWaited(requests: number, { freeNow, perDay }: Allowance): number {
  const over = requests - freeNow;
  return over <= 0 || !Number.isFinite(perDay) ? 0 : Math.ceil(over / Math.max(1, perDay));
}
