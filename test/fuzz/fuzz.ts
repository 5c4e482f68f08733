/**
 * `npm run fuzz -- [--inputs 100000] [--seed N] [--minutes M] [--database-url URL]`: odd and hostile input for every route of the
 * server and every command of the command line, from a seed. `--only http:123` (or `cli:12`) makes one input again and tells all
 * of it. What was found is JSON on stdout, how far it is stands on stderr (`--quiet`: it does not). Ends with 1 when something
 * was found that must not be, with 64 when it was not understood.
 */
import { parseArgs } from 'node:util';
import { replay, runFuzz } from './run.ts';

const PROGRESS_EVERY = 5000;

const tell = (value: unknown): void => console.log(JSON.stringify(value, null, 2));

function refuse(words: string): never {
  tell({ error: words });
  console.error(
    `${words}. Understood are --inputs, --seed, --minutes, --database-url, --only http:N or cli:N, --quiet.`,
  );
  process.exit(64);
}

function settings() {
  try {
    return parseArgs({
      options: {
        inputs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '30' },
        only: { type: 'string' },
        'database-url': { type: 'string' },
        quiet: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]!);
  }
}

const values = settings();
const numbers = { inputs: Number(values.inputs), seed: Number(values.seed), minutes: Number(values.minutes) };
for (const [name, value] of Object.entries(numbers)) {
  if (!(Number.isFinite(value) && value > 0)) refuse(`--${name} must be a number above 0`);
}
const options = {
  ...numbers,
  ...(values['database-url'] === undefined ? {} : { databaseUrl: values['database-url'] }),
};
const [, door, index] = /^(http|cli):(\d+)$/.exec(values.only ?? '') ?? [];
if (values.only !== undefined && door === undefined) refuse('--only must be http:NUMBER or cli:NUMBER');

try {
  const report =
    door === undefined
      ? await runFuzz({
          ...options,
          onProgress: (inputs) => {
            if (!values.quiet && inputs % PROGRESS_EVERY === 0) console.error(`${inputs} inputs`);
          },
        })
      : await replay(door as 'http' | 'cli', Number(index), options);
  tell(report);
  process.exit(report.found === 0 ? 0 : 1);
} catch (error) {
  tell({ error: String(error) });
  console.error(error);
  process.exit(1);
}
