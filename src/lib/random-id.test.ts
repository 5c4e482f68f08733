import { expect, test } from 'vitest';
import { randomId } from './random-id.ts';

test('an id is its prefix and sixteen letters or digits, and no two are equal', () => {
  const ids = Array.from({ length: 500 }, () => randomId('con_'));
  for (const id of ids) expect(id).toMatch(/^con_[a-z0-9]{16}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids.join('').slice(4)).size).toBe(37);
});
