import { expect, test } from 'vitest';
import { testDatabase } from '../../src/store/contract/test-database.ts';
import { runFuzz } from './run.ts';

test('no input breaks the server on Postgres', { timeout: 400_000 }, async () => {
  const { url, remove } = await testDatabase();
  const { findings, inputs, seconds } = await runFuzz({ inputs: 1e9, seed: 7, minutes: 0.5, databaseUrl: url });
  await remove();
  console.log(`fuzz on Postgres: ${inputs} inputs in ${seconds} s`);
  expect(findings).toEqual([]);
  expect(inputs).toBeGreaterThan(500);
});
