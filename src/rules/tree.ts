import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import { yamlWords } from '../lib/yaml-words.ts';
import type { RuleProblem } from './rule-set.ts';

/** Where something stands. Lines and columns from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/**
 * A rule file as it is written, each part with its place, so that what is wrong can be shown where it stands, also after files were merged.
 * Texts that are not quoted are as they were typed: `000731` stays that.
 */
export type Tree = TreeText | TreeList | TreeMap;
export type TreeText = {
  readonly kind: 'text';
  readonly at: Place;
  /** Null where nothing is written, or `null` without quotes. */
  readonly text: string | null;
  /** Where a letter of the text stands. */
  readonly inside: (offset: number) => Place;
};
export type TreeList = { readonly kind: 'list'; readonly at: Place; readonly items: readonly Tree[] };
export type TreeMap = {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, { readonly at: Place; readonly value: Tree }>;
};

/** What a file may hold, so that no text takes more than a moment to read, whatever stands in it. */
export const fileLimits = {
  letters: 524_288,
  /** Aliases are counted where they are used: no small text grows beyond measure. */
  parts: 12_000,
  /** Words, blanks and marks as YAML's lexer tells them apart; a part takes up to eight. Beyond it nothing is looked at. */
  marks: 100_000,
  depth: 40,
  /** Letters of a name in a map. */
  name: 1000,
} as const;

class TooMuch extends Error {
  readonly offset: number;
  constructor(words: string, offset: number) {
    super(words);
    this.offset = offset;
  }
}

const tooMany = (offset: number): TooMuch =>
  new TooMuch(`has more than ${fileLimits.parts.toLocaleString('en-US')} parts`, offset);
const tooDeep = (offset: number): TooMuch => new TooMuch(`is nested more than ${fileLimits.depth} levels deep`, offset);

/** @returns null for a text that is not YAML, with what is wrong */
export function readTree(
  text: string,
  file: string,
): { readonly tree: Tree | null; readonly problems: readonly RuleProblem[] } {
  const refused = (place: Place, words: string) => ({ tree: null, problems: [problem(place, words)] });
  if (text.length > fileLimits.letters) return refused({ file, line: 1, column: 1 }, 'is larger than 512 KiB');
  const lines = new LineCounter();
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const { document, next } = composed(text, lines);
    const wrong = [...document.errors, ...document.warnings].slice(0, MOST_ERRORS);
    if (wrong.length > 0) {
      const problems = wrong.map(({ code, pos }) => problem(at(pos[0]), yamlWords(code)));
      return { tree: null, problems: problems.filter(({ line }, index) => line !== problems[index - 1]?.line) };
    }
    return next === null ? planted({ document, text, at }) : refused(at(next), yamlWords('MULTIPLE_DOCS'));
  } catch (error) {
    if (error instanceof TooMuch) return refused(at(error.offset), error.message);
    throw error;
  }
}

const problem = (place: Place, words: string): RuleProblem => ({ ...place, path: '', words, hint: null });

/** What follows the first errors of a text, or of a line, is mostly their consequence. */
const MOST_ERRORS = 20;

/**
 * The first document of a text, and where a second begins.
 * @throws TooMuch before what is too large or too deep is composed
 */
function composed(
  text: string,
  lines: LineCounter,
): { readonly document: Document.Parsed; readonly next: number | null } {
  // Keys that stand twice are found below: the parser compares each with all others.
  const composer = new Composer({ strict: true, uniqueKeys: false });
  // An Error is made of each mistake: a stack for each would be most of what a text of nothing but mistakes costs.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    let document: Document.Parsed | null = null;
    for (const one of composer.compose(tokensOf(text, lines), true, text.length)) {
      if (document !== null) return { document, next: one.range[0] };
      document = one;
    }
    return { document: document!, next: null };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Tokens as `parseDocument` has them, as long as they are within the limits. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  // The document and the text that is being read stand on the stack too.
  const deepest = fileLimits.depth + 4;
  let marks = 0;
  lines.addNewLine(0);
  for (const mark of new Lexer().lex(text)) {
    marks += 1;
    if (marks > fileLimits.marks) throw tooMany(parser.offset);
    yield* parser.next(mark);
    if (parser.stack.length > deepest) throw tooDeep(parser.offset);
  }
  yield* parser.end();
}

type Soil = {
  readonly document: Document.Parsed;
  readonly text: string;
  readonly at: (offset: number | undefined) => Place;
};

