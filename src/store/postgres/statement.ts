import { type Cell, type Insert, onConflict, type Value } from '../session.ts';

const translated = new Map<string, string>();

/** `?` in order, or `?1`, `?2` …, as Postgres names parameters. Texts are few; each is translated once. */
export function numbered(text: string): string {
  let known = translated.get(text);
  if (known === undefined) {
    let count = 0;
    known = text.replace(/\?(\d*)/g, (_, number: string) => `$${number || ++count}`);
    translated.set(text, known);
  }
  return known;
}

/** Postgres keeps no U+0000 in text: it stands as U+FFFD, in what is written and in what is looked for. */
export const bound = (value: Value): Value => {
  if (typeof value === 'string') return cleaned(value);
  return Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? cleaned(item) : item)) : value;
};

export const cleaned = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);

const insertTexts = new WeakMap<Insert, string>();

/** One statement for any number of rows: a parameter is a column's values. */
export function insertText(into: Insert): string {
  let text = insertTexts.get(into);
  if (text === undefined) {
    const names = Object.keys(into.columns);
    const lists = Object.values(into.columns).map((type, index) => `$${index + 1}::${arrayTypes[type]}`);
    const given = `unnest(${lists.join(', ')}) as given (${names.join(', ')})`;
    text = `insert into ${into.table} (${names.join(', ')}) select ${names.map((name) => `given.${name}`).join(', ')} from ${given}${onConflict(into)}`;
    insertTexts.set(into, text);
  }
  return text;
}

export const arrayTypes = { text: 'text[]', number: 'double precision[]' } as const;

/** Rows as one list for each column. */
export const byColumn = (width: number, rows: readonly (readonly Cell[])[]): Value[] =>
  Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null)).map(
    (values) => bound(values as readonly string[]) as Value,
  );

/** One statement cannot write a row twice: the last of those with the same key stays. */
export function lastOfEach(into: Insert, rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  if (into.conflict === undefined || rows.length < 2) return rows;
  const names = Object.keys(into.columns);
  const places = into.conflict.key.map((name) => names.indexOf(name));
  const found = new Map<string, readonly Cell[]>();
  for (const row of rows) found.set(JSON.stringify(places.map((place) => row[place])), row);
  return found.size === rows.length ? rows : [...found.values()];
}
