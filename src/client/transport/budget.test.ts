import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyBudget, takeFrom } from './budget.ts';

const limits = { perSecond: 3, perMinute: 48, perDay: 2000 };

test('however far the clock was set back, nobody waits longer than a minute for the minute', () => {
  const steps = fc.array(fc.integer({ min: -150_000, max: 2_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, (moves) => {
      let now = 1_000_000_000_000;
      let state = emptyBudget;
      for (const move of moves) {
        now += move;
        const taken = takeFrom(state, { kind: 'interactive', limits, reserveShare: 0.2, now });
        state = taken.state;
        if (!taken.verdict.admitted) expect(taken.verdict.waitMs).toBeLessThanOrEqual(60_001);
      }
    }),
  );
});
