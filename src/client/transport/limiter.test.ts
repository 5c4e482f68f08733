import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { sleep as realSleep } from '../../lib/sleep.ts';
import { type Limits, safeLimits } from '../../wire/limits.ts';
import {
  type Budget,
  type BudgetState,
  emptyBudget,
  memoryBudget,
  takeFrom,
  tightestWindow,
  usedInDay,
} from './budget.ts';
import { createLimiter, type LimiterOptions, type Turn } from './limiter.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-11-21T10:00:17.250Z');

/** A clock that jumps ahead whenever somebody sleeps, and a budget that notes when requests were admitted. */
function lab(limits: Limits, more: Partial<LimiterOptions> = {}) {
  const clock = { now: START };
  const sent: number[] = [];
  const memory = memoryBudget();
  const budget: Budget = {
    ...memory,
    async take(ask) {
      const verdict = await memory.take(ask);
      if (verdict.admitted) sent.push(ask.now);
      return verdict;
    },
  };
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    clock.now += ms;
  };
  const limiter = createLimiter({ limits, budget, now: () => clock.now, sleep, random: () => 0, ...more });
  return { clock, sent, limiter };
}

const turn = (more: Partial<Turn> = {}): Turn => ({
  kind: 'interactive',
  maxWaitMs: Infinity,
  signal: undefined,
  ...more,
});

/** No window of this length, wherever it begins, holds more than `limit`. */
function expectWindow(sent: readonly number[], limit: number, windowMs: number): void {
  for (let index = limit; index < sent.length; index += 1) {
    expect(sent[index]! - sent[index - limit]!).toBeGreaterThan(windowMs);
  }
}

