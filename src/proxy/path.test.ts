import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { eventsPath, isId, safePath } from './path.ts';

const base = 'https://eu.api.knowbe4.com/v1';

/** What an HTTP client makes of it, which resolves dots and turns backslashes. */
function sentTo(written: string, read = safePath): URL | null {
  try {
    return new URL(base + read(written).path);
  } catch (error) {
    if (isForeknowError(error) && error.code === 'invalid_request') return null;
    throw error;
  }
}

const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '%252e%252e',
      '/',
      '//',
      '%2f',
      '%252f',
      '\\',
      '%5c',
      '%255c',
      '?',
      '#',
    ),
    fc.constantFrom(
      '%00',
      '\n',
      '%0d%0a',
      'https:',
      'evil.example',
      '@',
      ':',
      ';',
      '..;',
      '%',
      '%zz',
      '．．',
      '%ef%bc%8e',
      '\t',
    ),
    fc.constantFrom('users', '12345', 'phishing', 'v1', '~', '+', ' ', '%20', 'é', '\ud800'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
  { maxLength: 12 },
);

test('whatever is written, what is sent stays below the prefix on the same origin, and has no query of its own', () => {
  fc.assert(
    fc.property(hostile, (parts) => {
      const written = parts.join('');
      for (const [read, prefix] of [
        [safePath, '/v1'],
        [eventsPath, '/v1/'],
      ] as const) {
        const url = sentTo(written, read);
        if (url === null) continue;
        expect(url.origin).toBe('https://eu.api.knowbe4.com');
        expect(url.pathname === '/v1' || url.pathname.startsWith(`${prefix.replace(/\/$/, '')}/`)).toBe(true);
        expect([url.search, url.hash, url.username, url.password]).toEqual(['', '', '', '']);
        // Nothing was resolved on the way: each part that was written is a part that is sent.
        expect(url.pathname).toBe(`/v1${read(written).path}`);
        expect(decodeURIComponent(url.pathname)).toMatch(/^(\/(?!\.{1,2}(\/|$))[^/\\%\p{Cc}]+)+$/u);
      }
    }),
    { numRuns: 3000 },
  );
});

test('paths of KnowBe4 are sent as they are, with or without a slash at their ends', () => {
  for (const path of [
    'users',
    '/users/',
    '/users/12345',
    '/phishing/security_tests/1/recipients/2',
    '/groups/7/members',
  ]) {
    expect(safePath(path).path, path).toBe(`/${path.replace(/^\/|\/$/g, '')}`);
  }
  expect(safePath('/users/a%40example.com').path).toBe('/users/a%40example.com');
  expect(safePath('/')).toEqual({ path: '', segments: [] });
});

test('paths that are longer than any of KnowBe4’s are refused', () => {
  expect(() => safePath(Array(13).fill('a').join('/'))).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  expect(() => safePath('a'.repeat(201))).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

test('nothing and an id are about events; the other lists of user events are named', () => {
  const id = '0d0a1c9e-5d5f-4b7b-8f62-6f2a0a4b9a10';
  const paths = ['', `/${id}`, '/event_types', '/events', `/statuses/${id}`].map((path) => eventsPath(path).path);
  expect(paths).toEqual(['/events', `/events/${id}`, '/event_types', '/events', `/statuses/${id}`]);
  expect([isId(id), isId('12345'), isId('users'), isId('')]).toEqual([true, true, false, false]);
});
