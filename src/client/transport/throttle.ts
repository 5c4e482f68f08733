import { type ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Limiter } from './limiter.ts';
import type { Send } from './types.ts';

/** Takes a turn from the account's limiter before each request, and tells it how KnowBe4 answered. */
export const withThrottle =
  (limiter: Limiter, now: () => number) =>
  (send: Send): Send =>
  async (request) => {
    const { kind, maxWaitMs, deadline = Infinity, signal } = request;
    await limiter.take({ kind, maxWaitMs, patienceMs: deadline - now(), signal });
    try {
      const answer = await send(request);
      limiter.answered();
      return answer;
    } catch (error) {
      if (isRateLimit(error)) await limiter.refused(error.retryAfterMs ?? null);
      else if (isForeknowError(error) && error.remote !== undefined) limiter.answered();
      throw error;
    }
  };

const isRateLimit = (error: unknown): error is ForeknowError =>
  isForeknowError(error) && error.code === 'remote_rate_limited';
