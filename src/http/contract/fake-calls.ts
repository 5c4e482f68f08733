import type { Call } from '../../calls/call.ts';
import { createKeptAnswers } from '../../calls/kept-answers.ts';
import type { AnswerSlot, CallStore, Claimed } from '../../calls/ports.ts';
import type { Gateway } from '../door.ts';

/** A call log that only remembers, and answers that are kept in memory. */
export function fakeCalls(now: () => number = () => Date.now()) {
  const noted: Call[] = [];
  const kept = new Map<string, { digest: string; claimedAt: number; answer: string | null }>();
  const placeOf = ({ tokenId, slot }: AnswerSlot) => `${tokenId} ${slot}`;
  const store: Parameters<typeof createKeptAnswers>[0]['store'] = {
    async claimAnswer({ digest, at, since, ...slot }): Promise<Claimed> {
      const found = kept.get(placeOf(slot));
      if (found !== undefined && found.claimedAt >= since) return { state: 'taken', ...found };
      kept.set(placeOf(slot), { digest, claimedAt: at, answer: null });
      return { state: 'mine' };
    },
    async keepAnswer({ answer, ...slot }) {
      const found = kept.get(placeOf(slot));
      if (found !== undefined) found.answer = answer;
    },
    releaseAnswer: async (slot) => void kept.delete(placeOf(slot)),
    dropAnswers: async () => 0,
  } satisfies Partial<CallStore>;
  const fakes: Pick<Gateway, 'callLog' | 'keptAnswers'> = {
    callLog: {
      note: (call) => void noted.push({ ...call, id: `call_${noted.length + 1}` }),
      list: async ({ types, connectionIds, from, before, limit }) =>
        noted
          .toReversed()
          .filter(({ type, at }) => types.includes(type) && at >= from && at < before.at)
          .filter(({ connectionId }) => connectionIds === null || connectionIds.includes(connectionId ?? ''))
          .slice(0, limit),
    },
    keptAnswers: createKeptAnswers({
      ...{ store, now },
      seal: (tokenId, text) => JSON.stringify([tokenId, text]),
      open: (tokenId, sealed) => {
        const [owner, text] = JSON.parse(sealed) as [string, string];
        if (owner !== tokenId) throw new Error('of another token');
        return text;
      },
    }),
  };
  return { ...fakes, noted };
}
