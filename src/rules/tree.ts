import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
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

/** Parts that a file may have, aliases counted where they are used: no small text grows beyond measure. */
const MOST_PARTS = 50_000;
const DEEPEST = 40;
const LONGEST = 1_048_576;

class TooMuch extends Error {}

/** @returns null for a text that is not YAML, with what is wrong */
export function readTree(
  text: string,
  file: string,
): { readonly tree: Tree | null; readonly problems: readonly RuleProblem[] } {
  const problem = (place: Place, words: string): RuleProblem => ({ ...place, path: '', words, hint: null });
  const start = { file, line: 1, column: 1 };
  if (text.length > LONGEST) return { tree: null, problems: [problem(start, 'is larger than 1 MiB')] };
  try {
    const lines = new LineCounter();
    // Keys that stand twice are found below: the parser compares each with all others.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false });
    const at = (offset: number | undefined): Place => {
      const { line, col } = lines.linePos(offset ?? 0);
      return { file, line: Math.max(1, line), column: Math.max(1, col) };
    };
    const wrong = [...document.errors, ...document.warnings];
    if (wrong.length > 0) {
      return { tree: null, problems: wrong.map(({ code, pos }) => problem(at(pos[0]), yamlWords(code))) };
    }
    return planted({ document, text, at });
  } catch (error) {
    if (error instanceof TooMuch) return { tree: null, problems: [problem(start, error.message)] };
    if (error instanceof RangeError) return { tree: null, problems: [problem(start, 'is nested too deeply')] };
    throw error;
  }
}

type Soil = {
  readonly document: Document.Parsed;
  readonly text: string;
  readonly at: (offset: number | undefined) => Place;
};

function planted({ document, text, at }: Soil): { readonly tree: Tree; readonly problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = [];
  let parts = 0;
  const grow = (node: Node | null, depth: number, from: Place): Tree => {
    parts += 1;
    if (parts > MOST_PARTS) throw new TooMuch(`has more than ${MOST_PARTS} parts`);
    if (depth > DEEPEST) throw new TooMuch('is nested too deeply');
    if (node === null) return { kind: 'text', at: from, text: null, inside: () => from };
    if (isAlias(node)) {
      const place = at(node.range?.[0]);
      const meant = (node as Alias).resolve(document);
      if (meant === undefined) problems.push({ ...place, path: '', words: yamlWords('BAD_ALIAS'), hint: null });
      return grow(meant ?? null, depth + 1, place);
    }
    const place = at(node.range?.[0]);
    if (isSeq(node)) {
      return { kind: 'list', at: place, items: node.items.map((item) => grow(item as Node | null, depth + 1, place)) };
    }
    if (isMap(node)) {
      const entries = new Map<string, { at: Place; value: Tree }>();
      for (const { key, value } of node.items) {
        const keyAt = at((key as Node | null)?.range?.[0]);
        const name = isScalar(key) ? writtenText(key) : null;
        if (name === null) problems.push({ ...keyAt, path: '', words: 'a name in a map must be a text', hint: null });
        else if (entries.has(name))
          problems.push({ ...keyAt, path: '', words: yamlWords('DUPLICATE_KEY'), hint: null });
        else entries.set(name, { at: keyAt, value: grow(value as Node | null, depth + 1, keyAt) });
      }
      return { kind: 'map', at: place, entries };
    }
    const written = isScalar(node) ? writtenText(node) : null;
    const begin = node.range?.[0] ?? 0;
    const verbatim = written === null ? -1 : text.slice(begin, node.range?.[1]).indexOf(written);
    return {
      kind: 'text',
      at: place,
      text: written,
      inside: (offset) => (verbatim === -1 ? place : at(begin + verbatim + offset)),
    };
  };
  const tree = grow(document.contents as Node | null, 0, at(0));
  return { tree, problems };
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
