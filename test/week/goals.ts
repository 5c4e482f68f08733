import type { WeekReport } from './simulate.ts';

/** What a week may cost and how late a change may be told; minutes. */
const goals = { directory: 30, refresh: 130, medianMinutes: 15, p95Minutes: 45 };

/** Goals that a simulation missed, in words; empty when all were met. */
export function problemsOf(report: WeekReport): string[] {
  const { requestsOf, refused429, missed, runsNotDone } = report;
  const all = [...Object.entries(report.goals), ...Object.entries(report.goalsAtRandomInstants)];
  const late = all.flatMap(([subject, { entered, medianMinutes, p95Minutes }]) => {
    if (entered === 0) return [`no change of ${subject} was told`];
    const isLate = (medianMinutes ?? 0) >= goals.medianMinutes || (p95Minutes ?? 0) >= goals.p95Minutes;
    return isLate ? [`${subject}: median ${medianMinutes} min, 95th percentile ${p95Minutes} min`] : [];
  });
  const checks: [boolean, string][] = [
    [
      requestsOf.directory.median > goals.directory,
      `a directory refresh takes ${requestsOf.directory.median} requests`,
    ],
    [requestsOf.refresh.median > goals.refresh, `a refresh takes ${requestsOf.refresh.median} requests`],
    [refused429 > 0, `${refused429} requests were refused with 429`],
    [missed > 0, `${missed} changes were not told by the second read that could see them`],
    [runsNotDone > 0, `${runsNotDone} syncs did not end well`],
    [Object.keys(report.goals).length < 4, 'changes of some subject are missing'],
  ];
  return [...late, ...checks.flatMap(([isMissed, words]) => (isMissed ? [words] : []))];
}
