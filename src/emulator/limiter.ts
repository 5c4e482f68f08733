import type { Limits } from '../wire/limits.ts';
import { DAY, MINUTE, SECOND } from './time.ts';

/** Whoever exceeds the limit of a minute is locked out for this long. */
const LOCKED_FOR = 300 * SECOND;

export type Verdict = { allowed: true; remaining: number } | { allowed: false; retryAfterMs: number };

/** Sliding windows over one account's accepted requests; refused ones do not count. */
export class Limiter {
  readonly #limits: Limits;
  /** Times of accepted requests of the last day, ascending from `#first` on. */
  #times: number[] = [];
  #first = 0;
  #lockedUntil = Number.NEGATIVE_INFINITY;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Asks for one request at a time that never goes back. */
  take(now: number): Verdict {
    this.#forget(now);
    if (now < this.#lockedUntil) return { allowed: false, retryAfterMs: this.#lockedUntil - now };
    const { perSecond, perMinute, perDay } = this.#limits;
    const dayWait = this.#waitFor(perDay, DAY, now);
    if (dayWait > 0) return { allowed: false, retryAfterMs: dayWait };
    if (this.#waitFor(perMinute, MINUTE, now) > 0) {
      this.#lockedUntil = now + LOCKED_FOR;
      return { allowed: false, retryAfterMs: LOCKED_FOR };
    }
    const secondWait = this.#waitFor(perSecond, SECOND, now);
    if (secondWait > 0) return { allowed: false, retryAfterMs: secondWait };
    this.#times.push(now);
    return { allowed: true, remaining: perDay - (this.#times.length - this.#first) };
  }

  /** How long until fewer than `most` requests lie in the window; 0 when there is room. */
  #waitFor(most: number, window: number, now: number): number {
    const oldest = this.#times.length - most;
    if (oldest < this.#first) return 0;
    return Math.max(0, this.#times[oldest]! + window - now);
  }

  #forget(now: number): void {
    while (this.#first < this.#times.length && this.#times[this.#first]! <= now - DAY) this.#first += 1;
    if (this.#first > 10_000) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
  }
}
