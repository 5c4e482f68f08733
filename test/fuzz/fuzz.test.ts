import { expect, test } from 'vitest';
import { runFuzz } from './run.ts';

/** How long the inputs are sent; `npm run fuzz` sends as many as it is told. */
const MINUTES = 1.5;

test('no input breaks the server: as many as fit, from a fixed seed', { timeout: 400_000 }, async () => {
  const { findings, http, cli, inputs, seconds, memory } = await runFuzz({
    inputs: 1e9,
    seed: 20261121,
    minutes: MINUTES,
  });
  console.log(
    `fuzz: ${inputs} inputs (${cli.inputs} commands) in ${seconds} s, slowest ${http.slowestMs} ms, memory ${JSON.stringify(memory)} MB`,
  );
  expect(findings).toEqual([]);
  expect(inputs).toBeGreaterThan(1000);
  expect(cli.inputs).toBeGreaterThan(20);
  expect(memory.leftBehind.answered).toBeGreaterThan(memory.leftBehind.requests / 5);
  // The inputs reach what lies behind the door, and what is refused at it.
  for (const status of ['200', '400', '401', '403', '404', '405', '431']) {
    expect(http.statuses[status]).toBeGreaterThan(5);
  }
});
