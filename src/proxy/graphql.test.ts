import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { judgeGraphql } from './graphql.ts';

function codeOf(query: unknown, more: object = {}): string {
  try {
    return judgeGraphql({ query, ...more }).reads ? 'reads' : 'writes';
  } catch (error) {
    if (isForeknowError(error)) return error.code;
    throw error;
  }
}

test('a document reads only when every operation of it does, whichever is named', () => {
  expect(codeOf('{ account { id } }')).toBe('reads');
  expect(codeOf('query A { a } query B { b }', { operationName: 'A' })).toBe('reads');
  expect(codeOf('query A { a } mutation B { b }', { operationName: 'A' })).toBe('writes');
  expect(codeOf('{ __schema { types { name } } }')).toBe('reads');
});

test('fields about tokens, keys, webhooks and secrets are refused wherever they stand, and nowhere else', () => {
  const closed = [
    'apiTokens',
    'a: webhooks',
    'userEventApiKeys',
    'transientScimToken',
    'apiKey',
    'api_key',
    'webhookCreate',
  ];
  for (const field of closed) {
    for (const query of [
      `{ ${field} }`,
      `{ account { x { ${field} { id } } } }`,
      `{ account { ... on Account { ${field} } } }`,
      `query A { b } fragment F on Account { ${field} }`,
      `mutation { ${field} }`,
    ]) {
      expect(codeOf(query), query).toBe('not_sent_on');
    }
  }
  expect(codeOf('{ a { ... on WebhookDelivery { id } } }')).toBe('not_sent_on');
  expect(codeOf('query($token: String) { users(search: $token) { nodes { id } } }')).toBe('reads');
  expect(codeOf('{ phisherMessages(nextPageKey: "x") { nextPageKey } }')).toBe('reads');
});

test('large documents are refused without being unfolded', () => {
  expect(codeOf(`{ ${'a { '.repeat(15)}b${' }'.repeat(15)} }`)).toBe('invalid_request');
  expect(codeOf(`{ ${'a { '.repeat(14)}b${' }'.repeat(14)} }`)).toBe('reads');
  expect(codeOf('a'.repeat(40_000))).toBe('invalid_request');
  expect(codeOf(`{ ${Array.from({ length: 2001 }, (_, index) => `a${index}`).join(' ')} }`)).toBe('invalid_request');
  // Each fragment holds the one before twice: two to the thirtieth fields in a page of text.
  const bomb = Array.from({ length: 30 }, (_, index) => `fragment F${index + 1} on A { ...F${index} ...F${index} }`);
  expect(codeOf(`{ ...F30 } fragment F0 on A { x } ${bomb.join(' ')}`)).toBe('invalid_request');
  expect(codeOf('{ ...F } fragment F on A { a { ...F } }')).toBe('invalid_request');
});

test('what is no call of GraphQL is refused, and nothing but its three parts is sent', () => {
  for (const body of [
    null,
    [],
    'x',
    1,
    {},
    { query: 1 },
    { query: '{a}', variables: [] },
    { query: '{a}', operationName: 1 },
  ]) {
    expect(() => judgeGraphql(body), JSON.stringify(body)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  }
  for (const query of [
    '',
    '{',
    'type A { b: Int }',
    'schema { query: Q }',
    'subscription { a }',
    'fragment F on A { b }',
    '{ ...G }',
  ]) {
    expect(codeOf(query), query).toBe('invalid_request');
  }
  const extensions = { persistedQuery: { sha256Hash: 'abc' } };
  expect(judgeGraphql({ query: '{a}', variables: null, operationName: null, extensions }).request).toEqual({
    query: '{a}',
  });
});

test('no text makes it throw anything but a refusal', () => {
  const words = fc.constantFrom(
    'query',
    'mutation',
    '{',
    '}',
    '(',
    ')',
    '...',
    'on',
    'fragment',
    'F',
    'a',
    ':',
    '$',
    '"',
    '@',
    '#',
    '!',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')),
      ),
      (query) => {
        expect(codeOf(query)).toMatch(/^(reads|writes|invalid_request|not_sent_on)$/);
      },
    ),
  );
});
