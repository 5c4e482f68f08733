import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Limiter } from './limiter.ts';
import { DAY, MINUTE, SECOND } from './time.ts';

const limits = { perSecond: 4, perMinute: 50, perDay: 2100 };

test('the fifth request of a second is refused, and one second after the first there is room again', () => {
  const limiter = new Limiter(limits);
  for (const at of [0, 100, 200, 300]) expect(limiter.take(at).allowed).toBe(true);
  expect(limiter.take(999)).toEqual({ allowed: false, retryAfterMs: 1 });
  expect(limiter.take(1000).allowed).toBe(true);
});

test('whoever exceeds the limit of a minute is locked out for 300 seconds', () => {
  const limiter = new Limiter(limits);
  for (let i = 0; i < 50; i += 1) expect(limiter.take(i * 300).allowed).toBe(true);
  expect(limiter.take(20 * SECOND)).toEqual({ allowed: false, retryAfterMs: 300 * SECOND });
  expect(limiter.take(319 * SECOND)).toEqual({ allowed: false, retryAfterMs: SECOND });
  expect(limiter.take(320 * SECOND).allowed).toBe(true);
});

test('a spent day opens a day after its first request, not at midnight', () => {
  const limiter = new Limiter({ perSecond: 10, perMinute: 100, perDay: 3 });
  for (const at of [5 * MINUTE, 10 * MINUTE, 15 * MINUTE]) expect(limiter.take(at).allowed).toBe(true);
  expect(limiter.take(DAY)).toEqual({ allowed: false, retryAfterMs: 5 * MINUTE });
  expect(limiter.take(DAY + 5 * MINUTE).allowed).toBe(true);
});

test('no window of accepted requests ever holds more than its limit', () => {
  const gaps = fc.array(fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 120_000 })), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(gaps, (waits) => {
      const limiter = new Limiter({ perSecond: 4, perMinute: 20, perDay: 100 });
      const accepted: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        if (limiter.take(now).allowed) accepted.push(now);
      }
      for (const [most, window] of [
        [4, SECOND],
        [20, MINUTE],
        [100, DAY],
      ] as const) {
        for (let i = most; i < accepted.length; i += 1) {
          expect(accepted[i]! - accepted[i - most]!).toBeGreaterThanOrEqual(window);
        }
      }
    }),
  );
});
