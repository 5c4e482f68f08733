import { expect, test } from 'vitest';
import { soak } from './soak.ts';
import type { StoreKind } from './stores.ts';

/** Plays stories for a time; a failure is told with the command that plays it again. */
async function stories(forMs: number, store: StoreKind): Promise<void> {
  const failures: string[] = [];
  const figures = await soak({ from: 1, seeds: Infinity, forMs, store, onFailure: (told) => failures.push(told) });
  const { seeds, requests, syncs, changes, lossesChecked, seconds } = figures;
  console.log(
    `soak on ${store}: ${seeds} seeds in ${seconds} s, ${syncs} syncs, ${requests} requests, ${changes} changes, ${lossesChecked} losses checked`,
  );
  expect(failures).toEqual([]);
  expect(seeds).toBeGreaterThan(0);
  expect(lossesChecked).toBeGreaterThan(0);
}

test('whatever goes wrong in whatever order: once it is over, the mirror is the truth and nothing was lost on the way', async () => {
  await stories(200_000, 'sqlite');
}, 900_000);

test('the same on Postgres', async () => {
  await stories(100_000, 'postgres');
}, 900_000);
