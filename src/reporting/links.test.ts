import { expect, test } from 'vitest';
import { linksBelow } from './links.ts';

const base = 'https://eu.api.knowbe4.com/v1';

test.each([
  ['</v1/users?cursor=a%2Bb&per_page=5>; rel="next"', '</v1/users?cursor=a%2Bb&per_page=5>; rel="next"'],
  ['<https://eu.api.knowbe4.com/v1/users?page=2>; rel="next"', '</v1/users?page=2>; rel="next"'],
  [
    '</v1/a?page=1>; rel="prev", <https://eu.api.knowbe4.com/v1/a?page=3>; rel=next',
    '</v1/a?page=1>; rel="prev", </v1/a?page=3>; rel=next',
  ],
  ['no target at all', 'no target at all'],
])('%s leads to this server', (link, own) => {
  expect(linksBelow(link, base)).toBe(own);
});

test('a service below a path is this server’s root all the same', () => {
  expect(linksBelow('<http://127.0.0.1:9/eu/v1/users?page=2>; rel="next"', 'http://127.0.0.1:9/eu/v1')).toBe(
    '</v1/users?page=2>; rel="next"',
  );
});

test.each([
  '<https://elsewhere.example/v1/users?page=2>; rel="next"',
  '<//elsewhere.example/v1/users>; rel="next"',
  '<http://eu.api.knowbe4.com/v1/users?page=2>; rel="next"',
  '</v1/users>; rel="prev", <https://elsewhere.example/v1/users>; rel="next"',
  '</login>; rel="next"',
  '<http://[>; rel="next"',
])('%s is left out: whoever followed it would show their key elsewhere', (link) => {
  expect(linksBelow(link, base)).toBeNull();
});
