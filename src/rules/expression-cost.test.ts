import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSize, type Cost, type Over, quickBound, type Read, refuseTooMuch } from './expression-cost.ts';

const texts = fc.array(fc.nat(300), { maxLength: 12 }).map((all) => all.map((length) => 'x'.repeat(length)));
const over: fc.Arbitrary<Over> = fc.oneof(
  fc.constantFrom('a', null),
  fc.record({ items: fc.nat(20), letters: fc.nat(400) }),
);
/** Of what an expression reads in its one loop over a list, or outside. */
const costs: fc.Arbitrary<Cost> = over.chain((list) => {
  const of: fc.Arbitrary<Read['of']> = fc.oneof(
    fc.constantFrom({ text: 't' }, { text: 'u' }, { list: 'a' as Over }, { list: null as Over }, { list }),
    fc.nat(300).map((letters) => ({ letters })),
  );
  const read: fc.Arbitrary<Read> = fc.oneof(
    fc.record({ of }),
    fc.record({ of, over: fc.constant(list) }),
    fc.record({ of, weight: fc.integer({ min: 1, max: 20 }) }),
  );
  return fc
    .record({
      reads: fc.array(read, { minLength: 1, maxLength: 8 }),
      nodes: fc.integer({ min: 1, max: 400 }),
      searched: fc.array(fc.tuple(fc.nat(7), fc.oneof(fc.nat(1000), fc.nat(7))), { maxLength: 3 }),
    })
    .map(({ reads, nodes, searched }) => ({
      ...{ nodes, reads, loops: [{ over: list, nodes: Math.ceil(nodes / 2) }] },
      searches: searched.map(([at, sought]) => ({
        reads: reads.slice(at),
        sought: sought < 8 ? reads.slice(0, sought) : sought,
      })),
    }));
});

test('law: what is quickly known to be small is small when all of it is counted', () => {
  let quick = 0;
  let refused = 0;
  fc.assert(
    fc.property(costs, texts, texts, fc.nat(300), fc.nat(300), (cost, list, groups, one, other) => {
      const person = new Map([
        ['t', 'x'.repeat(one)],
        ['u', 'x'.repeat(other)],
      ]);
      const size = { letters: one + other, items: 0 };
      addSize(size, list, 'a');
      addSize(size, groups, 'groups');
      const values = { person, lists: new Map([['a', list]]), groups };
      if (quickBound(cost)(size)) {
        quick += 1;
        refuseTooMuch(cost, values);
        return;
      }
      try {
        refuseTooMuch(cost, values);
      } catch {
        refused += 1;
      }
    }),
    { numRuns: 2000 },
  );
  expect(quick).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(20);
});
