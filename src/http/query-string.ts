/** A query value as it was written: text, a list, or an object made of brackets. */
export type QueryValue = string | QueryValue[] | { [name: string]: QueryValue };

/** The parsed query. `problem` is set instead of throwing: the router has no road for an error of its parser. */
export type ParsedQuery = { readonly values: { [name: string]: QueryValue }; readonly problem: string | null };

const MAX_PAIRS = 300;
const MAX_DEPTH = 4;

/**
 * Reads a query string the way existing clients write it: `x[]=a`, `x[0]=a&x[1]=b`, a repeated `x=a&x=b`,
 * and objects in brackets, `created_at[gt]=…`, percent-encoded or not. Comma lists stay text: only a field that is a list
 * splits them. A parameter may have any name: `__proto__` is a name like others.
 */
export function parseQuery(text: string): ParsedQuery {
  const root: Node = new Map();
  const pairs = text === '' ? [] : text.split('&');
  if (pairs.length > MAX_PAIRS) return failed(`The query has more than ${MAX_PAIRS} parameters`);
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const path = pathOf(name);
    if (path === null) return failed('A parameter name has brackets that cannot be read');
    if (path.length > MAX_DEPTH) return failed(`A parameter is nested more than ${MAX_DEPTH} deep`);
    if (!put(root, path, equals === -1 ? '' : decode(pair.slice(equals + 1)))) {
      return failed(`The parameter ${path[0]} is given both as a value and as an object`);
    }
  }
  return { values: objectOf(root), problem: null };
}

type Leaf = { readonly texts: string[]; isList: boolean };
type Node = Map<string, Node | Leaf>;

const failed = (problem: string): ParsedQuery => ({ values: {}, problem });

/** Malformed percent signs stay as they were written. */
function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** `a[b][]` → `['a', 'b', '']`; null when the brackets do not match. */
function pathOf(name: string): string[] | null {
  const open = name.indexOf('[');
  if (open === -1) return [name];
  if (open === 0 || !name.endsWith(']')) return null;
  const inner = name.slice(open + 1, -1).split('][');
  return inner.some((part) => part.includes('[') || part.includes(']')) ? null : [name.slice(0, open), ...inner];
}

function put(root: Node, path: readonly string[], value: string): boolean {
  const isList = path.length > 1 && path.at(-1) === '';
  const names = isList ? path.slice(0, -1) : path;
  let node = root;
  for (const name of names.slice(0, -1)) {
    const child = node.get(name) ?? new Map();
    if (!(child instanceof Map)) return false;
    node.set(name, child);
    node = child;
  }
  const leaf = node.get(names.at(-1)!) ?? { texts: [], isList: false };
  if (leaf instanceof Map) return false;
  leaf.texts.push(value);
  leaf.isList ||= isList || leaf.texts.length > 1;
  node.set(names.at(-1)!, leaf);
  return true;
}

function objectOf(node: Node): { [name: string]: QueryValue } {
  return Object.fromEntries([...node].map(([name, child]) => [name, readNode(child)]));
}

function readNode(child: Node | Leaf): QueryValue {
  if (!(child instanceof Map)) return child.isList ? child.texts : child.texts[0]!;
  const names = [...child.keys()];
  if (!names.every((name) => /^\d{1,4}$/.test(name))) return objectOf(child);
  return names.sort((a, b) => Number(a) - Number(b)).map((name) => readNode(child.get(name)!));
}
