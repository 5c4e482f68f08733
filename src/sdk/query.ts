/** What may stand in a query: objects become brackets, what is null or undefined is left out. */
export type QueryInput = { readonly [name: string]: unknown };

/** A query as the API reads it: `created_at[gt]=…`, `types[0]=a&types[1]=b`. Empty where there is nothing. */
export function queryText(query: QueryInput): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => pairsOf(name, value));
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

function pairsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return [];
  if (value instanceof Date) return [[name, value.toISOString()]];
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pairsOf(`${name}[${key}]`, inner));
}

/** A path with its names filled in. A name of several parts, such as `{path}`, keeps its slashes. */
export function filledPath(path: string, params: { readonly [name: string]: unknown }): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name] ?? '');
    return name === 'path' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
}