test('over any schedule no second, minute or day holds more than its limit', async () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.nat(2000), fc.nat(90_000), fc.nat(DAY_MS)),
      count: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const limits = fc.record({
    perSecond: fc.integer({ min: 1, max: 5 }),
    perMinute: fc.integer({ min: 1, max: 20 }),
    perDay: fc.integer({ min: 1, max: 200 }),
  });
  await fc.assert(
    fc.asyncProperty(arrivals, limits, fc.boolean(), async (schedule, some, scheduled) => {
      const { clock, sent, limiter } = lab(some);
      for (const { afterMs, count } of schedule) {
        clock.now += afterMs;
        const kind = scheduled ? 'scheduled' : 'interactive';
        await Promise.allSettled(Array.from({ length: count }, () => limiter.take(turn({ kind }))));
      }
      expectWindow(sent, some.perSecond, 1000);
      expectWindow(sent, some.perMinute, 60_000);
      expectWindow(sent, scheduled ? Math.max(1, Math.floor(some.perDay * 0.8)) : some.perDay, DAY_MS);
      if (some.perDay * (scheduled ? 0.8 : 1) >= 1) expect(sent.length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});

test('the default limits let 48 through in a minute, not the hundred of a token bucket', async () => {
  const { sent, limiter } = lab(safeLimits(0));
  await Promise.all(Array.from({ length: 200 }, () => limiter.take(turn())));
  expect(sent.filter((time) => time < START + 60_000)).toHaveLength(48);
  expect(sent.filter((time) => time < START + 1000)).toHaveLength(3);
  // 200 requests are four full minutes and a rest, no more.
  expect(sent.at(-1)! - START).toBeLessThan(5 * 60_000);
});

test('a spent day fails at once and names the time after which one request goes through', async () => {
  const { clock, sent, limiter } = lab({ perSecond: 100, perMinute: 100, perDay: 10 });
  await Promise.all(Array.from({ length: 10 }, () => limiter.take(turn())));
  const error = await limiter.take(turn()).catch((caught) => caught);
  expect(error).toMatchObject({ code: 'quota_exhausted', retry: 'later' });
  expect(clock.now).toBe(START);
  clock.now += error.retryAfterMs - 1;
  await expect(limiter.take(turn())).rejects.toMatchObject({ code: 'quota_exhausted' });
  clock.now += 1;
  await limiter.take(turn());
  expect(sent).toHaveLength(11);
  expect(error.retryAfterMs).toBeLessThanOrEqual(DAY_MS + 60_000);
});

test('scheduled work leaves the reserve of the day to interactive calls', async () => {
  const { limiter } = lab({ perSecond: 100, perMinute: 100, perDay: 10 });
  for (let count = 0; count < 8; count += 1) await limiter.take(turn({ kind: 'scheduled' }));
  await expect(limiter.take(turn({ kind: 'scheduled' }))).rejects.toMatchObject({ code: 'quota_exhausted' });
  await limiter.take(turn());
  await limiter.take(turn());
  await expect(limiter.take(turn())).rejects.toMatchObject({ code: 'quota_exhausted' });
  expect(await limiter.usage()).toMatchObject({ usedToday: 10 });
});

test('interactive callers overtake scheduled ones', async () => {
  const { limiter } = lab({ perSecond: 1, perMinute: 100, perDay: 100 });
  const order: string[] = [];
  const take = (kind: Turn['kind'], name: string) => limiter.take(turn({ kind })).then(() => order.push(name));
  await Promise.all([
    take('scheduled', 'a'),
    take('scheduled', 'b'),
    take('scheduled', 'c'),
    take('interactive', 'now'),
  ]);
  expect(order.indexOf('now')).toBeLessThan(order.indexOf('b'));
});

test('a caller that may not wait so long is told how long, also while another one waits', async () => {
  const clock = { now: START };
  let wake = () => {};
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      wake = resolve;
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  const limiter = createLimiter({ limits: safeLimits(0), now: () => clock.now, sleep });
  await limiter.refused(90_000);
  const waiting = limiter.take(turn({ kind: 'scheduled' }));
  await Promise.resolve();
  await expect(limiter.take(turn({ maxWaitMs: 10_000 }))).rejects.toMatchObject({
    code: 'remote_rate_limited',
    retryAfterMs: 90_000,
  });
  clock.now += 90_000;
  const waking = setInterval(() => wake(), 1);
  await waiting;
  clearInterval(waking);
});

test('a caller behind another one that waits is not kept longer than it may wait', async () => {
  const clock = { now: START };
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const limiter = createLimiter({ limits: safeLimits(0), now: () => clock.now, sleep });
  await limiter.refused(90_000);
  const leaving = new AbortController();
  const patient = limiter.take(turn({ signal: leaving.signal }));
  const impatient = limiter.take(turn({ maxWaitMs: 10_000 }));
  const job = limiter.take(turn({ kind: 'scheduled', maxWaitMs: 10_000 }));
  for (const one of [impatient, job]) await expect(one).rejects.toMatchObject({ code: 'remote_rate_limited' });
  leaving.abort();
  await expect(patient).rejects.toMatchObject({ code: 'aborted' });
});

test('a refusal pauses every caller: as long as it says, else 60, 120, 300 seconds', async () => {
  const onUnexpected429 = vi.fn();
  const { clock, limiter } = lab(safeLimits(0), { onUnexpected429 });
  const pauseOf = async (retryAfterMs: number | null) => {
    await limiter.refused(retryAfterMs);
    const before = clock.now;
    await Promise.all([limiter.take(turn()), limiter.take(turn({ kind: 'scheduled' }))]);
    return clock.now - before;
  };
  expect([await pauseOf(null), await pauseOf(null), await pauseOf(null), await pauseOf(null)]).toEqual([
    60_000, 120_000, 300_000, 300_000,
  ]);
  expect(await pauseOf(7000)).toBe(7000);
  limiter.answered();
  expect(await pauseOf(null)).toBe(60_000);
  expect(onUnexpected429).toHaveBeenCalledTimes(6);
  expect(onUnexpected429).toHaveBeenLastCalledWith({ pausedMs: 60_000, usedToday: 10 });
});

test('requests refused together make one step of the ladder, not several', async () => {
  const { clock, limiter } = lab(safeLimits(0));
  await Promise.all([limiter.refused(null), limiter.refused(null), limiter.refused(null)]);
  await limiter.take(turn());
  expect(clock.now - START).toBe(60_000);
});

test('an aborted caller leaves the queue at once and costs nothing', async () => {
  const limiter = createLimiter({ limits: safeLimits(0), sleep: realSleep });
  await limiter.refused(1_000_000);
  const control = new AbortController();
  const waiting = limiter.take(turn({ signal: control.signal }));
  control.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  await expect(limiter.take(turn({ signal: control.signal }))).rejects.toMatchObject({ code: 'aborted' });
  expect((await limiter.usage()).usedToday).toBe(0);
});

test('a budget that fails fails its callers, and the limiter goes on', async () => {
  const memory = memoryBudget();
  let broken = true;
  const budget: Budget = { ...memory, take: (ask) => (broken ? Promise.reject(new Error('disk')) : memory.take(ask)) };
  const limiter = createLimiter({ limits: safeLimits(0), budget });
  await expect(limiter.take(turn())).rejects.toThrow('disk');
  broken = false;
  await limiter.take(turn());
});

test('what was spent before a restart counts after it', async () => {
  let state: BudgetState = emptyBudget;
  const limits = { perSecond: 3, perMinute: 5, perDay: 6 };
  const take = (now: number) => {
    const taken = takeFrom(state, { kind: 'interactive', limits, reserveShare: 0.2, now });
    state = JSON.parse(JSON.stringify(taken.state)) as BudgetState;
    return taken.verdict;
  };
  for (const at of [0, 1, 2]) expect(take(START + at)).toEqual({ admitted: true });
  expect(take(START + 500)).toEqual({ admitted: false, waitMs: 501, because: 'second' });
  expect(take(START + 1001)).toEqual({ admitted: true });
  expect(take(START + 1002)).toEqual({ admitted: true });
  expect(take(START + 30_000)).toMatchObject({ admitted: false, waitMs: 30_001, because: 'minute' });
  expect(take(START + 61_000)).toEqual({ admitted: true });
  expect(take(START + 200_000)).toMatchObject({ admitted: false, because: 'day' });
  expect(usedInDay(state, START + 200_000)).toBe(6);
});

test('a clock set back by an hour never makes anybody wait longer than the window', () => {
  const limits = { perSecond: 1, perMinute: 2, perDay: 100 };
  const first = takeFrom(emptyBudget, { kind: 'interactive', limits, reserveShare: 0, now: START }).state;
  const { verdict } = takeFrom(first, { kind: 'interactive', limits, reserveShare: 0, now: START - 3_600_000 });
  expect(verdict).toEqual({ admitted: false, waitMs: 1001, because: 'second' });
});

test('without limits everything goes out at once and the state stays small', async () => {
  const none = { perSecond: Infinity, perMinute: Infinity, perDay: Infinity };
  let state = emptyBudget;
  for (let count = 0; count < 5000; count += 1) {
    const taken = takeFrom(state, { kind: 'scheduled', limits: none, reserveShare: 0.2, now: START + count });
    expect(taken.verdict.admitted).toBe(true);
    state = taken.state;
  }
  expect(state.recent).toHaveLength(1);
  expect(usedInDay(state, START + 5000)).toBe(5000);
});

test('a system clock that jumps ahead does not send more in a true second or minute', async () => {
  const time = { true: 0, ahead: 0 };
  const sent: number[] = [];
  const limiter = createLimiter({
    limits: { perSecond: 3, perMinute: 20, perDay: 1000 },
    now: () => START + time.true + time.ahead,
    elapsed: () => time.true,
    sleep: async (ms) => {
      time.true += ms;
    },
  });
  for (let request = 0; request < 60; request += 1) {
    if (request % 7 === 0) time.ahead += 3_600_000;
    await limiter.take(turn());
    sent.push(time.true);
  }
  expectWindow(sent, 3, 1000);
  expectWindow(sent, 20, 60_000);
});

test('a system clock that is set back keeps nobody waiting until it is where it was', async () => {
  const time = { true: 0, ahead: 3 * DAY_MS };
  const limiter = createLimiter({
    limits: { perSecond: 3, perMinute: 20, perDay: 1000 },
    now: () => START + time.true + time.ahead,
    elapsed: () => time.true,
    random: () => 0,
    sleep: async (ms) => {
      time.true += ms;
    },
  });
  for (let request = 0; request < 20; request += 1) await limiter.take(turn());
  await limiter.refused(null);
  time.ahead = 0;
  await limiter.take(turn());
  await limiter.refused(null);
  await limiter.take(turn());
  expect(time.true).toBeLessThan(5 * 60_000);
});

test('scheduled work leaves a tenth of each minute to calls that somebody waits for', async () => {
  const limits: Limits = { perSecond: Infinity, perMinute: 48, perDay: Infinity };
  const { clock, limiter } = lab(limits);
  const scheduled = turn({ kind: 'scheduled' });
  for (let n = 0; n < 43; n += 1) await limiter.take(scheduled);
  const atOnce = { ...scheduled, maxWaitMs: 0 };
  await expect(limiter.take(atOnce)).rejects.toMatchObject({ code: 'remote_rate_limited' });
  for (let n = 0; n < 5; n += 1) await limiter.take(turn({ maxWaitMs: 0 }));
  expect(clock.now).toBe(START);
  await limiter.take(scheduled);
  expect(clock.now).toBeGreaterThan(START + 60_000);
});

test('the tightest window is the one with least left, and a pause leaves nothing', () => {
  const now = 10_000 * 60_000;
  const state = {
    recent: [now - 70_000, now - 40_000, now - 1000],
    minutes: [
      { minute: 10_000 - 1442, requests: 900 },
      { minute: 10_000 - 100, requests: 5 },
      { minute: 10_000, requests: 2 },
    ],
    pausedUntil: 0,
  };
  const window = (perMinute: number, perDay: number, more = {}) =>
    tightestWindow({ ...state, ...more }, { perSecond: 3, perMinute, perDay }, now);
  expect(window(48, 2000)).toEqual({ limit: 48, remaining: 46, resetMs: 20_000 });
  expect(window(48, 10)).toEqual({ limit: 10, remaining: 3, resetMs: (1441 - 100) * 60_000 });
  expect(window(Infinity, Infinity)).toBeNull();
  expect(window(1, 2000)).toMatchObject({ remaining: 0 });
  expect(window(48, 2000, { pausedUntil: now + 5000 })).toEqual({ limit: 48, remaining: 0, resetMs: 5000 });
  expect(tightestWindow(emptyBudget, { perSecond: 3, perMinute: 48, perDay: 2000 }, now)).toEqual({
    ...{ limit: 48, remaining: 48, resetMs: 60_000 },
  });
});
