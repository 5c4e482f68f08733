/**
 * `npm run crash -- [--kills 500] [--store sqlite|postgres|both] [--minutes 30] [--seed N] [--quiet]`: kills gateway processes at
 * random instants, so many of them, or as many as the minutes allow; prints what came of it as JSON, and how far it is to stderr.
 * Exits 1 when something was lost, doubled, left locked or forgotten.
 */
import { parseArgs } from 'node:util';
import { type CrashReport, crash } from './crash.ts';
import type { StoreKind } from './lab.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    store: { type: 'string', default: 'both' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    /** As everywhere else: nothing but JSON. */
    json: { type: 'boolean', default: false },
  },
});
const stores: readonly StoreKind[] = values.store === 'both' ? ['sqlite', 'postgres'] : [values.store as StoreKind];
/** Both at once: a process that starts waits for the disk as much as for the processor. */
const reports: readonly Pick<CrashReport, 'store' | 'kills' | 'findings'>[] = await Promise.all(
  stores.map((store) =>
    crash({
      store,
      kills: Math.ceil(Number(values.kills) / stores.length),
      ...(values.minutes === undefined ? {} : { seconds: Number(values.minutes) * 60 }),
      ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
      ...(values.json || values.quiet ? {} : { say: (words) => console.error(`${store}: ${words}`) }),
    }).catch((error: Error) => ({ store, kills: 0, findings: [`nothing was begun: ${error.message}`] })),
  ),
);
console.log(JSON.stringify(reports, null, 2));
process.exit(reports.every(({ findings }) => findings.length === 0) ? 0 : 1);
