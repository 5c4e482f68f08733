import { nearest } from '../lib/nearest.ts';
import type { RuleProblem } from './rule-set.ts';
import type { Place, Tree, TreeMap } from './tree.ts';

export type Report = (problem: RuleProblem) => void;
export type Json = Readonly<Record<string, unknown>>;

/** How a part of a rule file is written: what reads it, and the same as JSON Schema for editors. */
export type Form<T> = {
  /** @returns undefined when it is not so written; that has been reported then */
  read(tree: Tree, path: string, report: Report): T | undefined;
  readonly schema: Json;
};

/** A value with its place, for what can be judged only later. */
export type Placed<T> = { readonly value: T; readonly at: Place; readonly path: string };

export const problemAt = (at: Place, path: string, words: string, hint: string | null = null): RuleProblem => ({
  file: at.file,
  line: at.line,
  column: at.column,
  path,
  words,
  hint,
});

/** `Is department meant?`, when a right name is near. */
export function hintNear(name: string, names: readonly string[]): string | null {
  const near = nearest(name, names);
  return near === null ? null : `Is ${near} meant?`;
}

/** `Is job_title meant?` for `title`. */
function hintInside(name: string, names: readonly string[]): string | null {
  if (name === '<<') return 'A file is laid over another with extends.';
  const found = names.filter((one) => one.split('_').includes(name.toLowerCase())).slice(0, 3);
  return found.length === 0 ? null : `Is ${found.join(' or ')} meant?`;
}

const described = (schema: Json, words: string): Json => ({ ...schema, description: words });

export const says = <T>(form: Form<T>, words: string): Form<T> => ({ ...form, schema: described(form.schema, words) });

/** A form of one text. `parse` gives undefined for what it does not take; `meant` tells what was meant by that. */
export function written<T>(
  words: string,
  parse: (text: string) => T | undefined,
  schema: Json,
  meant: (text: string) => string | null = () => null,
): Form<T> {
  return {
    schema,
    read(tree, path, report) {
      const one = tree.kind === 'text' && tree.text !== null ? tree.text.trim() : undefined;
      const value = one === undefined ? undefined : parse(one);
      if (value === undefined) report(problemAt(tree.at, path, `must be ${words}`, writeHint(meant(one ?? ''))));
      return value;
    },
  };
}

/** `Write 3d.` */
export const writeHint = (text: string | null): string | null => (text === null ? null : `Write ${text}.`);

export const text = (words = 'a text', most = 1000): Form<string> =>
  written(words, (one) => (one !== '' && one.length <= most ? one : undefined), {
    type: ['string', 'number', 'boolean'],
  });

/** As it stands, with blanks at its ends: the beginning of a name. */
export const verbatim = (words: string, most: number): Form<string> => ({
  schema: { type: 'string' },
  read(tree, path, report) {
    const value = tree.kind === 'text' ? tree.text : null;
    if (value !== null && value.trim() !== '' && value.length <= most && value.trimStart() === value) return value;
    report(problemAt(tree.at, path, `must be ${words} of up to ${most} letters`));
    return undefined;
  },
});

export const flag: Form<boolean> = written(
  'true or false',
  (one) => (one === 'true' ? true : one === 'false' ? false : undefined),
  { type: 'boolean' },
);

export function choice<const T extends string>(...values: readonly T[]): Form<T> {
  return {
    schema: { enum: values },
    read(tree, path, report) {
      const found = tree.kind === 'text' ? values.find((value) => value === tree.text?.trim()) : undefined;
      if (found === undefined) {
        const near =
          tree.kind === 'text' && tree.text !== null && values.length > 1 ? hintNear(tree.text, values) : null;
        report(problemAt(tree.at, path, `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`, near));
      }
      return found;
    },
  };
}

