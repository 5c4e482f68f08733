import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCursor, type Place, sealCursor } from './cursor.ts';

const key = Buffer.alloc(32, 7);
const aPlace: fc.Arbitrary<Place> = fc.record({
  position: fc.tuple(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    fc.string(),
    fc.string({ unit: 'grapheme' }),
  ),
  direction: fc.constantFrom('forward', 'backward'),
  inclusive: fc.boolean(),
});

test('a cursor opens to the place it was made of', () => {
  fc.assert(
    fc.property(aPlace, fc.string(), (place, about) => {
      const opened = openCursor(sealCursor(place, about, key), about, key);
      // JSON knows no negative zero; in a sort it is the same place.
      expect(JSON.stringify(opened)).toEqual(JSON.stringify({ ...opened, ...place }));
    }),
  );
});

test('a cursor with any bit changed is refused', () => {
  fc.assert(
    fc.property(aPlace, fc.nat(), fc.integer({ min: 0, max: 7 }), (place, index, bit) => {
      const bytes = Buffer.from(sealCursor(place, 'users', key), 'base64url');
      bytes[index % bytes.length]! ^= 1 << bit;
      expect(() => openCursor(bytes.toString('base64url'), 'users', key)).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      );
    }),
  );
});

test('a cursor is refused when its text was cut, lengthened or written in another way', () => {
  fc.assert(
    fc.property(aPlace, fc.nat(), (place, length) => {
      const text = sealCursor(place, 'users', key);
      for (const other of [text.slice(0, length % text.length), `${text}A`, `${text}=`, ` ${text}`]) {
        expect(() => openCursor(other, 'users', key)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
      }
    }),
  );
});

test('a cursor of another list or another gateway is refused', () => {
  const place: Place = { position: ['a', 'con_1', '7'], direction: 'forward', inclusive: false };
  const text = sealCursor(place, 'users by name', key);
  expect(() => openCursor(text, 'users by id', key)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  expect(() => openCursor(text, 'users by name', Buffer.alloc(32, 8))).toThrow(
    expect.objectContaining({ code: 'invalid_cursor' }),
  );
});
