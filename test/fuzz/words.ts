import type { Random } from '../support/random.ts';

/** Text that programs stumble over. None of it looks like a secret or a path of this machine. */
const oddTexts = [
  '',
  ' ',
  '0',
  '-1',
  '-0',
  '1e309',
  '1e2',
  '0x10',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  'false',
  '[]',
  '{}',
  '9'.repeat(40),
  '9007199254740993',
  '2147483648',
  '18446744073709551616',
  '00000000001',
  '../account',
  '../..',
  '..%2f..%2faccount',
  '%2e%2e/%2e%2e',
  '..\\..\\account',
  './.',
  '/',
  '//',
  '%00',
  '\u0000',
  'a\u0000b',
  '%',
  '%zz',
  '%u0041',
  '%c0%ae%c0%ae',
  '%f4%90%80%80',
  '%ed%a0%80',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e',
  'é́́́́',
  '💥'.repeat(50),
  'İ',
  'ß',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  "' or 1=1 --",
  '"; drop table connections; --',
  "%' escape '\\",
  '*',
  '?',
  '_',
  '%%',
  '$1',
  '?1',
  ':name',
  '{{7*7}}',
  '$(7*7)',
  '<script>alert(1)</script>',
  '\r\nx-injected: 1',
  '\n',
  '\t',
  '\u001b[31m',
  '2026-13-45',
  '2026-02-30T25:61:61Z',
  '0000-00-00',
  '+275760-09-13',
  '99999-01-01',
  '2026-11-21T09:00:00+99:99',
  'a'.repeat(300),
  'a'.repeat(3000),
  ','.repeat(500),
  'con_1',
  'kb4:admin',
] as const;

/** Times that look like some and are none, or hardly. */
export const oddTimes = [
  '2026-13-45',
  '2026-02-30',
  '2026-02-30T25:61:61Z',
  '2026-11-21T09:00:00+99:99',
  '0000-00-00',
  '9999-12-31T23:59:60Z',
  '2026-11-21 09:00',
  '2026-11-21T09:00:00.123456789Z',
  '+275760-09-13',
] as const;

/** Text out of the list above, or made at random. */
export function oddText(random: Random): string {
  if (random.chance(0.7)) return random.pick(oddTexts);
  const length = random.int(0, 24);
  const top = random.pick([0x7f, 0xff, 0xffff]);
  return Array.from({ length }, () => String.fromCharCode(random.int(0, top))).join('');
}

/** `encodeURIComponent` that takes lone surrogates: they become what some programs send for them. */
export function encoded(text: string): string {
  return [...text].map((letter) => (isLone(letter) ? '%ED%A0%80' : encodeURIComponent(letter))).join('');
}

const isLone = (letter: string): boolean => letter.length === 1 && letter >= '\ud800' && letter <= '\udfff';

/** A JSON text, well formed or nearly. */
export function oddJson(random: Random): string {
  const deep = random.int(1, 4000);
  return random.pick<() => string>([
    () => JSON.stringify(oddValue(random, 0)),
    () => JSON.stringify(oddValue(random, 0)),
    () => oddText(random),
    () => '['.repeat(deep),
    () => `${'['.repeat(deep)}${']'.repeat(deep)}`,
    () => `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
    () => '{"name":"a","name":"b","name":["c"]}',
    () => '{"__proto__":{"scopes":["admin"]},"constructor":{"prototype":{"x":1}}}',
    () => '{"a":1}{"b":2}',
    () => '\ufeff{}',
    () => '{"a":"\\ud800"}',
    () => '{"a":"\\u0000"}',
    () => '{"a":1e400,"b":-1e400,"c":1.0000000000000000000001}',
    () => `{"a":${'9'.repeat(400)}}`,
    () => `[${'1,'.repeat(deep)}1]`,
    () => `{${Array.from({ length: 300 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
  ])();
}

/** Any JSON value, not deeper than a few levels. */
export function oddValue(random: Random, depth: number): unknown {
  const leaf = random.pick<() => unknown>([
    () => oddText(random),
    () => random.int(-5, 5),
    () => random.pick([1e308, -1e308, 2 ** 53, -(2 ** 53), 0.1, -0]),
    () => random.chance(0.5),
    () => null,
  ]);
  if (depth > 3 || random.chance(0.5)) return leaf();
  const size = random.int(0, 4);
  if (random.chance(0.5)) return Array.from({ length: size }, () => oddValue(random, depth + 1));
  return Object.fromEntries(Array.from({ length: size }, () => [oddText(random), oddValue(random, depth + 1)]));
}