export const whole = (min: number, max: number): Form<number> => {
  const words = `a whole number from ${min} to ${max}`;
  const parse = (one: string) => {
    const number = /^\d{1,9}$/.test(one) ? Number(one) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
  return written(words, parse, { type: 'integer', minimum: min, maximum: max });
};

/** `2%` or `0.02` → 0.02 */
export const share: Form<number> = written(
  'a share such as 2%',
  (one) => {
    const found = /^(\d{1,3}(?:\.\d{1,4})?)(%?)$/.exec(one);
    if (found === null) return undefined;
    const part = Number(found[1]) / (found[2] === '%' ? 100 : 1);
    return part <= 1 ? part : undefined;
  },
  { type: ['string', 'number'], examples: ['2%'] },
  (one) => (/^\d{1,2}$/.test(one) ? `${one}%` : null),
);

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `36h` → milliseconds */
export const durationMs: Form<number> = written(
  'a duration such as 30m, 4h or 1d',
  (one) => {
    const found = /^(\d{1,6})([smhdw])$/.exec(one);
    return found === null ? undefined : Number(found[1]) * unitMs[found[2]!]!;
  },
  { type: 'string', pattern: '^\\d{1,6}[smhdw]$' },
);

/** `45d`, `6w` → days; 0 too. */
export const days: Form<number> = written(
  'a number of days such as 3d or 2w',
  daysOf,
  { type: 'string', pattern: '^\\d{1,5}[dw]$' },
  daysMeant,
);

/** `3d` for `3 days` and `3`. */
export function daysMeant(one: string): string | null {
  const found = /^(\d{1,5})\s*(d|w)?(?:ays?|eeks?)?$/i.exec(one);
  return found === null ? null : `${found[1]}${(found[2] ?? 'd').toLowerCase()}`;
}

export function daysOf(one: string): number | undefined {
  const found = /^(\d{1,5})([dw])$/.exec(one.trim());
  return found === null ? undefined : Number(found[1]) * (found[2] === 'w' ? 7 : 1);
}

export const placed = <T>(form: Form<T>): Form<Placed<T>> => ({
  schema: form.schema,
  read(tree, path, report) {
    const value = form.read(tree, path, report);
    return value === undefined ? undefined : { value, at: tree.at, path };
  },
});

/** What is looked at later. */
export const raw = (schema: Json): Form<Placed<Tree>> => ({
  schema,
  read: (tree, path) => ({ value: tree, at: tree.at, path }),
});

/** Items that are wrong are reported and left out. */
export const list = <T>(form: Form<T>, most = 1000): Form<readonly T[]> => ({
  schema: { type: 'array', items: form.schema },
  read(tree, path, report) {
    if (tree.kind !== 'list') {
      report(problemAt(tree.at, path, 'must be a list', listHint(tree)));
      return undefined;
    }
    if (tree.items.length > most) report(problemAt(tree.at, path, `must have at most ${most} items`));
    return tree.items.slice(0, most).flatMap((item, index) => {
      const value = form.read(item, `${path}[${index}]`, report);
      return value === undefined ? [] : [value];
    });
  },
});

function listHint(tree: Tree): string | null {
  if (tree.kind === 'text') return tree.text === null ? null : `Write [${tree.text.trim()}].`;
  const names = tree.kind === 'map' ? [...tree.entries.keys()] : [];
  return names.every((name) => name === 'add' || name === 'drop')
    ? 'add and drop are for a file that extends another.'
    : 'Begin each with a hyphen, and write its name under it.';
}

/** One, or a list of them. */
export const several = <T>(form: Form<T>): Form<readonly T[]> => ({
  schema: { anyOf: [form.schema, { type: 'array', items: form.schema }] },
  read(tree, path, report) {
    if (tree.kind === 'list') return list(form).read(tree, path, report);
    const value = form.read(tree, path, report);
    return value === undefined ? undefined : [value];
  },
});

/** A map whose names are free. */
export const dictionary = <T>(form: Form<T>): Form<ReadonlyMap<string, T>> => ({
  schema: { type: 'object', additionalProperties: form.schema },
  read(tree, path, report) {
    if (tree.kind !== 'map') {
      report(problemAt(tree.at, path, 'must be a map'));
      return undefined;
    }
    const values = new Map<string, T>();
    for (const [name, entry] of tree.entries) {
      const value = form.read(entry.value, join(path, name), report);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  },
});

type Shape = Readonly<Record<string, Form<unknown>>>;
type Value<F> = F extends Form<infer T> ? T : never;
export type Recorded<S extends Shape, Needed extends keyof S> = {
  readonly [K in Exclude<keyof S, Needed>]?: Value<S[K]>;
} & { readonly [K in Needed]: Value<S[K]> };

/** A map with these names alone. */
export function record<S extends Shape, const Needed extends keyof S & string = never>(
  shape: S,
  needed: readonly Needed[] = [],
): Form<Recorded<S, Needed>> {
  const names = Object.keys(shape);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(shape).map(([name, form]) => [name, form.schema])),
      ...(needed.length > 0 ? { required: needed } : {}),
      additionalProperties: false,
    },
    read(tree, path, report) {
      if (tree.kind !== 'map') {
        report(problemAt(tree.at, path, `must be a map with ${names.join(', ')}`, mapHint(tree)));
        return undefined;
      }
      reportUnknown(tree, path, names, report);
      const values: Record<string, unknown> = {};
      let whole = true;
      for (const name of names) {
        const entry = tree.entries.get(name);
        if (entry !== undefined) values[name] = shape[name]!.read(entry.value, join(path, name), report);
        else if ((needed as readonly string[]).includes(name)) report(problemAt(tree.at, path, `needs ${name}`));
        if (values[name] === undefined) {
          delete values[name];
          whole &&= !(needed as readonly string[]).includes(name);
        }
      }
      return whole ? (values as Recorded<S, Needed>) : undefined;
    },
  };
}

function mapHint(tree: Tree): string | null {
  if (tree.kind === 'list') return 'Write it without hyphens.';
  if (tree.kind === 'map') return null;
  if (tree.text === null) return 'Take it away, or write something under it.';
  return /^[\w-]+:\S/.test(tree.text) ? 'A colon needs a blank behind it.' : null;
}

function reportUnknown(tree: TreeMap, path: string, names: readonly string[], report: Report): void {
  for (const [name, { at }] of tree.entries) {
    if (names.includes(name)) continue;
    report(
      problemAt(
        at,
        join(path, name),
        `there is no ${name} here`,
        hintNear(name, names) ?? hintInside(name, names) ?? `There are: ${names.join(', ')}.`,
      ),
    );
  }
}

/** Read by the one, where it is a text, else by the other. */
export const textOr = <A, B>(ofText: Form<A>, other: Form<B>): Form<A | B> => ({
  schema: { anyOf: [ofText.schema, other.schema] },
  read: (tree, path, report): A | B | undefined =>
    tree.kind === 'text' ? ofText.read(tree, path, report) : other.read(tree, path, report),
});

export const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
