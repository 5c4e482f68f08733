/**
 * `npm run fuzz -- --inputs 100000 [--seed N] [--minutes M] [--database-url URL] [--json]`: odd and hostile input for every route of the server and
 * every command of the command line, from a seed. Ends with 1 when something was found that must not be.
 */
import { parseArgs } from 'node:util';
import { runFuzz } from './run.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    'database-url': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const options = { inputs: Number(values.inputs), seed: Number(values.seed), minutes: Number(values.minutes) };
for (const [name, value] of Object.entries(options)) {
  if (Number.isFinite(value) && value > 0) continue;
  console.error(`--${name} must be a number above 0`);
  process.exit(64);
}
const report = await runFuzz({
  ...options,
  ...(values['database-url'] === undefined ? {} : { databaseUrl: values['database-url'] }),
  onProgress: (inputs) => {
    if (!values.json && inputs % 10_000 === 0) console.error(`${inputs} inputs`);
  },
});
console.log(JSON.stringify(report, null, values.json ? undefined : 2));
process.exit(report.found === 0 ? 0 : 1);
