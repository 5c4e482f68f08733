import { expect, test } from 'vitest';
import { createPageCache } from './page-cache.ts';
import { createRowCache } from './row-cache.ts';

const page = (text: string) => Buffer.from(text);

test('a page is found until something was written', () => {
  const cache = createPageCache(100);
  cache.put(1, 'users', page('one'));
  expect(cache.get(1, 'users')?.toString()).toBe('one');
  expect(cache.get(2, 'users')).toBeUndefined();
  cache.put(2, 'groups', page('two'));
  expect(cache.get(1, 'users')).toBeUndefined();
});

test('the oldest pages go when there are too many bytes', () => {
  const cache = createPageCache(14);
  for (const name of ['a', 'b', 'c']) cache.put(1, name, page('12345'));
  expect(cache.get(1, 'a')).toBeUndefined();
  expect(cache.get(1, 'b')).toBeDefined();
  expect(cache.get(1, 'c')).toBeDefined();
});

test('names of pages count as well: long queries for small pages stay within the bytes', () => {
  const cache = createPageCache(10_000);
  const name = (index: number) => `${index} ${'q'.repeat(1000)}`;
  for (let index = 0; index < 20; index++) cache.put(1, name(index), page('{}'));
  const kept = Array.from({ length: 20 }, (_, index) => cache.get(1, name(index)) !== undefined);
  expect(kept.filter(Boolean)).toHaveLength(4);
  expect(kept[19]).toBe(true);
});

const ref = (key: string, stamp = 's1') => ({ connectionId: 'con_1', key, stamp });

test('a row is found only as it was rendered: same stamp, same directory version', () => {
  const cache = createRowCache(10_000);
  cache.put(ref('7'), 3, page('row'));
  expect(cache.get(ref('7'), 3)?.toString()).toBe('row');
  expect(cache.get(ref('7', 's2'), 3)).toBeUndefined();
  expect(cache.get(ref('7'), 4)).toBeUndefined();
  expect(cache.get({ ...ref('7'), connectionId: 'con_2' }, 3)).toBeUndefined();
});

test('rows stay within their bytes, however often one is replaced', () => {
  const cache = createRowCache(1000);
  for (let i = 0; i < 50; i++) cache.put(ref('7', `s${i}`), 1, page('x'.repeat(100)));
  cache.put(ref('8'), 1, page('y'.repeat(100)));
  expect(cache.get(ref('7', 's49'), 1)).toBeDefined();
  for (let i = 0; i < 50; i++) cache.put(ref(`n${i}`), 1, page('x'.repeat(100)));
  expect(cache.get(ref('7', 's49'), 1)).toBeUndefined();
  expect(cache.get(ref('n49'), 1)).toBeDefined();
});
