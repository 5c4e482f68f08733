import { ForeknowError } from '../errors/errors.ts';
import { instantOf } from './environment.ts';
import { afterHolds } from './hold-times.ts';
import type { Hold, SyncStore } from './ports.ts';

/**
 * A person's word on removals that were held. `confirm` lets the rows go that the held pass missed: with the next complete
 * pass that still misses them, never on old evidence. `dismiss` closes the hold and keeps the rows; a pass that misses them
 * again opens a new one.
 * @throws ForeknowError `not_found`, `conflict` when it was decided already
 */
export async function decideHold(
  { store, connectionId, now }: { store: SyncStore; connectionId: string; now: () => number },
  holdId: string,
  decision: 'confirm' | 'dismiss',
  by: string,
): Promise<Hold> {
  const holds = await store.holds(connectionId);
  const hold = holds.find((candidate) => candidate.id === holdId);
  if (hold === undefined) throw new ForeknowError('not_found', { detail: `There is no hold ${holdId}.` });
  if (hold.state !== 'open') {
    throw new ForeknowError('conflict', { detail: `The hold ${holdId} is ${hold.state} already.` });
  }
  const state = decision === 'confirm' ? 'confirmed' : 'dismissed';
  const ofStream = holds.filter((other) => other.stream === hold.stream);
  const decidedAt = Math.max(afterHolds(ofStream, now()), await lastReadOf(store, hold));
  const decided: Hold = { ...hold, state, decidedAt: instantOf(decidedAt), decidedBy: by };
  await store.saveHold(decided);
  return decided;
}

/** What the stream's last read missed is decided too, although its clock may have been ahead of ours. ms */
async function lastReadOf(store: SyncStore, { connectionId, stream }: Hold): Promise<number> {
  const state = (await store.streamStates(connectionId)).find((one) => one.stream === stream);
  const times = [state?.lastStartedAt, state?.lastRefreshedAt, state?.lastCompleteAt];
  return Math.max(0, ...times.map((instant) => (instant == null ? 0 : Date.parse(instant))));
}
