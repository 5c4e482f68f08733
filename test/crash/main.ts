/**
 * `npm run crash -- [--kills 500] [--store sqlite|postgres|both] [--minutes 30] [--seed N] [--json]`: kills gateway processes at
 * random instants; prints what came of it as JSON and exits 1 when something was lost.
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
    json: { type: 'boolean', default: false },
  },
});
const stores: readonly StoreKind[] = values.store === 'both' ? ['sqlite', 'postgres'] : [values.store as StoreKind];
const reports: CrashReport[] = [];
for (const store of stores) {
  reports.push(
    await crash({
      store,
      kills: Math.ceil(Number(values.kills) / stores.length),
      ...(values.minutes === undefined ? {} : { seconds: (Number(values.minutes) * 60) / stores.length }),
      ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
      ...(values.json ? {} : { say: (words) => console.error(`${store}: ${words}`) }),
    }),
  );
}
console.log(JSON.stringify(reports, null, 2));
process.exit(reports.every(({ findings }) => findings.length === 0) ? 0 : 1);
