import type { Place, Tree } from './tree.ts';

/** A line of the merged file and where it was written. */
export type ShownLine = { readonly text: string; readonly file: string; readonly line: number };

/** A tree as YAML, one line a part. What is printed and read again means the same. */
export function printTree(tree: Tree): readonly ShownLine[] {
  return printed(tree, 0, tree.at);
}

const isEmpty = (tree: Tree): boolean =>
  tree.kind === 'list' ? tree.items.length === 0 : tree.kind === 'map' && tree.entries.size === 0;

const inlineOf = (tree: Tree): string =>
  tree.kind === 'text' ? (tree.text === null ? 'null' : quoted(tree.text)) : tree.kind === 'list' ? '[]' : '{}';

function printed(tree: Tree, indent: number, at: Place): readonly ShownLine[] {
  const pad = ' '.repeat(indent);
  const line = (text: string, place: Place): ShownLine => ({ text: pad + text, file: place.file, line: place.line });
  if (tree.kind === 'text' || isEmpty(tree)) return [line(inlineOf(tree), at)];
  if (tree.kind === 'list') {
    return tree.items.flatMap((item) => {
      const [first, ...rest] = printed(item, indent + 2, item.at);
      return [{ ...first!, text: `${pad}- ${first!.text.slice(indent + 2)}` }, ...rest];
    });
  }
  return [...tree.entries].flatMap(([name, { at: place, value }]) => {
    if (value.kind === 'text' || isEmpty(value))
      return [line(`${quoted(name)}: ${inlineOf(value)}`, value.kind === 'text' ? value.at : place)];
    return [line(`${quoted(name)}:`, place), ...printed(value, indent + 2, place)];
  });
}

/** Quoted where YAML would read something else. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z0-9_][A-Za-z0-9_ .@%+-]*$/.test(text) && !text.endsWith(' ') && !/^null$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
