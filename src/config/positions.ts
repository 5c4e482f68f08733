import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { yamlWords } from '../lib/yaml-words.ts';
import type { Path, Problem } from './problem.ts';

export type Place = { readonly line: number; readonly column: number };

/** A text of YAML as plain values, and where each of them stands. */
export type Sheet = {
  readonly content: unknown;
  /** What is wrong with the text itself; with any, `content` is null. */
  readonly problems: readonly Problem[];
  /** Where the value of a path stands; for one that is not there, where the map stands that lacks it. */
  placeOf(path: Path): Place;
  /** Where the name of a key stands. */
  placeOfKey(path: Path, key: string): Place;
};

export function readYaml(text: string): Sheet {
  const lines = new LineCounter();
  // Without "pretty errors": these quote the line, and a secret may stand in it.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [...document.errors, ...document.warnings].map(
    ({ code, pos }): Problem => ({ ...at(pos[0]), path: '', reason: yamlWords(code) }),
  );
  const content = problems.length === 0 ? plain(document) : null;
  const far = content !== null && 'reason' in content ? [{ ...at(0), path: '', reason: content.reason }] : [];
  return {
    content: content !== null && 'value' in content ? content.value : null,
    problems: [...problems, ...far],
    placeOf: (path) => at(startOf(nodesTo(document, path).at(-1))),
    placeOfKey(path, key) {
      const map = nodesTo(document, path).at(-1);
      const pair = isMap(map) ? map.items.find((item) => keyOf(item) === key) : undefined;
      return at(startOf((pair?.key as Node | undefined) ?? map));
    },
  };
}

/** Aliases that grow beyond measure are refused by the reader. */
function plain(document: Document.Parsed): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch {
    return { reason: 'uses aliases that cannot be resolved' };
  }
}

/** The nodes on the way to a path, as far as it goes. */
function nodesTo(document: Document.Parsed, path: Path): (Node | Pair | null)[] {
  const nodes: (Node | Pair | null)[] = [document.contents];
  for (const step of path) {
    const node = nodes.at(-1);
    const next = isMap(node)
      ? node.items.find((item) => keyOf(item) === String(step))?.value
      : isSeq(node)
        ? node.items[Number(step)]
        : undefined;
    if (next === undefined || next === null) break;
    nodes.push(next as Node);
  }
  return nodes;
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

const startOf = (node: Node | Pair | null | undefined): number | undefined => {
  if (isPair(node)) return startOf(node.key as Node);
  return node?.range?.[0];
};
