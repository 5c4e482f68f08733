import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIdSet } from './id-set.ts';

const ids = fc.oneof(
  fc.integer({ min: 0, max: 3000 }).map(String),
  fc.maxSafeInteger().map(String),
  fc.constantFrom('0', '00', '012', '12', '1e3', '', 'abc', '9007199254740993', '4294967297'),
  fc.string(),
);

test('says for any sequence what a plain set of strings says', () => {
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 4000 }), (sequence) => {
      const compact = createIdSet();
      const plain = new Set<string>();
      for (const id of sequence) {
        expect(compact.add(id)).toBe(!plain.has(id));
        plain.add(id);
      }
      expect(compact.size).toBe(plain.size);
    }),
  );
});

test('keeps every id apart while it grows', () => {
  const set = createIdSet();
  for (let id = 452_800_000; id < 452_900_000; id += 1) set.add(String(id));
  expect(set.size).toBe(100_000);
  for (let id = 452_800_000; id < 452_900_000; id += 1) expect(set.add(String(id))).toBe(false);
  expect(set.add('452900000')).toBe(true);
});
