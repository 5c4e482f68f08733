import { refused } from './errors.ts';
import { type Path, readPathWords } from './path.ts';
import {
  atEnd,
  expect,
  nested,
  type Scanner,
  scanner,
  skipSpaces,
  takeQuoted,
  takes,
  takeWord,
  unexpected,
} from './scan.ts';

export const comparisons = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof comparisons)[number];
export type Literal = string | number | boolean | null;

/** A filter (RFC 7644 section 3.4.2.2). `where` is a value path: one element has to fulfil the whole of it. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly path: Path }
  | { readonly kind: 'compare'; readonly path: Path; readonly comparison: Comparison; readonly value: Literal }
  | { readonly kind: 'where'; readonly path: Path };

/**
 * Reads a filter. `not` binds before `and`, `and` before `or`; operators and names may be in any letter case.
 * @throws ScimError 400 `invalidFilter`
 */
export function parseFilter(text: string): Filter {
  const scan = scanner(text, 'invalidFilter');
  const filter = readFilter(scan, false);
  if (!atEnd(scan)) throw unexpected(scan, '"and", "or" or the end');
  return filter;
}

/** @param inValuePath within `attr[…]`, where no other value path may stand */
export function readFilter(scan: Scanner, inValuePath: boolean): Filter {
  return readSeveral(scan, 'or', () => readSeveral(scan, 'and', () => readOne(scan, inValuePath)));
}

function readSeveral(scan: Scanner, kind: 'and' | 'or', readNext: () => Filter): Filter {
  const filters = [readNext()];
  while (takesWord(scan, kind)) filters.push(readNext());
  return filters.length === 1 ? filters[0]! : { kind, filters };
}

/** Goes past a word, and the spaces around it, when it comes next. */
function takesWord(scan: Scanner, word: string): boolean {
  skipSpaces(scan);
  const start = scan.at;
  if (takeWord(scan).toLowerCase() === word) return true;
  scan.at = start;
  return false;
}

function readOne(scan: Scanner, inValuePath: boolean): Filter {
  skipSpaces(scan);
  if (takes(scan, '(')) return readBracket(scan, inValuePath);
  const start = scan.at;
  const name = takeWord(scan);
  if (name.toLowerCase() === 'not') {
    skipSpaces(scan);
    if (takes(scan, '(')) return { kind: 'not', filter: readBracket(scan, inValuePath) };
  }
  scan.at = start;
  return readComparison(scan, inValuePath);
}

const readBracket = (scan: Scanner, inValuePath: boolean): Filter =>
  nested(scan, () => {
    const filter = readFilter(scan, inValuePath);
    skipSpaces(scan);
    expect(scan, ')');
    return filter;
  });

function readComparison(scan: Scanner, inValuePath: boolean): Filter {
  const path = readPathWords(scan, inValuePath);
  if (path.attribute === '') throw refused(scan.word, 'A schema is no attribute');
  const behind = scan.at;
  skipSpaces(scan);
  const operator = takeWord(scan).toLowerCase();
  if (operator === 'pr') return { kind: 'present', path };
  const comparison = comparisons.find((known) => known === operator);
  if (comparison) {
    skipSpaces(scan);
    return { kind: 'compare', path, comparison, value: readLiteral(scan) };
  }
  if (path.where && path.part === undefined) {
    scan.at = behind;
    return { kind: 'where', path };
  }
  scan.at = behind;
  throw unexpected(scan, 'an operator');
}

function readLiteral(scan: Scanner): Literal {
  if (scan.text[scan.at] === '"') return takeQuoted(scan);
  const start = scan.at;
  const word = takeWord(scan);
  const named = literals.get(word.toLowerCase());
  if (named !== undefined) return named;
  const first = word[0];
  const number = first !== undefined && (first === '-' || (first >= '0' && first <= '9')) ? Number(word) : Number.NaN;
  if (Number.isFinite(number)) return number;
  scan.at = start;
  throw unexpected(scan, 'a value: a text in quotes, a number, true, false or null');
}

const literals = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
