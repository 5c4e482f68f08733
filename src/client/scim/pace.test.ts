import { expect, test } from 'vitest';
import { createLimiter } from '../transport/limiter.ts';
import { learningLimiter } from './pace.ts';

const limits = { perSecond: 10, perMinute: Infinity, perDay: Infinity };

function lab(most = 10) {
  const clock = { now: 1_000_000 };
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const inner = createLimiter({ limits, now: () => clock.now, sleep, random: () => 0 });
  const limiter = learningLimiter(inner, limits, { start: 2, most });
  const send = async (requests: number) => {
    const start = clock.now;
    for (let n = 0; n < requests; n += 1) {
      await limiter.take({ kind: 'scheduled', maxWaitMs: Infinity, signal: undefined });
      limiter.answered();
    }
    return (requests * 1000) / Math.max(1, clock.now - start);
  };
  const perSecond = async () => (await limiter.usage()).limits.perSecond;
  return { limiter, send, perSecond, clock };
}

test('begins slowly and goes faster while all is well, up to the most', async () => {
  const { send, perSecond } = lab(4);
  expect(await send(40)).toBeLessThanOrEqual(2.2);
  expect(await perSecond()).toBe(3);
  await send(400);
  expect(await perSecond()).toBe(4);
});

test('a refusal halves it, several at once count as one, and what was learned goes on from there', async () => {
  const { limiter, send, perSecond, clock } = lab();
  await send(400);
  expect(await perSecond()).toBe(10);
  await Promise.all([limiter.refused(5000), limiter.refused(5000)]);
  await limiter.refused(5000);
  expect(await perSecond()).toBe(5);
  clock.now += 6000;
  await limiter.refused(5000);
  expect(await perSecond()).toBe(2);
  for (let n = 0; n < 4; n += 1) {
    clock.now += 6000;
    await limiter.refused(5000);
  }
  expect(await perSecond()).toBe(1);
});

test('limits that are set are never exceeded, and what was learned stays', async () => {
  const { limiter, send, perSecond } = lab();
  await send(400);
  limiter.setLimits({ ...limits, perSecond: 3 });
  expect(await perSecond()).toBe(3);
  limiter.setLimits(limits);
  expect(await perSecond()).toBe(10);
});
