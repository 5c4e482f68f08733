import { expect, test, vi } from 'vitest';
import { within } from './within.ts';

test('work that ends in time gives its outcome, other work an error when the time is over', async () => {
  expect(await within(1000, Promise.resolve(7))).toBe(7);
  await expect(within(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  vi.useFakeTimers();
  const ended = vi.fn();
  const waiting = within(1000, new Promise(() => undefined)).catch(ended);
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(ended).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
