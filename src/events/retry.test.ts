import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedMs, slowFor, stepsTold, waitAfter } from './retry.ts';

const HOUR = 3_600_000;

test('ten tries in about three days, then it is given up', () => {
  const waits = Array.from({ length: 10 }, (_, index) => waitAfter(index + 1, 0, 0.5));
  expect(waits.slice(0, 4)).toEqual([5000, 300_000, 1_800_000, 2 * HOUR]);
  expect(waits.at(-1)).toBeNull();
  const days = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / (24 * HOUR);
  expect(days).toBeGreaterThan(3);
  expect(days).toBeLessThan(3.3);
});

test('waits are spread by a tenth to either side', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const middle = waitAfter(failures, 0, 0.5)!;
        const wait = waitAfter(failures, 0, random)!;
        expect(wait).toBeGreaterThanOrEqual(Math.floor(middle * 0.9));
        expect(wait).toBeLessThanOrEqual(Math.ceil(middle * 1.1));
      },
    ),
  );
});

test('a receiver that asks for more time gets it, up to a day', () => {
  expect(waitAfter(1, 60_000, 0)).toBe(60_000);
  expect(waitAfter(1, 1000, 0.5)).toBe(5000);
  expect(waitAfter(1, 400 * HOUR, 0)).toBe(24 * HOUR);
  expect(waitAfter(10, 60_000, 0)).toBeNull();
});

test('answers that mean slower hold the endpoint back, others do not', () => {
  for (const status of [429, 502, 503, 504]) {
    expect(slowFor(status, 0)).toBe(5000);
    expect(slowFor(status, 90_000)).toBe(90_000);
    expect(slowFor(status, 99 * HOUR)).toBe(24 * HOUR);
  }
  for (const status of [200, 301, 400, 404, 500, null]) expect(slowFor(status, 90_000)).toBe(0);
});

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('2026-03-02T08:00:00Z');
  expect(askedMs('120', now)).toBe(120_000);
  expect(askedMs('Mon, 02 Mar 2026 08:01:00 GMT', now)).toBe(60_000);
  for (const nothing of [null, '', 'soon', '-5', 'Mon, 02 Mar 2026 07:00:00 GMT'])
    expect(askedMs(nothing, now)).toBe(0);
});

test('a person is told after an hour, a day and five days', () => {
  expect([0, HOUR - 1, HOUR, 24 * HOUR - 1, 24 * HOUR, 120 * HOUR].map(stepsTold)).toEqual([0, 0, 1, 1, 2, 3]);
});
