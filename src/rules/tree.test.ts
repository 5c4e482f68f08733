import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { plainOf, readTree } from './tree.ts';

const read = (text: string): unknown => {
  const { tree, problems } = readTree(text, 'f');
  return problems.length > 0
    ? [...new Set(problems.map(({ words }) => words))]
    : JSON.parse(JSON.stringify(plainOf(tree!)));
};

test.each([
  ['what stands last before it', 'a: &x one\nb: *x\nc: &x two\nd: *x'],
  ['a part that is anchored inside what it means stays as it was', 'a: &y [&x one, two]\nb: &x three\nc: *y\nd: *x'],
  ['a name of a map', '&x a: b\nc: *x'],
  ['a map with aliases of its own', 'a: &x { b: c }\nd: &y { e: *x }\nf: *y'],
])('an alias means %s', (_, text) => {
  expect(read(text)).toEqual(parse(text));
});

test('an alias of nothing is told', () => {
  expect(read('a: *x\nb: &x c')).toEqual(['names an alias that is not there; a text that begins with * needs quotes']);
});

/** Undefined for what YAML refuses, and for what has no end. */
function meaningOf(text: string): unknown {
  try {
    return JSON.parse(JSON.stringify(parse(text)));
  } catch {
    return undefined;
  }
}

test('law: aliases mean what YAML says that they mean', () => {
  const name = fc.constantFrom('x', 'y', 'z');
  const value = fc.oneof(
    name.map((one) => `*${one}`),
    fc.tuple(name, fc.constantFrom('one', 'two')).map(([one, text]) => `&${one} ${text}`),
    fc
      .tuple(name, fc.array(name, { maxLength: 3 }))
      .map(([one, all]) => `&${one} [${all.map((of) => `*${of}`).join(', ')}]`),
    fc.tuple(name, name).map(([one, inner]) => `&${one} [&${inner} three]`),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const text = values.map((one, at) => `k${at}: ${one}`).join('\n');
      const meant = meaningOf(text);
      if (meant !== undefined) expect(read(text)).toEqual(meant);
      // What is not there, or holds itself.
      else expect(read(text)).toEqual([expect.stringMatching(/alias|nested/)]);
    }),
  );
});
