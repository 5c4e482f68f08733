import { ForeknowError } from '../../errors/errors.ts';
import type { Sleep } from '../../lib/sleep.ts';
import { sleep as realSleep } from '../../lib/sleep.ts';
import type { Limits } from '../../wire/limits.ts';
import {
  type Budget,
  dayLimit,
  emptyBudget,
  memoryBudget,
  takeFrom,
  tightestWindow,
  usedInDay,
  type Verdict,
  type Window,
} from './budget.ts';
import { abortedError } from './send.ts';
import type { CallKind } from './types.ts';

export type LimiterOptions = {
  readonly limits: Limits;
  /** Where the account's budget is kept; default: in memory, so a restart forgets it. */
  readonly budget?: Budget;
  /** Share of the day kept for interactive calls, 0–1; default 0.2. */
  readonly reserveShare?: number;
  /** ms; default: the system clock. */
  readonly now?: () => number;
  /**
   * A clock that is never set, in ms from anywhere; default: `now`. The limits of a second and a minute hold by it as well,
   * so that a system clock that jumps does not send too much.
   */
  readonly elapsed?: () => number;
  readonly sleep?: Sleep;
  readonly random?: () => number;
  /** A 429 although our own count had room: another program uses the same account. */
  readonly onUnexpected429?: (event: { readonly pausedMs: number; readonly usedToday: number }) => void;
};

export type Turn = {
  readonly kind: CallKind;
  /** Longest single wait, in ms. */
  readonly maxWaitMs: number;
  /** All waits together, in ms; default: no end. */
  readonly patienceMs?: number;
  readonly signal: AbortSignal | undefined;
};

export type Usage = {
  /** Requests in the last 60 s, as far as a limit looks at them. */
  readonly usedLastMinute: number;
  /** In the last 24 hours. */
  readonly usedToday: number;
  /** ms; null while nothing holds requests back but the limits. */
  readonly pausedUntil: number | null;
  readonly limits: Limits;
  readonly reserveShare: number;
};

/** One for each account in a process: all clients of the account share it. */
export type Limiter = {
  /**
   * Resolves when one request may go out; it is on the account by then. Interactive callers go first.
   * @throws ForeknowError `quota_exhausted` with `retryAfterMs` when the day is spent, `remote_rate_limited` when the wait
   *   would exceed `maxWaitMs`, `aborted`
   */
  take(turn: Turn): Promise<void>;
  /** KnowBe4 answered 429: pauses every caller. `retryAfterMs` as the answer asked, null when it did not say. */
  refused(retryAfterMs: number | null): Promise<void>;
  /** KnowBe4 answered anything else: the next 429 starts with the shortest pause again. */
  answered(): void;
  /** The seats raise the daily limit and are known only after the account was read. */
  setLimits(limits: Limits, reserveShare?: number): void;
  usage(): Promise<Usage>;
  /** What is left to interactive calls of the window that has least left; null without limits. */
  window(): Promise<Window | null>;
};

/** Pauses after the first, second and every further 429 in a row that does not say how long to wait. */
const pausesMs = [60_000, 120_000, 300_000] as const;
const JITTER = 0.1;

type Refused = Verdict & { readonly admitted: false };
type Waiter = Turn & { readonly since: number; readonly admit: () => void; readonly fail: (error: unknown) => void };

