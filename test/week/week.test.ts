import { expect, test } from 'vitest';
import { problemsOf } from './goals.ts';
import { simulateWeek } from './simulate.ts';

test('a simulated day of a small account: nothing missed, no 429, changes told in time', async () => {
  const report = await simulateWeek({ people: 200, days: 1 });
  expect(problemsOf(report)).toEqual([]);
  expect(report.goals.users!.changes).toBeGreaterThan(100);
  expect(report.goals.groups!.changes).toBeGreaterThan(50);
  expect(report.goals.completions!.changes).toBeGreaterThan(50);
  expect(report.goals['phishing failures']!.changes).toBeGreaterThan(40);
  const spent = report.requestsADay.reduce((sum, requests) => sum + requests, 0);
  expect(spent).toBeLessThan(report.budgetADay.forSyncs);
  // The same budget spent on reading everything over and over is later with people, who are a small part of it.
  expect(report.naive.goals.users!.medianMinutes!).toBeGreaterThan(report.goals.users!.medianMinutes!);
}, 300_000);
