import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanRows } from './scan-rows.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const spaced = fc.constantFrom(undefined, 0, 1, 3, '\t');

test('a list is counted as it would be parsed, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), spaced, (rows, space) => {
      const scanned = scanRows(bytes(`\n ${JSON.stringify(rows, null, space)}\n`));
      if (scanned === null || scanned === 'cut') throw new Error('not read as a list');
      expect(scanned.count).toBe(rows.length);
      const first = scanned.first === null ? null : JSON.parse(new TextDecoder().decode(scanned.first));
      expect(first).toEqual(rows.length === 0 ? null : JSON.parse(JSON.stringify(rows[0])));
    }),
    { numRuns: 1000 },
  );
});

test('a list that was cut anywhere is known as cut', () => {
  const text = JSON.stringify([{ a: '],"\\', b: [1, { c: '\\"' }] }, [], 'x']);
  for (let length = 1; length < text.length; length += 1) expect(scanRows(bytes(text.slice(0, length)))).toBe('cut');
});

test('what is no list is none', () => {
  for (const text of ['', ' ', '{"a": []}', '"[]"', '12', 'null', '<html>[1]'])
    expect(scanRows(bytes(text))).toBeNull();
});
