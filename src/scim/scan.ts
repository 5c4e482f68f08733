import { refused, type ScimError, type ScimType } from './errors.ts';

/**
 * Reads a filter or a path from left to right, once: no regular expression looks at what a caller wrote, so no text takes longer than its
 * length. Positions are told in errors, texts never.
 */
export type Scanner = {
  readonly text: string;
  at: number;
  /** Brackets that are open. */
  depth: number;
  readonly word: ScimType;
};

const MAX_LENGTH = 2_000;
const MAX_DEPTH = 32;

/** @throws ScimError when the text is too long */
export function scanner(text: string, word: ScimType): Scanner {
  const scan: Scanner = { text, at: 0, depth: 0, word };
  if (text.length > MAX_LENGTH) throw refused(word, `Longer than ${MAX_LENGTH} characters`);
  return scan;
}

export const unexpected = (scan: Scanner, wanted: string): ScimError =>
  refused(scan.word, `Expected ${wanted} at character ${scan.at + 1}`);

export function skipSpaces(scan: Scanner): void {
  while (scan.text[scan.at] === ' ' || scan.text[scan.at] === '\t') scan.at += 1;
}

export const atEnd = (scan: Scanner): boolean => scan.at >= scan.text.length;

/** Goes past a character when it comes next. */
export function takes(scan: Scanner, character: string): boolean {
  if (scan.text[scan.at] !== character) return false;
  scan.at += 1;
  return true;
}

export function expect(scan: Scanner, character: string): void {
  if (!takes(scan, character)) throw unexpected(scan, `"${character}"`);
}

/** Reads what stands between brackets, with a limit on how many are open at once. */
export function nested<T>(scan: Scanner, read: () => T): T {
  scan.depth += 1;
  if (scan.depth > MAX_DEPTH) throw refused(scan.word, `More than ${MAX_DEPTH} brackets in one another`);
  const found = read();
  scan.depth -= 1;
  return found;
}

/** Letters, digits and `$ - _ . :`: a name of an attribute with its schema, an operator, a number or a literal. */
export function takeWord(scan: Scanner): string {
  const start = scan.at;
  while (scan.at < scan.text.length && isWordCode(scan.text.charCodeAt(scan.at))) scan.at += 1;
  return scan.text.slice(start, scan.at);
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || // a-z
    (code >= 65 && code <= 90) || // A-Z
    (code >= 48 && code <= 58) || // 0-9 :
    code === 46 || // .
    code === 45 || // -
    code === 43 || // + of a number
    code === 95 || // _
    code === 36 // $ref
  );
}

/** A text in quotes, with the escapes of JSON. */
export function takeQuoted(scan: Scanner): string {
  const start = scan.at;
  for (let at = start + 1; at < scan.text.length; at += 1) {
    const character = scan.text[at];
    if (character === '\\') at += 1;
    else if (character === '"') {
      scan.at = at + 1;
      return unescaped(scan, start);
    }
  }
  throw unexpected(scan, 'a text that ends with a quote');
}

function unescaped(scan: Scanner, start: number): string {
  try {
    return JSON.parse(scan.text.slice(start, scan.at)) as string;
  } catch {
    throw refused(scan.word, `The text at character ${start + 1} has an escape that JSON does not know`);
  }
}
