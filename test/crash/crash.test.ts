import { expect, test } from 'vitest';
import { crash } from './crash.ts';

/** Seconds of killing; the first sync, the last rounds and the checks come on top. */
const SECONDS = 150;
const SEED = 20_261_121;

test.each(['sqlite', 'postgres'] as const)(
  'on %s, killed again and again: nothing lost, doubled, locked or forgotten',
  async (store) => {
    const { findings, kills, confirmedWrites, changes, events } = await crash({
      store,
      kills: 1000,
      seconds: SECONDS,
      seed: SEED,
    });
    expect(findings).toEqual([]);
    expect(kills).toBeGreaterThan(3);
    expect(confirmedWrites).toBeGreaterThan(10);
    expect(changes).toBeGreaterThan(15);
    expect(events).toBeGreaterThan(15);
  },
  900_000,
);
