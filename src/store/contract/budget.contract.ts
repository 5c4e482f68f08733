import { beforeEach, describe, expect, test } from 'vitest';
import { type BudgetAsk, usedInDay } from '../../client/transport/budget.ts';
import type { Store } from '../store.ts';
import type { OpenedStore, OpenStore } from './contract.ts';

/** What the client's limiter relies on. */
export function budgetContract(open: OpenStore): void {
  let opened: OpenedStore;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });

  const noon = Date.UTC(2026, 2, 2, 12);
  const ask = (now: number, perDay = 1000): BudgetAsk => ({
    kind: 'interactive',
    limits: { perSecond: 2, perMinute: 5, perDay },
    reserveShare: 0,
    now,
  });

  describe('request budgets', () => {
    test('a request that was admitted counts after a restart, in every window', async () => {
      const budget = store.budget('eu:a');
      for (let sent = 0; sent < 4; sent += 1) {
        expect(await budget.take(ask(noon + sent * 2000))).toEqual({ admitted: true });
      }
      store = await opened.reopen();
      const again = store.budget('eu:a');
      expect(usedInDay(await again.state(), noon + 8000)).toBe(4);
      expect(await again.take(ask(noon + 8000))).toEqual({ admitted: true });
      expect(await again.take(ask(noon + 10_000))).toMatchObject({ admitted: false, because: 'minute' });
      expect(await again.take(ask(noon + 120_000, 5))).toMatchObject({ admitted: false, because: 'day' });
    });

    test('a pause holds after a restart and is never shortened', async () => {
      await store.budget('eu:a').pause(noon + 60_000);
      await store.budget('eu:a').pause(noon + 1000);
      store = await opened.reopen();
      expect(await store.budget('eu:a').take(ask(noon))).toEqual({
        admitted: false,
        waitMs: 60_000,
        because: 'paused',
      });
    });

    test('callers of one account share it, accounts do not', async () => {
      const at = ask(noon);
      const verdicts = await Promise.all([1, 2, 3].map(() => store.budget('eu:a').take(at)));
      expect(verdicts.filter((verdict) => verdict.admitted)).toHaveLength(2);
      expect(await store.budget('eu:b').take(at)).toEqual({ admitted: true });
    });

    test('a clock that was set back holds nobody up for longer than a window, and the day still counts', async () => {
      const budget = store.budget('eu:a');
      const day = 24 * 3600_000;
      for (let sent = 0; sent < 5; sent += 1) await budget.take(ask(noon + 3 * day + sent * 1000));
      await budget.pause(noon + 3 * day + 10_000);
      expect(await budget.take(ask(noon))).toMatchObject({ admitted: false, waitMs: 6000, because: 'paused' });
      expect(await budget.take(ask(noon + 6000))).toMatchObject({ admitted: false, because: 'minute' });
      expect(await budget.take(ask(noon + 60_001))).toEqual({ admitted: true });
      store = await opened.reopen();
      const state = await store.budget('eu:a').state();
      expect(usedInDay(state, noon + 60_001)).toBe(6);
      expect(state.minutes.every(({ minute }) => minute <= noon / 60_000 + 1)).toBe(true);
    });

    test('minutes older than a day are forgotten', async () => {
      const budget = store.budget('eu:a');
      const day = 24 * 3600_000;
      await budget.take(ask(noon));
      await budget.take(ask(noon + day + 120_000));
      store = await opened.reopen();
      expect(usedInDay(await store.budget('eu:a').state(), noon + 60_000)).toBe(1);
    });
  });
}
