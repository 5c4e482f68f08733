import { expect, test } from 'vitest';
import type { NewChange } from './ports.ts';
import { riskNotices } from './risk-notices.ts';

const scored = (before: number | null, now: number | null): NewChange => ({
  ...{ kind: 'user.risk_score_changed', stream: 'users', key: '1', at: '2026-03-02T08:00:00.000Z' },
  ...{ current: { riskScore: now }, previous: { riskScore: before }, about: { user: { id: '1' } } },
});
const told = (before: number | null, now: number | null, thresholds: readonly number[], delta: number | null) =>
  riskNotices(scored(before, now), { thresholds, delta }).map(({ kind, current }) => {
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

test('a score that was not known before, or is not any more, crosses nothing', () => {
  expect(told(null, 90, [60], 1)).toEqual([]);
  expect(told(90, null, [60], 1)).toEqual([]);
});

test('a notice says who it is about, and no other change makes one', () => {
  const [notice] = riskNotices(scored(10, 90), { thresholds: [60], delta: null });
  expect(notice).toMatchObject({ key: '1', about: { user: { id: '1' } }, previous: { riskScore: 10 } });
  const other: NewChange = { ...scored(10, 90), kind: 'user.phish_prone_changed' };
  expect(riskNotices(other, { thresholds: [60], delta: 1 })).toEqual([]);
});
