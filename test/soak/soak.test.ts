import { expect, test } from 'vitest';
import { soak } from './soak.ts';
import type { StoreKind } from './stores.ts';

/** Seeds are taken from here on: another day, other stories. */
const TODAY = Math.floor(Date.now() / 86_400_000) * 10_000;

/** Plays stories for a time; a failure is told with the command that plays it again. */
async function stories(from: number, forMs: number, store: StoreKind): Promise<void> {
  const failures: string[] = [];
  const figures = await soak({ from, seeds: Infinity, forMs, store, onFailure: (told) => failures.push(told) });
  const { seeds, requests, syncs, changes, lossesChecked, seconds } = figures;
  console.log(
    `soak on ${store}: ${seeds} seeds from ${from} in ${seconds} s, ${syncs} syncs, ${requests} requests, ${changes} changes, ${lossesChecked} losses checked`,
  );
  expect(failures).toEqual([]);
  expect(seeds).toBeGreaterThan(0);
  expect(lossesChecked).toBeGreaterThan(0);
}

test('whatever goes wrong in whatever order: once it is over, the mirror is the truth and nothing was lost on the way', async () => {
  await stories(1, 30_000, 'sqlite');
}, 240_000);

test('the same with stories that nobody has played before', async () => {
  await stories(TODAY, 30_000, 'sqlite');
}, 240_000);

test('the same on Postgres', async () => {
  await stories(1, 25_000, 'postgres');
}, 240_000);
