import { setTimeout as sleep } from 'node:timers/promises';
import { trutoWire } from './truto-wire.ts';

type Fields = Readonly<Record<string, unknown>>;
export type Row = Readonly<Record<string, never>> & { readonly id: string };
export type Page = {
  readonly result: readonly Row[];
  readonly next_cursor: string | null;
  readonly prev_cursor?: string | null;
  readonly result_count?: number;
  readonly limit?: number;
};

/**
 * A client that speaks as programs written for Truto's API do, oddities included: what was seen on the wire of its TypeScript SDK and
 * its toolset, written from these observations.
 * @param base ends in a slash, or the calls that forget theirs lead nowhere
 */
export function trutoClient(base: string, token: string, pause: (ms: number) => Promise<void> = (ms) => sleep(ms)) {
  const { send, seen } = trutoWire(base, token, pause);
  const get = (path: string, query: Fields = {}) => send({ method: 'GET', rest: `${path}?${written(query)}` });

  /** The first page is asked for with an empty cursor; no cursor in an answer ends it. */
  async function* pages(path: string, query: Fields = {}): AsyncGenerator<Page> {
    let cursor: string | null | undefined = '';
    do {
      const page: Page = await get(path, { ...query, next_cursor: cursor });
      yield page;
      cursor = page.next_cursor;
    } while (cursor !== null && cursor !== undefined);
  }
  const every = async (path: string, query: Fields = {}): Promise<Row[]> => {
    const rows: Row[] = [];
    for await (const page of pages(path, query)) rows.push(...page.result);
    return rows;
  };
  const write =
    (method: string, isText = false) =>
    (rest: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<never> =>
      send({ method, rest, body, headers, isText });
  const [post, patch, remove] = [write('POST'), write('PATCH'), write('DELETE')];
  const postText = write('POST', true);
  const part = encodeURIComponent;

  return {
    /** Every request that went out, in order. */
    seen,
    get,
    post,
    patch,
    remove,
    unified: (model: string, resource: string) => {
      const path = `/unified/${model}/${resource}`;
      return {
        pages: (query?: Fields) => pages(path, query),
        list: (query?: Fields) => every(path, query),
        get: (id: string, query?: Fields) => get(`${path}/${part(id)}`, query),
        create: (body: unknown, query: Fields = {}) => post(`${path}?${written(query)}`, body),
      };
    },
    /** The toolset names the record twice: in the path and in the query. */
    proxy: (resource: string) => ({
      pages: (query?: Fields) => pages(`/proxy/${resource}`, query),
      list: (query?: Fields) => every(`/proxy/${resource}`, query),
      get: (id: string, query: Fields = {}) => get(`/proxy/${resource}/${part(id)}`, { ...query, id }),
      update: (id: string, body: unknown, query: Fields = {}) =>
        patch(`/proxy/${resource}/${part(id)}?${written({ ...query, id })}`, body),
    }),
    /** These forget the slash in front of their address; all but the last send their JSON as text. */
    custom: (method: string, path: string, query: Fields, body?: unknown) =>
      write(method, true)(`custom/${path}?${written(query)}`, body),
    mcp: (secret: string, message: unknown) => postText(`mcp/${secret}`, message),
    refreshCredentials: (id: string) => postText('integrated-account/refresh-credentials', { id }),
    testWebhook: (id: string) => post('webhook/test', { id }),
    /** Empty filters are left out, the others joined by commas. */
    tools: (id: string, filters: { readonly methods?: readonly string[]; readonly tags?: readonly string[] } = {}) => {
      const given = Object.entries(filters).filter(([, words]) => words.length > 0);
      return get(
        `/integrated-account/${part(id)}/tools`,
        Object.fromEntries(given.map(([name, words]) => [name, words.join(',')])),
      );
    },
    admin: (resource: string) => ({
      pages: (query?: Fields) => pages(`/${resource}`, query),
      list: (query?: Fields) => every(`/${resource}`, query),
      get: (id: string) => get(`/${resource}/${part(id)}`),
      create: (body: unknown) => post(`/${resource}`, body),
      update: (id: string, body: unknown) => patch(`/${resource}/${part(id)}`, body),
      remove: (id: string) => remove(`/${resource}/${part(id)}`),
    }),
  };
}

export type TrutoClient = ReturnType<typeof trutoClient>;

/** Objects and lists in brackets, all of it percent-encoded: `x%5B0%5D=a`, `created_at%5Bgt%5D=…`. */
function written(query: Fields): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => pairsOf(name, value));
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

function pairsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pairsOf(`${name}[${key}]`, inner));
}
