import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test('a slip of the pen finds the name that was meant, a foreign word finds none', () => {
  const names = ['listen', 'public_url', 'trust_proxy', 'role'];
  expect(nearest('lsiten', names)).toBe('listen');
  expect(nearest('publicurl', names)).toBe('public_url');
  expect(nearest('Role', names)).toBe('role');
  expect(nearest('colour', names)).toBeNull();
  expect(nearest('listen', [])).toBeNull();
});
