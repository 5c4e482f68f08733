import { refused } from './errors.ts';
import { type Filter, readFilter } from './filter.ts';
import { isUnsafeName } from './json.ts';
import { atEnd, expect, nested, type Scanner, scanner, skipSpaces, takes, takeWord, unexpected } from './scan.ts';
import { splitUrn } from './urns.ts';

/**
 * `urn:…:User:attr[where].part`. Names are as they were written, the schema in its right spelling.
 * An `attribute` of `''` means the schema itself.
 */
export type Path = {
  readonly schema?: string;
  readonly attribute: string;
  readonly where?: Filter;
  readonly part?: string;
};

/**
 * Reads the path of a PATCH operation, of `attributes` or of `sortBy`.
 * @throws ScimError 400 `invalidPath`
 */
export function parsePath(text: string): Path {
  const scan = scanner(text, 'invalidPath');
  const path = readPathWords(scan, false);
  if (!atEnd(scan)) throw unexpected(scan, 'the end of the path');
  return path;
}

/** @param inValuePath within `attr[…]`, where names are parts of the attribute */
export function readPathWords(scan: Scanner, inValuePath: boolean): Path {
  const named = splitName(scan, takeWord(scan));
  if (inValuePath || named.part !== undefined || !takes(scan, '[')) return named;
  if (named.attribute === '') throw refused(scan.word, 'A schema has no elements');
  const where = nested(scan, () => readFilter(scan, true));
  skipSpaces(scan);
  expect(scan, ']');
  if (!takes(scan, '.')) return { ...named, where };
  return { ...named, where, part: safe(scan, takeWord(scan)) };
}

/** `urn:…:User:name.givenName` as schema, attribute and part. */
function splitName(scan: Scanner, word: string): Path {
  const urn = splitUrn(word);
  if (urn?.rest === '') return { schema: safeUrn(scan, urn.schema), attribute: '' };
  const [attribute, part, ...more] = (urn?.rest ?? word).split('.');
  if (more.length > 0) throw refused(scan.word, 'A path has at most one dot');
  return {
    ...(urn && { schema: safeUrn(scan, urn.schema) }),
    attribute: safe(scan, attribute ?? ''),
    ...(part !== undefined && { part: safe(scan, part) }),
  };
}

const safeUrn = (scan: Scanner, urn: string): string => {
  if (urn.length < 5) throw unexpected(scan, 'the name of a schema');
  return urn;
};

function safe(scan: Scanner, name: string): string {
  if (isUnsafeName(name)) throw refused(scan.word, 'There is no attribute with this name');
  const first = name.charCodeAt(0);
  const isLetter = (first >= 97 && first <= 122) || (first >= 65 && first <= 90);
  if (!isLetter && name !== '$ref') throw unexpected(scan, 'the name of an attribute');
  if (name.includes(':') || name.includes('+')) throw refused(scan.word, 'A name has a character that no name has');
  return name;
}
