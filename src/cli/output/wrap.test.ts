import fc from 'fast-check';
import { expect, test } from 'vitest';
import { widthOf } from './cell.ts';
import { wrapped } from './wrap.ts';

test('a long line goes on under its words, and a short one stays', () => {
  const text =
    '  + create      12   Maya Ortiz, Ben Kato, … 10 more\n    enrols them in "New hire 2026": Maya Ortiz\nshort';
  expect(wrapped(text, 44)).toBe(
    [
      '  + create      12   Maya Ortiz, Ben Kato, …',
      '                     10 more',
      '    enrols them in "New hire 2026": Maya',
      '      Ortiz',
      'short',
    ].join('\n'),
  );
  expect(wrapped(text, Number.POSITIVE_INFINITY)).toBe(text);
  expect(wrapped('  foreknow plans steps pl_1 · foreknow approve pl_1', 40)).toBe(
    '  foreknow plans steps pl_1\n    foreknow approve pl_1',
  );
});

test('whatever the text and the width, no word is lost or broken, and no line is wider than it has to be', () => {
  const word = fc.stringMatching(/^[a-zæ名]{1,12}$/);
  const lines = fc.array(fc.tuple(fc.nat(6), fc.array(word, { minLength: 1, maxLength: 20 })), { maxLength: 4 });
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 60 }), (all, width) => {
      const text = all.map(([indent, words]) => ' '.repeat(indent) + words.join(' ')).join('\n');
      const shown = wrapped(text, width);
      expect(shown.split(/\s+/)).toEqual(text.split(/\s+/));
      for (const line of shown.split('\n')) {
        expect(widthOf(line) <= width || line.trim().split(' ').length === 1).toBe(true);
      }
    }),
  );
});
