import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanKey } from './submission.ts';

const key = fc.stringMatching(/^eyJ[\w-]{10,40}\.[\w-]{10,40}\.[\w-]{10,40}$/);
const around = fc.constantFrom('', ' ', '\n', '"', "'", '`', '" ', ' "', '\t');

test('a key comes out of what people paste around it', () => {
  fc.assert(
    fc.property(
      key,
      around,
      around,
      fc.constantFrom('', 'Bearer ', 'bearer  ', 'Authorization: Bearer '),
      fc.nat(30),
      (text, before, after, scheme, cut) => {
        const broken = `${text.slice(0, cut)}\r\n  ${text.slice(cut)}`;
        expect(cleanKey(before + scheme + broken + after)).toBe(text);
      },
    ),
  );
});

test('the script of the page takes a key as the server does', () => {
  const script = readFileSync(new URL('./assets/connect.js', import.meta.url), 'utf8');
  const source = /const cleanKey = ([\s\S]+?);\n\n/.exec(script)![1]!;
  const inBrowser = new Function(`return ${source}`)() as typeof cleanKey;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...' \n"\'`;,:eyJBbearer.Authorization') }), (text) => {
      expect(inBrowser(text)).toBe(cleanKey(text));
    }),
  );
});
