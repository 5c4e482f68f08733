/**
 * `npm run soak -- --seeds 5000 [--from 1] [--minutes 5] [--seed N [--steps 0,3,7]] [--profile NAME] [--store sqlite|postgres]
 * [--workers N] [--bail] [--no-shrink]`: stories of accounts and faults, each made up from its seed. The figures go to stdout as
 * JSON; how it goes, and what failed with the command that plays it again, to stderr. Exit code 1 when one of them lost something.
 */
import { parseArgs } from 'node:util';
import type { Profile } from '../../src/emulator/index.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    minutes: { type: 'string' },
    profile: { type: 'string' },
    store: { type: 'string' },
    workers: { type: 'string' },
    bail: { type: 'boolean' },
    'no-shrink': { type: 'boolean' },
  },
});

const numberIn = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);
const single = values.seed === undefined ? null : Number(values.seed);

const figures = await soak({
  from: single ?? numberIn(values.from, 1),
  seeds: single === null ? numberIn(values.seeds, values.minutes === undefined ? 100 : Infinity) : 1,
  forMs: numberIn(values.minutes, Infinity) * 60_000,
  store: values.store === 'postgres' ? 'postgres' : 'sqlite',
  profile: values.profile as Profile | undefined,
  steps:
    values.steps === undefined ? null : values.steps.split(',').filter(Boolean).map(Number).filter(Number.isInteger),
  ...(values.workers !== undefined && { workers: Number(values.workers) }),
  bail: values.bail ?? false,
  shrinks: !values['no-shrink'],
  onFailure: (told) => process.stderr.write(`${told}\n\n`),
  onProgress: ({ seeds, failed, syncs, lossesChecked, seconds }) =>
    process.stderr.write(
      `${seeds} seeds in ${seconds} s: ${syncs} syncs, ${lossesChecked} losses checked, ${failed.length} failed\n`,
    ),
});

process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
process.exitCode = figures.failed.length === 0 && figures.seeds > 0 ? 0 : 1;
