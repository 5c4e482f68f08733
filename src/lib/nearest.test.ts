import fc from 'fast-check';
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

/** Each name with each, to the end. */
function slowly(word: string, names: readonly string[]): string | null {
  const far = (from: string, to: string): number => {
    if (from === '' || to === '') return from.length + to.length;
    const [a, b] = [from.slice(0, -1), to.slice(0, -1)];
    const least = Math.min(far(a, to) + 1, far(from, b) + 1, far(a, b) + (from.at(-1) === to.at(-1) ? 0 : 1));
    const swaps = from.length > 1 && to.length > 1 && from.at(-1) === to.at(-2) && from.at(-2) === to.at(-1);
    return swaps ? Math.min(least, far(from.slice(0, -2), to.slice(0, -2)) + 1) : least;
  };
  const limit = Math.max(1, Math.floor(Math.min(word.length, 24) / 3));
  const best = names.map((name) => ({ name, far: far(word, name) })).toSorted((one, other) => one.far - other.far)[0];
  return best !== undefined && best.far <= limit ? best.name : null;
}

test('law: it is the first of the nearest', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 5 }), (written, names) => {
      expect(nearest(written, names)).toBe(slowly(written, names));
    }),
  );
});
