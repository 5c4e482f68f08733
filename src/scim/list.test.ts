import { expect, test } from 'vitest';
import { ScimError } from './errors.ts';
import { listResponse, pageOf, readListQuery, readListResponse } from './list.ts';

test.each([
  [{}, { startIndex: 1, count: 200 }],
  [
    { startIndex: '0', count: '0' },
    { startIndex: 1, count: 0 },
  ],
  [
    { startIndex: '-7', count: '-1' },
    { startIndex: 1, count: 0 },
  ],
  [
    { startIndex: '3', count: '1000' },
    { startIndex: 3, count: 200 },
  ],
  [
    { startIndex: 2, count: 5 },
    { startIndex: 2, count: 5 },
  ],
  [
    { startIndex: '', filter: ' ' },
    { startIndex: 1, count: 200 },
  ],
  [
    { attributes: 'userName, name.familyName', excludedAttributes: ['members'] },
    { startIndex: 1, count: 200, attributes: ['userName', 'name.familyName'], excludedAttributes: ['members'] },
  ],
])('the query %j is read as %j', (query, expected) => {
  expect(readListQuery(query)).toEqual(expected);
});

test.each([{ startIndex: 'x' }, { count: '1.5' }, { count: {} }, { filter: ['a', 'b'] }, { attributes: 7 }])(
  'the query %j is refused as invalidValue',
  (query) => {
    expect(() => readListQuery(query)).toThrow(ScimError);
    expect(() => readListQuery(query)).toThrow(expect.objectContaining({ scimType: 'invalidValue' }));
  },
);

test('a page beyond the end is empty, and totalResults says how many there are', () => {
  const all = ['a', 'b', 'c'];
  expect(pageOf(all, { startIndex: 2, count: 5 })).toEqual(['b', 'c']);
  expect(pageOf(all, { startIndex: 4, count: 5 })).toEqual([]);
  expect(listResponse([], 3, 4)).toMatchObject({ totalResults: 3, startIndex: 4, itemsPerPage: 0, Resources: [] });
});

test('lists of other servers are read with their oddities', () => {
  expect(readListResponse({ totalResults: 0 })).toEqual({ totalResults: 0, resources: [] });
  expect(readListResponse({ totalResults: '1', Resources: [{ id: 'a' }] })).toEqual({
    totalResults: 1,
    resources: [{ id: 'a' }],
  });
  for (const body of [
    'text',
    null,
    7,
    { Resources: 'x' },
    { Resources: ['x'] },
    { totalResults: 'many', Resources: [] },
  ]) {
    expect(() => readListResponse(body)).toThrow(ScimError);
  }
});
