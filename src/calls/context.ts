import { AsyncLocalStorage } from 'node:async_hooks';

/** What becomes known of a call while it is worked at. */
export type CallNotes = {
  /** The connection that it means; null where it means none, or several. */
  connectionId: string | null;
  /** Time spent on requests to KnowBe4, ms; null while there were none. */
  upstreamMs: number | null;
};

const calls = new AsyncLocalStorage<CallNotes>();

/** Everything that follows from `work` belongs to the call. */
export const inCall = (notes: CallNotes, work: () => void): void => calls.run(notes, work);

/** Outside of a call nothing is noted. */
export function noteConnection(id: string): void {
  const notes = calls.getStore();
  if (notes !== undefined) notes.connectionId = id;
}

export function noteUpstream(durationMs: number): void {
  const notes = calls.getStore();
  if (notes !== undefined) notes.upstreamMs = (notes.upstreamMs ?? 0) + durationMs;
}
