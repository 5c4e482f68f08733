import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPage, listOf, type PageRequest } from './listing.ts';
import { profiles, type Switches } from './switches.ts';

const asIs = { shift: 0, fromStart: false };
const listing = (ids: readonly number[]) =>
  listOf(
    ids,
    (id) => id,
    (id) => id,
  );
const request = (query: Record<string, string>, most = 500): PageRequest => ({
  query: new URLSearchParams(query),
  key: '/v1/users?',
  isEnrollments: false,
  most,
});
const switches = (override: Partial<Switches>): Switches => ({ ...profiles.documented, cursorOn: 'all', ...override });

const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 1e9 }), { maxLength: 300 })
  .map((ids) => ids.sort((a, b) => a - b));
const perPage = fc.integer({ min: 1, max: 60 });

function readByCursor(ids: readonly number[], size: number, how: Switches): number[] {
  const rows: number[] = [];
  for (let cursor: string | null = 'true'; cursor !== null; ) {
    const page = findPage(listing(ids), request({ per_page: String(size), cursor }), how, asIs);
    if ('refused' in page) throw new Error(page.refused);
    rows.push(...ids.slice(page.from, page.to));
    cursor = page.next;
  }
  return rows;
}

function readByNumber(ids: readonly number[], size: number, how: Switches): number[] {
  const rows: number[] = [];
  for (let number = 1; number < 1000; number += 1) {
    const page = findPage(listing(ids), request({ per_page: String(size), page: String(number) }), how, asIs);
    if ('refused' in page) throw new Error(page.refused);
    if (page.from === page.to) break;
    rows.push(...ids.slice(page.from, page.to));
  }
  return rows;
}

test('pages by number, put together, are the list', () => {
  fc.assert(
    fc.property(ascending, perPage, (ids, size) => {
      for (const pagination of ['page', 'page+cursor'] as const) {
        expect(readByNumber(ids, size, switches({ pagination }))).toEqual(ids);
      }
    }),
  );
});

test('pages by cursor, put together, are the list', () => {
  fc.assert(
    fc.property(ascending, perPage, (ids, size) => {
      for (const pagination of ['page+cursor', 'cursor-required', 'page-ignored'] as const) {
        expect(readByCursor(ids, size, switches({ pagination }))).toEqual(ids);
      }
    }),
  );
});

test('a cursor goes on after its row even when rows before it are gone', () => {
  const how = switches({ pagination: 'page+cursor' });
  const first = findPage(listing([1, 2, 3, 4, 5, 6]), request({ per_page: '3', cursor: 'true' }), how, asIs);
  const next = 'refused' in first ? null : first.next;
  const rest = findPage(listing([2, 4, 5, 6]), request({ per_page: '3', cursor: next! }), how, asIs);
  expect(rest).toMatchObject({ from: 1, to: 4, next: null });
});

test('a cursor of another list or an invented one is refused', () => {
  const how = switches({ pagination: 'page+cursor' });
  const first = findPage(listing([1, 2, 3]), request({ per_page: '1', cursor: 'true' }), how, asIs);
  const next = 'refused' in first ? null : first.next;
  const elsewhere = { ...request({ cursor: next! }), key: '/v1/groups?' };
  expect(findPage(listing([1, 2, 3]), elsewhere, how, asIs)).toHaveProperty('refused');
  expect(findPage(listing([1, 2, 3]), request({ cursor: 'abc' }), how, asIs)).toHaveProperty('refused');
});

test('a page is at most the largest size, silently or with a refusal', () => {
  const ids = Array.from({ length: 900 }, (_, i) => i + 1);
  expect(findPage(listing(ids), request({ per_page: '900' }), switches({}), asIs)).toMatchObject({ from: 0, to: 500 });
  expect(findPage(listing(ids), request({ per_page: '900' }), switches({ overMax: '400' }), asIs)).toHaveProperty(
    'refused',
  );
  expect(findPage(listing(ids), request({}), switches({}), asIs)).toMatchObject({ to: 100 });
  expect(findPage(listing(ids), request({ per_page: '300' }, 10), switches({}), asIs)).toMatchObject({ to: 10 });
});

test('a service that ignores pages gives the first one for ever, and the next cursor with it', () => {
  const page = findPage(
    listing([1, 2, 3]),
    request({ per_page: '2', page: '2' }),
    switches({ pagination: 'page-ignored' }),
    asIs,
  );
  expect(page).toMatchObject({ from: 0, to: 2, next: expect.any(String) });
});

test('a service that requires cursors refuses pages and calls without one', () => {
  const how = switches({ pagination: 'cursor-required' });
  expect(findPage(listing([1]), request({}), how, asIs)).toHaveProperty('refused');
  expect(findPage(listing([1]), request({ page: '1', cursor: 'true' }), how, asIs)).toHaveProperty('refused');
});

test('cursors that only enrollments know are ignored elsewhere', () => {
  const how = switches({ cursorOn: 'enrollments' });
  const users = findPage(listing([1, 2]), request({ per_page: '1', cursor: 'true' }), how, asIs);
  expect(users).toMatchObject({ next: null, offersCursor: false });
  const enrollments = { ...request({ per_page: '1', cursor: 'true' }), isEnrollments: true };
  expect(findPage(listing([1, 2]), enrollments, how, asIs)).toMatchObject({ next: expect.any(String) });
});
