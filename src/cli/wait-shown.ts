/** What waiting needs of the world around it. */
export type Waiting<Standing> = {
  /** ms */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Ends the waiting, and nothing else. */
  readonly signal: AbortSignal;
  /** Reads people and groups again. @returns why that could not be, in words; null: it was done */
  readonly look: () => Promise<string | null>;
  readonly standing: () => Promise<Standing>;
  readonly isSettled: (standing: Standing) => boolean;
  readonly wordsOf: (standing: Standing) => string;
  /** Shows how it stands; `isNews`: something was done since. */
  readonly show: (line: string, isNews: boolean) => void;
};

const MINUTE_MS = 60_000;
/** KnowBe4 often runs its sync as soon as it is told something. */
const FIRST_MS = 2 * MINUTE_MS;
/** A big account is looked at more seldom: each look costs requests of the day. */
const REQUEST_MS = 12_000;
const [LEAST_MS, MOST_MS] = [3 * MINUTE_MS, 15 * MINUTE_MS];
const TICK_MS = 2000;

/**
 * Looks now and then until everything that was sent is seen, or known not to come, telling how far it is and when the next look is.
 * @param about.readsALook requests that one look costs
 * @param about.visibleBy until when KnowBe4 usually has applied it, ISO; null: nobody knows
 */
export async function waitUntilShown<Standing>(
  waiting: Waiting<Standing>,
  about: { readonly readsALook: number; readonly visibleBy: string | null },
): Promise<Standing> {
  const { now, signal, show } = waiting;
  const everyMs = Math.min(MOST_MS, Math.max(LEAST_MS, about.readsALook * REQUEST_MS));
  const usual = about.visibleBy === null ? '' : `; KnowBe4 usually shows it by ${clockOf(Date.parse(about.visibleBy))}`;
  let nextAt = now() + FIRST_MS;
  let failure: string | null = null;
  for (let isNews = true; ; ) {
    const begun = now();
    const standing = await waiting.standing();
    if (waiting.isSettled(standing) || signal.aborted) return standing;
    const trouble = failure === null ? '' : ` (the last look failed: ${failure})`;
    show(`${waiting.wordsOf(standing)}${trouble}, next look at ${clockOf(nextAt)}${usual}`, isNews);
    isNews = false;
    // A plan of many steps takes a while to look through: most of the time is left to others.
    const pause = Math.max(TICK_MS, 5 * (now() - begun));
    await waiting.sleep(Math.max(0, Math.min(pause, nextAt - now())), signal);
    if (signal.aborted || now() < nextAt) continue;
    failure = await waiting.look();
    nextAt = now() + everyMs;
    isNews = true;
  }
}

const clockOf = (time: number): string => `${new Date(time).toISOString().slice(11, 16)} UTC`;
