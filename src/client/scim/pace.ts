import type { Limits } from '../../wire/limits.ts';
import type { Limiter } from '../transport/limiter.ts';

/** Requests a second: at first, and when everything goes well. Whole numbers. */
export type Pace = { readonly start: number; readonly most: number };

/** So many answers in a row without a refusal let it go one request a second faster. */
const ANSWERS_A_STEP = 40;

/**
 * A limiter that finds out how fast a service lets it go whose limits nobody tells: slow at first, faster while all is well, half as fast
 * after each 429, which pauses all callers as always. `setLimits` sets what it may never exceed.
 */
export function learningLimiter(limiter: Limiter, limits: Limits, pace: Pace): Limiter {
  let ceiling = limits;
  let perSecond = pace.start;
  let well = 0;
  let beingRefused = 0;

  const apply = () => limiter.setLimits({ ...ceiling, perSecond: Math.min(perSecond, ceiling.perSecond) });
  apply();

  return {
    ...limiter,
    async refused(retryAfterMs) {
      well = 0;
      beingRefused += 1;
      try {
        // Requests that were on their way together are refused together: that is one refusal.
        const isFirst = beingRefused === 1 && (await limiter.usage()).pausedUntil === null;
        await limiter.refused(retryAfterMs);
        if (!isFirst) return;
      } finally {
        beingRefused -= 1;
      }
      perSecond = Math.max(1, Math.floor(perSecond / 2));
      apply();
    },
    answered() {
      limiter.answered();
      well += 1;
      if (well < ANSWERS_A_STEP || perSecond >= pace.most) return;
      well = 0;
      perSecond += 1;
      apply();
    },
    setLimits(next, reserveShare) {
      ceiling = next;
      limiter.setLimits(next, reserveShare);
      apply();
    },
  };
}
