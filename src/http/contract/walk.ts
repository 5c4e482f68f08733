import type { Answer, Call } from './door.ts';

type Parameter = { readonly in: string; readonly name: string; readonly required?: boolean; readonly schema?: Schema };
type Schema = { readonly enum?: readonly string[]; readonly items?: Schema; readonly anyOf?: readonly Schema[] };
type Operation = { readonly parameters?: readonly Parameter[] };
export type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

/** What a walk was answered; `path` is the pattern of the document. */
export type Step = { readonly path: string; readonly url: string; readonly answer: Answer };

export type Known = {
  readonly places: Readonly<Record<string, readonly string[]>>;
  readonly queries: Readonly<Record<string, string>>;
};

/**
 * Asks every GET of an OpenAPI document, lists first, so that their records fill the places in other addresses: a route that is added later
 * is asked as well. Each form in which an answer can be had is asked for.
 * @param known.places values for places that no list fills, by the path up to them; several where the place stands for a path
 * @param known.queries what a list has to be asked, by its path
 * @throws Error for an address that cannot be filled
 */
export async function* walk(document: Document, call: Call, token: string, known: Known): AsyncGenerator<Step> {
  const found = new Map<string, string>();
  const gets = Object.entries(document.paths)
    .flatMap(([path, { get }]) => (get === undefined ? [] : [{ path, get }]))
    .toSorted((one, other) => one.path.split('/').length - other.path.split('/').length);
  for (const { path, get } of gets) {
    for (const place of filled(path, found, known.places)) {
      for (const query of queriesOf(get, known.queries[path])) {
        const url = place + query;
        const answer = await call(url, { token });
        const first = firstId(answer);
        if (first !== null) found.set(path, first);
        yield { path, url, answer };
      }
    }
  }
}

function filled(
  path: string,
  found: ReadonlyMap<string, string>,
  known: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const place = /\{[^}]+\}|\*/.exec(path);
  if (place === null) return [path];
  const before = path.slice(0, place.index);
  const pattern = before.replace(/\/$/, '');
  const values = known[before] ?? (found.has(pattern) ? [found.get(pattern)!] : null);
  if (values === null) throw new Error(`Say with what the walk fills ${path}: no list at ${pattern} does.`);
  return values.flatMap((value) => {
    const next = before + value + path.slice(place.index + place[0].length);
    const aliases = new Map(
      [...found].flatMap(([from, id]) => [[from, id] as const, [from.replace(place[0], value), id] as const]),
    );
    return filled(next, aliases, known);
  });
}

/** One query for each form of the answer, with everything that has to be there. */
function queriesOf({ parameters = [] }: Operation, known: string | undefined): readonly string[] {
  const asked = parameters.filter((one) => one.in === 'query');
  const needed = asked.flatMap(({ name, required, schema }) => {
    const words = wordsOf(schema);
    return required && words.length > 0 ? [`${name}=${words.join(',')}`] : [];
  });
  const forms = asked.flatMap(({ name, schema }) =>
    /format$/.test(name) ? wordsOf(schema).map((word) => `${name}=${word}`) : [],
  );
  const cut = asked.some(({ name }) => name === 'truto_exclude_fields')
    ? ['truto_exclude_fields=emails,username,first_name,last_name,group_type,x_group_type', 'truto_key_by=id']
    : [];
  const many = asked.some(({ name }) => name === 'limit') ? ['limit=100'] : [];
  return [[], ...forms.map((form) => [form]), ...cut.map((one) => [one])].map((form) => {
    const query = [...(known === undefined ? [] : [known]), ...needed, ...many, ...form].join('&');
    return query === '' ? '' : `?${query}`;
  });
}

const wordsOf = (schema: Schema | undefined): readonly string[] =>
  schema?.enum ?? (schema?.items && wordsOf(schema.items)) ?? schema?.anyOf?.flatMap(wordsOf) ?? [];

/** Of the first record of a list. */
function firstId({ body }: Answer): string | null {
  const list = body?.result ?? body?.data;
  const id = Array.isArray(list) ? (list[0]?.id ?? list[0]?.event_id) : undefined;
  return id === undefined ? null : encodeURIComponent(String(id));
}
