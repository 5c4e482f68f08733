import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';
import { addressOf } from './address.ts';

export type Limits = {
  /** Reads of the mirror, a caller and minute: against abuse alone. */
  readonly readsPerMinute: number;
  /** Calls that make KnowBe4 answer, a caller and 10 seconds. */
  readonly livePerTenSeconds: number;
  /** Calls of a caller that are answered at the same time. */
  readonly atOnce: number;
  /** Requests without a valid token, an address and minute. */
  readonly failuresPerMinute: number;
  /** How long `wait=true` holds a call, in ms: under the 30 s after which clients give up. */
  readonly waitMs: number;
};

export const defaultLimits: Limits = {
  readsPerMinute: 600_000,
  livePerTenSeconds: 50,
  atOnce: 200,
  failuresPerMinute: 60,
  waitMs: 25_000,
};

/** Account tokens come by the dozen: those of one account count together. */
function callerOf(request: FastifyRequest): string {
  const { token } = request;
  if (token === null) return addressOf(request);
  return token.kind === 'account' ? `account ${token.own.connections?.join()}` : token.id;
}

/**
 * Limits every call that has a token: those of one minute, those that may cost requests to KnowBe4 (routes marked `live`)
 * much sooner, and those under way at the same time.
 */
export function limitByToken(app: FastifyInstance, limits: Limits): void {
  const reads = app.createRateLimit({ max: limits.readsPerMinute, timeWindow: 60_000, keyGenerator: callerOf });
  const live = app.createRateLimit({ max: limits.livePerTenSeconds, timeWindow: 10_000, keyGenerator: callerOf });
  const inFlight = countInFlight(limits.atOnce);
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    if (config.scope === undefined) return;
    const isLive = typeof config.live === 'function' ? config.live(request) : config.live;
    const count = await (isLive ? live : reads)(request);
    if (!count.isAllowed) {
      reply
        .header('ratelimit-limit', count.max)
        .header('ratelimit-remaining', count.remaining)
        .header('ratelimit-reset', count.ttlInSeconds);
      if (count.isExceeded) {
        throw new ForeknowError('rate_limited', {
          detail: `The ${request.token?.kind === 'account' ? 'tokens of the account' : 'token'} made more than ${count.max} requests in ${count.timeWindow / 1000} seconds.`,
          hint: 'Wait as long as Retry-After says.',
          retryAfterMs: count.ttl,
        });
      }
    }
    reply.raw.once('close', inFlight.begin(callerOf(request)));
  });
}

/** @returns `begin`, which throws where `most` calls of one key are under way, and gives back what ends one */
function countInFlight(most: number): { begin(key: string): () => void } {
  const counts = new Map<string, number>();
  return {
    begin(key) {
      const now = counts.get(key) ?? 0;
      if (now >= most) throw tooManyAtOnce(most);
      counts.set(key, now + 1);
      return () => {
        const left = counts.get(key)! - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}

const tooManyAtOnce = (most: number): ForeknowError =>
  new ForeknowError('rate_limited', {
    detail: `The token has ${most} requests under way already.`,
    hint: 'Wait for answers before you send more.',
    retryAfterMs: 1000,
  });
