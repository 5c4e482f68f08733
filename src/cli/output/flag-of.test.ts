import { expect, test } from 'vitest';
import { ForeknowError } from '../../errors/errors.ts';
import { failureOf } from './render-error.ts';

const failure = (field: string, ...argv: string[]) =>
  failureOf(new ForeknowError('invalid_request', { detail: 'This cannot be used.', field }), argv).detail;

test('an error about a value names the option it came with', () => {
  expect(failure('sort_by[x]', 'users', '--sort', 'x')).toBe('--sort: This cannot be used.');
  expect(failure('next_cursor', 'users', '--cursor=abc')).toBe('--cursor: This cannot be used.');
  expect(failure('next_cursor', 'events', '--after', 'abc')).toBe('--after: This cannot be used.');
  expect(failure('risk_above', 'people', '--risk-above', 'x')).toBe('--risk-above: This cannot be used.');
  expect(failure('--config', 'up')).toBe('--config: This cannot be used.');
});

test('an error about anything else keeps its words', () => {
  expect(failure('name', 'connections', 'show', 'x')).toBe('This cannot be used.');
  const named = new ForeknowError('invalid_request', { detail: '--sort takes one.', field: 'sort_by' });
  expect(failureOf(named, ['users', '--sort', 'x']).detail).toBe('--sort takes one.');
});
