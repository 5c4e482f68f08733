import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Place, perPageOf, placeAfter, readCursor, writeCursor } from './pages.ts';

const rows = (count: number, from = 0) => ({
  count,
  first: count === 0 ? null : new TextEncoder().encode(String(from)),
});
const start: Place = { at: { mode: 'cursor', cursor: 'true' }, perPage: 100, before: null };
const page = (number: number, perPage = 100): Place => ({ at: { mode: 'page', page: number }, perPage, before: 'x' });

test('a cursor comes back as the place that it was written for', () => {
  const at = fc.oneof(
    fc.record({ mode: fc.constant('page' as const), page: fc.integer({ min: 1, max: 9_999_999 }) }),
    fc.record({ mode: fc.constant('cursor' as const), cursor: fc.string({ minLength: 1 }) }),
  );
  const place = fc.record({
    at,
    perPage: fc.integer({ min: 1, max: 500 }),
    before: fc.option(fc.stringMatching(/^[\w-]{1,10}$/)),
    isProbe: fc.boolean(),
  });
  fc.assert(
    fc.property(place, (one) => {
      const written = { ...one, isProbe: one.isProbe && one.at.mode === 'page' };
      expect(readCursor(writeCursor(written))).toEqual(written);
    }),
  );
});

test('an empty cursor begins; one that nobody gave is refused', () => {
  expect([readCursor(''), readCursor(null)]).toEqual([null, null]);
  for (const text of ['x', 'p.100..0', 'p.100..-1', 'p.501..2', 'p.0..2', 'c.100.', 'p.100..2x', 'z.100..1', '2']) {
    expect(() => readCursor(text), text).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  }
});

test('a list goes on as KnowBe4 says, and by pages where it says nothing', () => {
  expect(placeAfter(start, rows(100), { cursor: 'abc' })).toMatchObject({ at: { mode: 'cursor', cursor: 'abc' } });
  expect(placeAfter(start, rows(0), { cursor: 'abc' })).toMatchObject({ at: { mode: 'cursor', cursor: 'abc' } });
  expect(placeAfter(start, rows(100), 'nothing')).toMatchObject({ at: { mode: 'page', page: 2 }, isProbe: true });
  expect(placeAfter(page(3), rows(100), 'nothing')).toMatchObject({ at: { mode: 'page', page: 4 } });
  expect(placeAfter(start, rows(100), 'end')).toBeNull();
});

test('a page may have been cut shorter than asked for: only few rows, none, or the end of cursors are an end', () => {
  expect(placeAfter(page(1), rows(10), 'nothing')).not.toBeNull();
  expect(placeAfter(page(1), rows(9), 'nothing')).toBeNull();
  expect(placeAfter(page(1, 3), rows(3), 'nothing')).not.toBeNull();
  expect(placeAfter(page(7), rows(0), 'nothing')).toBeNull();
  expect(placeAfter({ ...start, at: { mode: 'cursor', cursor: 'abc' } }, rows(100), 'nothing')).toBeNull();
});

test('a page that came before is no next page', () => {
  const second = placeAfter(page(1), rows(100), 'nothing')!;
  expect(placeAfter(second, rows(100, 100), 'nothing')).not.toBeNull();
  expect(() => placeAfter(second, rows(100), 'nothing')).toThrow(expect.objectContaining({ code: 'incomplete_read' }));
  const stuck: Place = { ...start, at: { mode: 'cursor', cursor: 'abc' } };
  expect(() => placeAfter(stuck, rows(5), { cursor: 'abc' })).toThrow(
    expect.objectContaining({ code: 'incomplete_read' }),
  );
});

test('rows a page are what is asked for, as far as KnowBe4 goes', () => {
  expect([perPageOf('25', null), perPageOf(null, '50'), perPageOf(null, null), perPageOf('9000', '1')]).toEqual([
    25, 50, 100, 500,
  ]);
  for (const text of ['0', '-1', 'x', '1e3']) {
    expect(() => perPageOf(text, null)).toThrow(expect.objectContaining({ field: 'limit' }));
  }
});
