import type { Random } from '../support/random.ts';

/** What a process may be killed in the middle of. */
const kinds = ['delivery', 'write'] as const;
export type Moment = (typeof kinds)[number];

/** Instants at which to kill: some at random, and some while a delivery or a write over the API is under way. */
export type Moments = {
  /** One of them begins. */
  tell(moment: Moment): void;
  /** Resolves at the next instant. */
  next(): Promise<void>;
};

/** How often the instant is any. */
const ANY = 0.4;
const MOST_MS = 900;
/** A delivery or a write takes about so long. */
const WITHIN_MS = 40;

export function createMoments(random: Random): Moments {
  let waiting: { readonly moment: Moment; readonly come: () => void } | null = null;
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const begun = (moment: Moment) =>
    new Promise<void>((resolve) => {
      waiting = { moment, come: resolve };
    });
  return {
    tell(moment) {
      if (waiting?.moment === moment) waiting.come();
    },
    async next() {
      await pause(random.int(0, random.chance(ANY) ? MOST_MS : MOST_MS / 3));
      if (random.chance(ANY)) return;
      await Promise.race([begun(random.pick(kinds)), pause(MOST_MS)]);
      waiting = null;
      await pause(random.int(0, WITHIN_MS));
    },
  };
}
