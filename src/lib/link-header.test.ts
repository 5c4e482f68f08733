import { expect, test } from 'vitest';
import { linkTarget } from './link-header.ts';

test('finds the target of a relation among several, quoted or not', () => {
  const header = '<https://h/v1/users?cursor=a>; rel="prev", </v1/users?cursor=b,c>; title="x"; rel="next last"';
  expect(linkTarget(header, 'next')).toBe('/v1/users?cursor=b,c');
  expect(linkTarget(header, 'prev')).toBe('https://h/v1/users?cursor=a');
  expect(linkTarget('<https://h/2>; rel=next', 'next')).toBe('https://h/2');
  expect(linkTarget('<https://h/2>;rel=NEXT;foo=bar', 'next')).toBe('https://h/2');
});

test('is null when there is no such relation', () => {
  for (const header of [null, '', '<https://h/1>', '<https://h/1>; rel="prev"', 'nonsense', '<>; rel="nextish"']) {
    expect(linkTarget(header, 'next')).toBeNull();
  }
});
