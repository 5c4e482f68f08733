import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewChange } from './ports.ts';
import { type RiskRules, withRiskNotices } from './risk-notices.ts';

const scored = (before: number | null, now: number | null): NewChange => ({
  ...{ kind: 'user.risk_score_changed', stream: 'users', key: '1', at: '2026-03-02T08:00:00.000Z' },
  ...{ current: { riskScore: now }, previous: { riskScore: before }, about: { user: { id: '1' } } },
});
const noticesOf = (change: NewChange, rules: RiskRules) => withRiskNotices([change], rules, null).changes.slice(1);
const told = (before: number | null, now: number | null, thresholds: readonly number[], delta: number | null) =>
  noticesOf(scored(before, now), { thresholds, delta }).map(({ kind, current }) => {
    const { riskScore, ...said } = current!;
    return [kind, said];
  });

test('a score that reaches a threshold, or falls below it, is noted once for each', () => {
  const up = (threshold: number) => ['user.risk_threshold_crossed', { threshold, direction: 'up' }];
  const down = (threshold: number) => ['user.risk_threshold_crossed', { threshold, direction: 'down' }];
  expect(told(59.9, 60, [60, 40], null)).toEqual([up(60)]);
  expect(told(30, 70, [60, 40], null)).toEqual([up(40), up(60)]);
  expect(told(70, 30, [60, 40], null)).toEqual([down(60), down(40)]);
  expect(told(60, 59.9, [60], null)).toEqual([down(60)]);
  expect(told(60, 61, [60], null)).toEqual([]);
});

test('a score that moved far enough is noted, whichever way', () => {
  expect(told(20, 30, [], 10)).toEqual([['user.risk_jumped', { delta: 10 }]]);
  expect(told(30.3, 20.1, [], 10)).toEqual([['user.risk_jumped', { delta: -10.2 }]]);
  expect(told(20, 29.9, [], 10)).toEqual([]);
});

test('small steps add up: a jump is measured from what was told last, not from the read before', () => {
  const scores = [30, 34, 38, 42, 46, 41, 36, 31];
  let last: number | null = null;
  const jumps = scores.slice(1).flatMap((now, index) => {
    const { changes, told } = withRiskNotices([scored(scores[index]!, now)], { thresholds: [], delta: 10 }, last);
    last = told;
    return changes.slice(1).map(({ current, previous }) => [previous!.riskScore, current!.riskScore, current!.delta]);
  });
  expect(jumps).toEqual([
    [30, 42, 12],
    [42, 31, -11],
  ]);
});

test('nobody who hears of the jumps alone is ever a whole delta behind', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 30 }), (reads, delta) => {
      let known = reads[0]!;
      let last: number | null = null;
      for (const [index, now] of reads.slice(1).entries()) {
        const { changes, told } = withRiskNotices([scored(reads[index]!, now)], { thresholds: [], delta }, last);
        last = told;
        for (const { previous, current } of changes.slice(1)) {
          expect(previous!.riskScore).toBe(known);
          known = current!.riskScore as number;
        }
        expect(Math.abs(now - known)).toBeLessThan(delta);
      }
    }),
  );
});

test('a score that was away for a while is compared with what was told before', () => {
  const rules = { thresholds: [], delta: 10 };
  const gone = withRiskNotices([scored(30, null)], rules, null);
  expect(gone).toEqual({ changes: [scored(30, null)], told: 30 });
  expect(withRiskNotices([scored(null, 45)], rules, gone.told).changes[1]).toMatchObject({ current: { delta: 15 } });
});

test('a score that was not known before, or is not any more, crosses nothing', () => {
  expect(told(null, 90, [60], 1)).toEqual([]);
  expect(told(90, null, [60], 1)).toEqual([]);
});

test('a notice says who it is about, and no other change makes one', () => {
  const [notice] = noticesOf(scored(10, 90), { thresholds: [60], delta: null });
  expect(notice).toMatchObject({ key: '1', about: { user: { id: '1' } }, previous: { riskScore: 10 } });
  const other: NewChange = { ...scored(10, 90), kind: 'user.phish_prone_changed' };
  expect(noticesOf(other, { thresholds: [60], delta: 1 })).toEqual([]);
});
