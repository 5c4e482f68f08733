import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BudgetAsk } from '../../client/transport/budget.ts';
import type { BudgetChange } from '../ops/budget.ts';
import { storedBudgets } from './budget.ts';
import type { OpenDatabase } from './database.ts';
import type { WriterThread } from './writer-thread.ts';

const usual = { perSecond: 3, perMinute: 48, perDay: 2000 };
const none = { perSecond: Infinity, perMinute: Infinity, perDay: Infinity };
const few = { ...none, perDay: 2000 };
const ask = (now: number, limits: BudgetAsk['limits'] = few): BudgetAsk => ({
  kind: 'interactive',
  limits,
  reserveShare: 0,
  now,
});

/** An empty store whose writer confirms one write at a time, when told to. */
function slowStore() {
  const pending: { change: BudgetChange; confirm: () => void }[] = [];
  const minutes = new Map<number, number>();
  const database = { get: () => undefined, all: () => [] } as unknown as OpenDatabase;
  const call = (_op: string, change: BudgetChange) =>
    new Promise<void>((resolve) => pending.push({ change, confirm: resolve }));
  const budgets = storedBudgets(database, { call } as unknown as WriterThread);
  return {
    budgets,
    pending,
    counted: () => [...minutes.values()].reduce((sum, requests) => sum + requests, 0),
    async confirm() {
      const write = pending.shift();
      for (const { minute, requests } of write?.change.minutes ?? []) minutes.set(minute, requests);
      write?.confirm();
      await new Promise(setImmediate);
    },
  };
}

describe('a stored budget', () => {
  test('lets a few requests go out while they are written down, and the next one wait', async () => {
    const store = slowStore();
    const budget = store.budgets.of('eu:a');
    let admitted = 0;
    const take = async () => {
      await budget.take(ask(1000));
      admitted += 1;
    };
    void take();
    await new Promise(setImmediate);
    expect(admitted).toBe(0);
    await store.confirm();
    expect(admitted).toBe(1);
    for (let index = 0; index < 6; index += 1) void take();
    await new Promise(setImmediate);
    expect(admitted).toBe(5);
    while (store.pending.length > 0) await store.confirm();
    expect(admitted).toBe(7);
  });

  test('lets nothing go out later than what is on record says', async () => {
    const store = slowStore();
    const budget = store.budgets.of('eu:a');
    const first = budget.take(ask(1000));
    await store.confirm();
    await first;
    let admitted = false;
    // The advance was stored as sent within a second of the first one.
    const late = budget.take(ask(2001)).then(() => {
      admitted = true;
    });
    await new Promise(setImmediate);
    expect(admitted).toBe(false);
    await store.confirm();
    await late;
    expect(admitted).toBe(true);
  });

  test('counts few in advance where a day holds few, and writes seldom where there is no limit', async () => {
    const countedAfter = async (limits: BudgetAsk['limits'], requests: number, everyMs: number) => {
      const store = slowStore();
      const budget = store.budgets.of('eu:a');
      let writes = 0;
      for (let index = 0; index < requests; index += 1) {
        const taken = budget.take(ask(1000 + index * everyMs, limits));
        for (; store.pending.length > 0; writes += 1) await store.confirm();
        expect(await taken).toEqual({ admitted: true });
      }
      return { tooMany: store.counted() - requests, writes };
    };
    expect((await countedAfter(usual, 40, 400)).tooMany).toBeLessThanOrEqual(4);
    const { tooMany, writes } = await countedAfter(none, 1000, 1);
    expect(tooMany).toBeLessThanOrEqual(64);
    expect(writes).toBeLessThan(40);
  });

  test('has every request on record before it goes out, however slow the writes are', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('take' as const),
          after: fc.constantFrom(0, 5, 900, 70_000),
        }),
      },
      { weight: 3, arbitrary: fc.constant({ do: 'confirm' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'settle' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'pause' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(few, none), async (steps, limits) => {
        const store = slowStore();
        const budget = store.budgets.of('eu:a');
        let now = 1_000_000;
        let asked = 0;
        let admitted = 0;
        const take = async () => {
          asked += 1;
          const { admitted: isAdmitted } = await budget.take(ask(now, limits));
          if (isAdmitted) admitted += 1;
          else asked -= 1;
        };
        for (const action of steps) {
          if (action.do === 'take') {
            now += action.after;
            void take();
          } else if (action.do === 'confirm') await store.confirm();
          else if (action.do === 'settle') void store.budgets.settle();
          else void budget.pause(now + 1);
          await new Promise(setImmediate);
          expect(store.counted()).toBeGreaterThanOrEqual(admitted);
        }
        while (store.pending.length > 0) await store.confirm();
        const settled = store.budgets.settle();
        while (store.pending.length > 0) await store.confirm();
        await settled;
        expect(store.counted()).toBe(asked);
      }),
      { numRuns: 200 },
    );
  });
});
