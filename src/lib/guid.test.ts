import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfGuid, canonicalGuid, guidFromBytes, guidKey, sameGuid } from './guid.ts';

const text = '3260b902-1c2d-4e5f-8a9b-0c1d2e3f4a5b';
const asPrinted = '02b96032-2d1c-5f4e-8a9b-0c1d2e3f4a5b';
const inDirectory = Uint8Array.from(Buffer.from('02b960322d1c5f4e8a9b0c1d2e3f4a5b', 'hex'));
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('the bytes of a directory and the text of a directory are one GUID', () => {
  expect(guidFromBytes(inDirectory)).toBe(text);
  expect(guidFromBytes(inDirectory, 'written')).toBe(asPrinted);
  expect(bytesOfGuid(text)).toEqual(inDirectory);
  expect(bytesOfGuid(asPrinted, 'written')).toEqual(inDirectory);
});

test.each([
  ['upper case', text.toUpperCase()],
  ['braces', `{${text}}`],
  ['no dashes', text.replaceAll('-', '')],
  ['spaces around', `  ${text}\n`],
  ['a URN', `urn:uuid:${text}`],
  ['bytes escaped for a filter', `\\02\\b9\\60\\32\\2d\\1c\\5f\\4e\\8a\\9b\\0c\\1d\\2e\\3f\\4a\\5b`],
  ['Base64', 'ArlgMi0cX06KmwwdLj9KWw=='],
  ['Base64 without its end', 'ArlgMi0cX06KmwwdLj9KWw'],
])('is read from %s', (_, written) => {
  expect(canonicalGuid(written)).toBe(text);
});

test.each([
  '',
  ' ',
  'E1042',
  'ada@acme.test',
  text.slice(1),
  `${text}0`,
  `{${text}`,
  '3260b9021-c2d-4e5f-8a9b-0c1d2e3f4a5b',
])('%j is no GUID, and like nothing', (written) => {
  expect(canonicalGuid(written)).toBeNull();
  expect(bytesOfGuid(written)).toBeNull();
  expect(guidKey(written)).toBeNull();
  expect(sameGuid(written, written)).toBe(false);
});

test('bytes that are not 16 are refused', () => {
  expect(() => guidFromBytes(new Uint8Array(15))).toThrow(RangeError);
});

test('any bytes survive the way to text and back, in either order', () => {
  fc.assert(
    fc.property(bytes16, fc.constantFrom('directory', 'written'), (bytes, order) => {
      expect(bytesOfGuid(guidFromBytes(bytes, order), order)).toEqual(bytes);
    }),
  );
});

test('the texts of one GUID in both byte orders are the same, and have one key', () => {
  fc.assert(
    fc.property(bytes16, (bytes) => {
      const one = guidFromBytes(bytes, 'directory');
      const other = guidFromBytes(bytes, 'written').toUpperCase();
      expect(sameGuid(one, other)).toBe(true);
      expect(guidKey(one)).toBe(guidKey(other));
      expect(sameGuid(Buffer.from(bytes).toString('base64'), one)).toBe(true);
    }),
  );
});

test('GUIDs that differ in a byte are not the same', () => {
  fc.assert(
    fc.property(bytes16, fc.integer({ min: 8, max: 15 }), fc.integer({ min: 1, max: 255 }), (bytes, at, by) => {
      const other = Uint8Array.from(bytes);
      other[at] = other[at]! ^ by;
      expect(sameGuid(guidFromBytes(bytes), guidFromBytes(other))).toBe(false);
    }),
  );
});

test('being the same does not depend on who is asked first, and nothing that is no GUID breaks it', () => {
  const anything = fc.oneof(
    fc.string(),
    bytes16.map((bytes) => guidFromBytes(bytes)),
  );
  fc.assert(
    fc.property(anything, anything, (one, other) => {
      expect(sameGuid(one, other)).toBe(sameGuid(other, one));
    }),
  );
});