function planted({ document, text, at }: Soil): { readonly tree: Tree; readonly problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = [];
  /** What an alias means: the last of its name that stands before it. */
  const anchors = new Map<string, Node>();
  /** Where the outermost alias stands whose meaning is being copied. */
  let copying: number | null = null;
  let parts = 0;
  const remember = (node: Node | null): void => {
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined && copying === null) anchors.set(anchor, node!);
  };
  const grow = (node: Node | null, depth: number, from: Place): Tree => {
    const begin = node?.range?.[0] ?? 0;
    parts += 1;
    if (parts > fileLimits.parts) throw tooMany(copying ?? begin);
    if (depth > fileLimits.depth) throw tooDeep(copying ?? begin);
    if (node === null) return { kind: 'text', at: from, text: null, inside: () => from };
    const place = at(begin);
    if (isAlias(node)) {
      const meant = anchors.get(node.source);
      if (meant === undefined) problems.push(problem(place, yamlWords('BAD_ALIAS')));
      const outer = copying;
      copying ??= begin;
      const tree = grow(meant ?? null, depth + 1, place);
      copying = outer;
      return tree;
    }
    remember(node);
    if (isSeq(node)) {
      return { kind: 'list', at: place, items: node.items.map((item) => grow(item as Node | null, depth + 1, place)) };
    }
    if (isMap(node)) return { kind: 'map', at: place, entries: entriesOf(node, depth) };
    const written = isScalar(node) ? writtenText(node) : null;
    const end = node.range?.[1];
    const inside = (offset: number): Place => {
      const verbatim = written === null ? -1 : text.slice(begin, end).indexOf(written);
      return verbatim === -1 ? place : at(begin + verbatim + offset);
    };
    return { kind: 'text', at: place, text: written, inside };
  };
  const entriesOf = (map: YAMLMap, depth: number): TreeMap['entries'] => {
    const entries = new Map<string, { at: Place; value: Tree }>();
    for (const { key, value } of map.items as readonly Pair<Node, Node | null>[]) {
      const keyAt = at(key?.range?.[0]);
      remember(key);
      const name = isScalar(key) ? writtenText(key) : null;
      const wrong = wrongName(name, entries);
      if (wrong !== null) problems.push(problem(keyAt, wrong));
      else entries.set(name!, { at: keyAt, value: grow(value, depth + 1, keyAt) });
    }
    return entries;
  };
  const tree = grow(document.contents as Node | null, 0, at(0));
  return { tree, problems };
}

function wrongName(name: string | null, taken: ReadonlyMap<string, unknown>): string | null {
  if (name === null) return 'a name in a map must be a text';
  if (name.length > fileLimits.name) return `a name in a map has at most ${fileLimits.name} letters`;
  return taken.has(name) ? yamlWords('DUPLICATE_KEY') : null;
}

/** What was typed; YAML's numbers and flags are texts here, so that `007` and `1.10` stay what they are. */
function writtenText(scalar: { readonly value: unknown; readonly source?: string }): string | null {
  if (scalar.value === null) return null;
  if (typeof scalar.value === 'string') return scalar.value;
  return scalar.source ?? String(scalar.value);
}

/** Where the part of a path stands; for one that is not there, what it would stand in. */
export function placeIn(tree: Tree, path: readonly string[]): Place {
  const [name, ...rest] = path;
  const entry = name !== undefined && tree.kind === 'map' ? tree.entries.get(name) : undefined;
  if (entry === undefined) return tree.at;
  return rest.length === 0 ? entry.at : entry.value.kind === 'map' ? placeIn(entry.value, rest) : entry.at;
}

/** A tree as plain values: maps, lists, texts and null. The order of keys is kept; no key reaches a prototype. */
export function plainOf(tree: Tree): unknown {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'list') return tree.items.map(plainOf);
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, { value }] of tree.entries) plain[name] = plainOf(value);
  return plain;
}

/** One text for a tree, the same for every order of keys. */
export function canonicalText(tree: Tree): string {
  if (tree.kind === 'text') return JSON.stringify(tree.text);
  if (tree.kind === 'list') return `[${tree.items.map(canonicalText).join(',')}]`;
  const entries = [...tree.entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, { value }]) => `${JSON.stringify(name)}:${canonicalText(value)}`).join(',')}}`;
}
