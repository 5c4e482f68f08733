/**
 * `npm run week -- [--seats 10000] [--days 7] [--seed 7]`: a simulated week. The figures go to stdout as JSON, how it goes to
 * stderr; exits 1 when a goal is missed.
 */
import { parseArgs } from 'node:util';
import { problemsOf } from './goals.ts';
import { simulateWeek } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seats: { type: 'string', default: '10000' },
    days: { type: 'string', default: '7' },
    seed: { type: 'string', default: '7' },
  },
});
const started = performance.now();
let runs = 0;
const report = await simulateWeek({
  people: Number(values.seats),
  days: Number(values.days),
  seed: Number(values.seed),
  onRun: ({ startedAt, level, requests, status, changes }) => {
    runs += 1;
    const line = `${startedAt} ${level} ${status}: ${requests} requests, ${changes} changes`;
    console.error(`${String(runs).padStart(5)}  ${line}`);
  },
});
const problems = problemsOf(report);
console.log(
  JSON.stringify({ ...report, problems, seconds: Math.round((performance.now() - started) / 1000) }, null, 2),
);
process.exit(problems.length === 0 ? 0 : 1);
