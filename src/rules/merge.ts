import { nearest } from '../lib/nearest.ts';
import type { RuleProblem } from './rule-set.ts';
import { canonicalText, type Tree, type TreeList, type TreeMap } from './tree.ts';

type Report = (problem: RuleProblem) => void;

/** Maps whose entries are one thing each: an overlay replaces such an entry as a whole. */
const wholeEntries = new Set(['map', 'situations']);

/**
 * Lays one file over the one that it extends. Maps merge, key by key, `null` takes a key away; a text or a list replaces what was there; a list is
 * changed by a map with `add` and `drop` alone. Each part keeps the place where it was written.
 */
export function mergeTrees(base: Tree, over: Tree, path: string, report: Report): Tree {
  if (base.kind === 'list' && isListChange(over)) return changedList(base, over, path, report);
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [name, entry] of over.entries) {
    const old = base.entries.get(name);
    const inside = path === '' ? name : `${path}.${name}`;
    if (entry.value.kind === 'text' && entry.value.text === null) {
      if (old === undefined)
        report(missing(entry.at, inside, `there is no ${name} to take away`, name, [...base.entries.keys()]));
      entries.delete(name);
    } else if (old === undefined) {
      entries.set(name, { at: entry.at, value: isListChange(entry.value) ? grownList(entry.value) : entry.value });
    } else {
      const value = wholeEntries.has(path) ? entry.value : mergeTrees(old.value, entry.value, inside, report);
      entries.set(name, { at: entry.at, value });
    }
  }
  return { kind: 'map', at: over.at, entries };
}

/** A map with nothing but `add` and `drop`, both lists. */
const isListChange = (tree: Tree): tree is TreeMap =>
  tree.kind === 'map' &&
  tree.entries.size > 0 &&
  [...tree.entries].every(([name, { value }]) => (name === 'add' || name === 'drop') && value.kind === 'list');

const itemsOf = (change: TreeMap, name: 'add' | 'drop'): readonly Tree[] => {
  const value = change.entries.get(name)?.value;
  return value?.kind === 'list' ? value.items : [];
};

const grownList = (change: TreeMap): TreeList => ({ kind: 'list', at: change.at, items: itemsOf(change, 'add') });

function changedList(base: TreeList, change: TreeMap, path: string, report: Report): TreeList {
  const items = [...afterDrops(base.items, itemsOf(change, 'drop'), path, report)];
  const taken = new Set(items.flatMap((item) => ruleName(item) ?? []));
  for (const add of itemsOf(change, 'add')) {
    const name = ruleName(add);
    if (name !== null && taken.has(name)) {
      const hint = `Drop it first: drop: [${name}]`;
      report({ ...add.at, path: `${path}.add`, words: `there is already one with the name ${name}`, hint });
    }
    if (name !== null) taken.add(name);
    items.push(add);
  }
  return { kind: 'list', at: base.at, items };
}

/** Each item is written out once, however much is dropped. */
function afterDrops(items: readonly Tree[], drops: readonly Tree[], path: string, report: Report): readonly Tree[] {
  if (drops.length === 0) return items;
  const called = Map.groupBy(items, (item) => nameOf(item) ?? canonicalText(item));
  const written = Map.groupBy(items, canonicalText);
  const left = new Set(items);
  for (const drop of drops) {
    const text = canonicalText(drop);
    const meant = [...(called.get(nameOf(drop) ?? text) ?? []), ...(written.get(text) ?? [])];
    const dropped = meant.filter((item) => left.delete(item));
    if (dropped.length > 0) continue;
    const names = [...left].flatMap((item) => nameOf(item) ?? []);
    report(missing(drop.at, `${path}.drop`, 'there is nothing like it to drop', nameOf(drop) ?? '', names));
  }
  return items.filter((item) => left.has(item));
}

const ruleName = (item: Tree): string | null => (item.kind === 'map' ? nameOf(item) : null);

/** By what an item of a list is dropped: its name, or itself when it is a text. */
function nameOf(item: Tree): string | null {
  if (item.kind === 'text') return item.text;
  const name = item.kind === 'map' ? item.entries.get('name')?.value : undefined;
  return name?.kind === 'text' ? name.text : null;
}

function missing(
  at: RuleProblem | Tree['at'],
  path: string,
  words: string,
  name: string,
  names: readonly string[],
): RuleProblem {
  const near = name === '' ? null : nearest(name, names);
  const { file, line, column } = at;
  return { file, line, column, path, words, hint: near === null ? null : `Is ${near} meant?` };
}