export function createLimiter(options: LimiterOptions): Limiter {
  const { budget = memoryBudget(), now = Date.now, sleep = realSleep, random = Math.random } = options;
  let limits = options.limits;
  let reserveShare = options.reserveShare ?? 0.2;
  const elapsed = options.elapsed ?? now;
  let refusals = 0;
  /** By `elapsed`, as `own` is: what was sent from here. */
  let pausedUntil = 0;
  let own = emptyBudget;
  let waiters: readonly Waiter[] = [];
  let running = false;
  let nap: AbortController | null = null;

  const ask = (kind: CallKind) => ({ kind, limits, reserveShare, now: now() });
  /** Called by the loop alone, one at a time. */
  const takeOne = async (kind: CallKind): Promise<Verdict> => {
    const asked = ask(kind);
    const sent = takeFrom(own, { ...asked, limits: { ...limits, perDay: Infinity }, now: elapsed() });
    if (!sent.verdict.admitted) return sent.verdict;
    const verdict = await budget.take(asked);
    if (verdict.admitted) own = sent.state;
    return verdict;
  };
  const longestWait = ({ maxWaitMs, patienceMs = Infinity, since }: Waiter): number =>
    Math.min(maxWaitMs, patienceMs - (elapsed() - since));
  const first = () => waiters.find((waiter) => waiter.kind === 'interactive') ?? waiters[0];

  const leave = (waiter: Waiter) => {
    waiters = waiters.filter((other) => other !== waiter);
    if (waiters.length === 0) nap?.abort();
  };

  const dismiss = (impatient: readonly Waiter[], verdict: Refused) => {
    for (const waiter of impatient) {
      leave(waiter);
      waiter.fail(noTurn(verdict, dayLimit(ask(waiter.kind)), waiter.kind));
    }
  };

  /** Serves the waiters one after another; one loop for all, so that no two decide at the same time. */
  const serve = async () => {
    for (let waiter = first(); waiter !== undefined; waiter = first()) {
      const verdict = await takeOne(waiter.kind);
      if (verdict.admitted) {
        leave(waiter);
        waiter.admit();
      } else if (verdict.because === 'day') {
        dismiss([waiter], verdict);
      } else {
        // Whoever is behind waits as long as the first one at least.
        dismiss(
          waiters.filter((one) => verdict.waitMs > longestWait(one)),
          verdict,
        );
        if (!waiters.includes(waiter)) continue;
        nap = new AbortController();
        await sleep(verdict.waitMs, nap.signal).catch(() => undefined);
        nap = null;
      }
    }
  };

  const run = async () => {
    if (running) return;
    running = true;
    try {
      await serve();
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error);
      waiters = [];
    } finally {
      running = false;
      // Somebody may have come between the end of the loop and here.
      if (waiters.length > 0) void run();
    }
  };

  return {
    take: (turn) =>
      new Promise<void>((resolve, reject) => {
        const { signal } = turn;
        if (signal?.aborted) {
          reject(abortedError(signal.reason));
          return;
        }
        const settle = () => signal?.removeEventListener('abort', onAbort);
        const waiter: Waiter = {
          ...turn,
          since: elapsed(),
          admit: () => {
            settle();
            resolve();
          },
          fail: (error) => {
            settle();
            reject(error);
          },
        };
        const onAbort = () => {
          leave(waiter);
          waiter.fail(abortedError(signal!.reason));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters = [...waiters, waiter];
        // Who comes new may be first, or may not want to wait as long.
        nap?.abort();
        void run();
      }),

    async refused(retryAfterMs) {
      // Requests that were on their way together are refused together: that is one refusal.
      if (elapsed() >= pausedUntil) refusals += 1;
      const fallback = pausesMs[Math.min(refusals, pausesMs.length) - 1]! * (1 + JITTER * random());
      const pausedMs = Math.round(retryAfterMs ?? fallback);
      pausedUntil = Math.max(pausedUntil, elapsed() + pausedMs);
      await budget.pause(now() + pausedUntil - elapsed());
      // Every request was admitted by our own count, so a refusal means that somebody else spends the same budget.
      if (Number.isFinite(limits.perMinute)) {
        options.onUnexpected429?.({ pausedMs, usedToday: usedInDay(await budget.state(), now()) });
      }
    },

    answered() {
      if (elapsed() >= pausedUntil) refusals = 0;
    },

    setLimits(next, share = reserveShare) {
      limits = next;
      reserveShare = share;
    },

    window: async () => tightestWindow(await budget.state(), limits, now()),

    async usage() {
      const state = await budget.state();
      const time = now();
      return {
        usedLastMinute: state.recent.filter((sent) => sent > time - 60_000).length,
        usedToday: usedInDay(state, time),
        pausedUntil: state.pausedUntil > time ? state.pausedUntil : null,
        limits,
        reserveShare,
      };
    },
  };
}

function noTurn(verdict: Refused, limit: number, kind: CallKind): ForeknowError {
  const retryAfterMs = Math.ceil(verdict.waitMs);
  if (verdict.because !== 'day') {
    return new ForeknowError('remote_rate_limited', {
      detail:
        verdict.because === 'paused'
          ? 'KnowBe4 asked to slow down, and the pause is longer than this call may wait.'
          : `The request limit of a ${verdict.because} is reached, and its end is further away than this call may wait.`,
      hint: `Go on in ${Math.ceil(retryAfterMs / 1000)} s.`,
      retryAfterMs,
    });
  }
  return new ForeknowError('quota_exhausted', {
    detail: `The account's budget of ${limit} requests in 24 hours for ${kind} calls is spent.`,
    hint: `Go on in ${Math.ceil(retryAfterMs / 60_000)} min, when enough requests are older than 24 hours.`,
    retryAfterMs,
  });
}
