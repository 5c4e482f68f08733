import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from './time.ts';

test('times are printed as the platform prints them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
      expect(instant(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});
