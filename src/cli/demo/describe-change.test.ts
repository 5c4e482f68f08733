import { expect, test } from 'vitest';
import type { Change } from '../../sync/ports.ts';
import { describeChanges } from './describe-change.ts';

const aChange = (change: Partial<Change>): Change => ({
  kind: 'user.updated',
  stream: 'users',
  key: '7',
  at: '2026-11-20T09:00:00.000Z',
  current: null,
  previous: null,
  seq: 1,
  connectionId: 'con_1',
  runId: 'run_1',
  ...change,
});
const names = new Map([['7', 'Mara Lind']]);
const nameOf = ({ key }: Change) => names.get(key) ?? key;

test('a change of a person is one line with the field that moved', () => {
  const change = aChange({ current: { department: 'Sales' }, previous: { department: 'Marketing' } });
  expect(describeChanges([change], nameOf)).toEqual([
    'user.updated                Mara Lind: department Marketing → Sales',
  ]);
});

test('what comes by the hundred is counted by kind and step', () => {
  const step = (key: string, status: string) =>
    aChange({
      kind: 'enrollment.updated',
      stream: 'enrollments',
      key,
      current: { status },
      previous: { status: 'In Progress' },
    });
  expect(describeChanges([step('1', 'Completed'), step('2', 'Completed'), step('3', 'Past Due')], nameOf)).toEqual([
    'enrollment.updated          2 enrollments: In Progress → Completed',
    'enrollment.updated          1 enrollment: In Progress → Past Due',
  ]);
});

test('measured values are shown to one place', () => {
  const change = aChange({
    kind: 'account.risk_score_changed',
    current: { riskScore: 32.114 },
    previous: { riskScore: 32.0752 },
  });
  expect(describeChanges([change], () => 'Halden Foods')).toEqual([
    'account.risk_score_changed  Halden Foods: riskScore 32.1 → 32.1',
  ]);
});
