import { expect, test, vi } from 'vitest';
import { backoffMs } from './backoff.ts';
import { sleep } from './sleep.ts';

test('an abort ends a sleep at once, with its reason', async () => {
  const control = new AbortController();
  const sleeping = sleep(1_000_000, control.signal);
  control.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
  await expect(sleep(1_000_000, control.signal)).rejects.toThrow('stop');
});

test('a sleep ends after its time', async () => {
  vi.useFakeTimers();
  const woke = vi.fn();
  void sleep(5000).then(woke);
  await vi.advanceTimersByTimeAsync(4999);
  expect(woke).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(woke).toHaveBeenCalled();
  vi.useRealTimers();
});

test('back-off doubles up to its ceiling, and half of it is random', () => {
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, 1000, 5000, 0))).toEqual([500, 1000, 2000, 2500]);
  expect(backoffMs(2, 1000, 5000, 0.999)).toBe(1999);
});
