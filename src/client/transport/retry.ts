import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Sleep } from '../../lib/sleep.ts';
import { abortedError } from './send.ts';
import type { Send } from './types.ts';

export type RetryOptions = {
  /** Tries in all, the first included. */
  readonly tries: number;
  /** First wait after a failed connection or a 5xx; doubles from there. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** First wait after a 503, which means maintenance: minutes, not seconds. */
  readonly maintenanceMs: number;
};

export const defaultRetry: RetryOptions = { tries: 4, baseMs: 1000, maxMs: 60_000, maintenanceMs: 60_000 };

/**
 * Tries again what waiting can mend: no answer, a damaged one, 5xx, 429. A refusal is final.
 * After a 429 it is the limiter that makes the next try wait, together with all other callers of the account.
 */
export const withRetry =
  (deps: {
    readonly retry: RetryOptions;
    readonly now: () => number;
    readonly sleep: Sleep;
    readonly random: () => number;
  }) =>
  (send: Send): Send =>
  async (request) => {
    const tries = request.tries ?? deps.retry.tries;
    const { maxWaitMs, deadline = Infinity } = request;
    const changes = request.method !== undefined && request.method !== 'GET';
    let before: ForeknowError | null = null;
    let isInDoubt = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(request);
      } catch (error) {
        if (!isForeknowError(error)) throw error;
        const told = isInDoubt ? inDoubt(error) : error;
        if (isImpatience(error) && before !== null) throw like(told, { remote: before.remote });
        if (attempt >= tries || !waitingHelps(error)) throw told;
        const waitMs = waitAfter(error, attempt, deps.retry, deps.random());
        if (waitMs > maxWaitMs || deps.now() + waitMs >= deadline) throw told;
        before = error;
        isInDoubt ||= changes && error.code !== 'remote_rate_limited';
        if (waitMs === 0) continue;
        await deps.sleep(waitMs, request.signal).catch((reason) => {
          throw abortedError(reason);
        });
      }
    }
  };

const mendable = new Set(['remote_unavailable', 'remote_maintenance', 'remote_invalid', 'remote_rate_limited']);

/** A limiter that refuses to wait any longer throws without an answer of the vendor: that is no reason to ask again. */
const isImpatience = (error: ForeknowError): boolean =>
  error.code === 'remote_rate_limited' && error.remote === undefined;

const waitingHelps = (error: ForeknowError): boolean => mendable.has(error.code) && !isImpatience(error);

/** Refusals of whoever asks, which say nothing of what an earlier try has done. */
const ofCaller = new Set(['remote_rate_limited', 'quota_exhausted', 'connection_unauthorized', 'connection_forbidden']);

/** What ends a call of which an earlier try may have been done. */
export const inDoubt = (error: ForeknowError): ForeknowError =>
  ofCaller.has(error.code) ? like(error, { isOpen: true }) : error;

/** What is asked once a change was taken: where the answer is refused, the change is there nevertheless. */
export const afterChange = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    throw isForeknowError(error) ? inDoubt(error) : error;
  });

const like = (error: ForeknowError, change: Partial<Pick<ForeknowError, 'remote' | 'isOpen'>>): ForeknowError => {
  const { code, detail, hint, retryAfterMs, remote, isOpen, cause } = { ...error, cause: error.cause, ...change };
  return new ForeknowError(code, {
    ...{ detail, isOpen, cause },
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(remote === undefined ? {} : { remote }),
  });
};

function waitAfter(error: ForeknowError, attempt: number, retry: RetryOptions, random: number): number {
  if (error.code === 'remote_rate_limited') return 0;
  const isMaintenance = error.code === 'remote_maintenance';
  const base = isMaintenance ? retry.maintenanceMs : retry.baseMs;
  const backoff = backoffMs(attempt, base, isMaintenance ? base * 10 : retry.maxMs, random);
  return Math.max(backoff, error.retryAfterMs ?? 0);
}
