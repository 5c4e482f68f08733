import type { Operator } from './condition.ts';

/* What people write who know other tools, and what is written here instead. */

const all = 'Write them into one map: all of it must hold.';
const any = 'Write any: [ { … }, { … } ].';
const none = 'Write none: [ { … } ].';
/** What other languages join conditions by. */
const joiningWords = {
  or: any,
  any_of: any,
  either: any,
  not: none,
  nor: none,
  none_of: none,
  and: all,
  all,
  all_of: all,
};

export const joiningHint = (name: string): string | null =>
  Object.hasOwn(joiningWords, name) ? joiningWords[name as keyof typeof joiningWords] : null;

/** Operators as other languages call them. */
const foreignOperators: Readonly<Partial<Record<Operator, readonly string[]>>> = {
  eq: ['=', '==', '===', 'equals', 'equal', 'is'],
  not: ['!=', '<>', 'ne', 'is_not', 'not_equals', 'not_eq', 'neq'],
  in: ['one_of', 'any_of', 'is_in', 'among'],
  not_in: ['none_of', 'nin', 'notin'],
  contains: ['includes', 'like', 'co', 'has'],
  starts_with: ['begins_with', 'sw', 'prefix'],
  ends_with: ['ew', 'suffix'],
  matches: ['regex', 'regexp', 'pattern', 'match'],
  exists: ['present', 'pr', 'is_set', 'defined'],
  above: ['>', 'gt', 'greater_than'],
  below: ['<', 'lt', 'less_than'],
  at_least: ['>=', 'ge', 'gte', 'min'],
  at_most: ['<=', 'le', 'lte', 'max'],
};
export const operatorMeant = (written: string): string | null =>
  Object.entries(foreignOperators).find(([, names]) => names.includes(written.toLowerCase()))?.[0] ?? null;

/** Functions as other languages call them. */
const functions: Readonly<Record<string, string>> = {
  ...{ toLowerCase: '.lowerAscii()', lower: '.lowerAscii()', toUpperCase: '.upperAscii()', upper: '.upperAscii()' },
  ...{ includes: '.contains(TEXT)', length: '.size()', like: 'like(TEXT, "PATTERN")', some: '.exists(x, …)' },
  ...{ every: '.all(x, …)', replace: '.split(TEXT).join(TEXT)', strip: '.trim()' },
};
export const methodMeant = (name: string): string | null => (Object.hasOwn(functions, name) ? functions[name]! : null);

/** Of an expression that cannot be read. */
export function parseHint(source: string): string | null {
  const bare = source.replace(/"[^"]*"|'[^']*'/g, '""');
  const words: readonly (readonly [RegExp, string])[] = [
    [/\band\b/i, 'Write && for and.'],
    [/\bor\b/i, 'Write || for or.'],
    [/\bnot\b/i, 'Write ! for not.'],
    [/[^=!<>]=(?!=)/, 'Write == to compare.'],
    [/["']/, 'A text stands between two quotes.'],
  ];
  if (count(bare, '(') > count(bare, ')')) return 'A ) is missing.';
  return words.find(([pattern]) => pattern.test(bare.replaceAll('""', '')))?.[1] ?? null;
}

const count = (text: string, letter: string): number => text.split(letter).length - 1;

/** Of an expression that does not fit together. @param words what CEL says */
export const typeHint = (words: string): string | null =>
  /no such overload/.test(words) && /string/.test(words) && /int|double/.test(words)
    ? 'What a person has are texts: int(person.NAME) makes a number.'
    : null;
