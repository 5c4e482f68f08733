import type { Fetch, Method } from '../transport/types.ts';

/* A SCIM service in memory, with the bad habits that real ones were seen to have. For tests alone. */

type Value = Record<string, unknown>;

export type Habits = {
  /** What `totalResults` is: true, the rows of the page, or the rows from the page on. */
  readonly totals: 'true' | 'page' | 'left' | 'twice';
  /** What a page behind the end is. */
  readonly behindEnd: 'empty' | 'first_page';
  readonly ignoresStart: boolean;
  readonly mostRows: number;
  /** Members that are shown of a group at most. */
  readonly membersShown: number;
  /** What a filter with `or` finds: as it should, refused, nothing, everybody. */
  readonly or: 'works' | 'refused' | 'nothing' | 'everybody';
  readonly filters: 'works' | 'ignored' | 'letter_by_letter';
  readonly patch: 200 | 204 | 405 | 501 | 'refused_400' | 'empty_200';
  readonly keepsExternalId: boolean;
  readonly unique: boolean;
  readonly mostOperations: number;
  readonly statusIsNumber: boolean;
  readonly removesGone: 'noTarget' | 'quietly';
  readonly etags: boolean;
};

const well: Habits = {
  totals: 'true',
  behindEnd: 'empty',
  ignoresStart: false,
  mostRows: 100,
  membersShown: Infinity,
  or: 'works',
  filters: 'works',
  patch: 200,
  keepsExternalId: true,
  unique: true,
  mostOperations: Infinity,
  statusIsNumber: false,
  removesGone: 'quietly',
  etags: false,
};

export type Seen = {
  readonly method: Method;
  readonly path: string;
  readonly query: string;
  readonly body: Value | null;
};
/** `lost`: done, and nobody is told. `dropped`: not done. A response: instead of doing it. Undefined: as it should be. */
export type Misfortune = 'lost' | 'dropped' | Response | undefined;

export function scimService(habits: Partial<Habits> = {}) {
  const has = { ...well, ...habits };
  const users = new Map<string, Value>();
  const groups = new Map<string, Value>();
  const calls: Seen[] = [];
  let strike: (call: Seen, index: number) => Misfortune = () => undefined;
  let made = 0;

  const fetch: Fetch = async (address, { method, body }) => {
    const url = new URL(address);
    const call: Seen = {
      method,
      path: decodeURIComponent(url.pathname.replace(/^\/scim/, '')),
      query: url.searchParams.get('filter') ?? decodeURIComponent(url.search.slice(1)),
      body: body === undefined ? null : (JSON.parse(body) as Value),
    };
    calls.push(call);
    const misfortune = strike(call, calls.length - 1);
    if (misfortune instanceof Response) return misfortune;
    if (misfortune === 'dropped') throw new TypeError('fetch failed');
    const answer = answerTo(call, url.searchParams);
    if (misfortune === 'lost') throw new TypeError('fetch failed');
    return answer;
  };

  const error = (status: number, detail: string, scimType?: string) =>
    json(status, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: has.statusIsNumber ? status : String(status),
      ...(scimType && { scimType }),
      detail,
    });

  const shown = (kind: Map<string, Value>, row: Value): Value => ({
    ...row,
    ...(kind === groups && { members: ((row.members as Value[]) ?? []).slice(0, has.membersShown) }),
    meta: { resourceType: kind === users ? 'User' : 'Group', ...(has.etags && { version: `W/"${String(row.rev)}"` }) },
    rev: undefined,
  });

  function answerTo({ method, path, body }: Seen, query: URLSearchParams): Response {
    const [, endpoint, id] = /^\/(\w+)(?:\/(.+))?$/.exec(path) ?? [];
    const kind = endpoint === 'Users' ? users : endpoint === 'Groups' ? groups : null;
    if (kind === null) return error(404, 'Nothing is here');
    if (id === undefined) return method === 'POST' ? create(kind, body!) : list(kind, query);
    const row = kind.get(id);
    if (row === undefined) return error(404, 'No such resource');
    if (method === 'GET') return json(200, shown(kind, row));
    if (method === 'PUT') {
      const put: Value = { ...body, id, rev: Number(row.rev) + 1 };
      kind.set(id, put);
      return json(200, shown(kind, put));
    }
    return patch(kind, row, body!);
  }

  function create(kind: Map<string, Value>, body: Value): Response {
    const name = kind === users ? 'userName' : 'displayName';
    const taken = [...kind.values()].some((row) => fold(row[name]) === fold(body[name]));
    if (taken && has.unique) return error(409, `${name} is taken`, 'uniqueness');
    made += 1;
    const row: Value = { ...body, id: `s-${made}`, rev: 1 };
    if (!has.keepsExternalId) delete row.externalId;
    kind.set(String(row.id), row);
    return json(201, shown(kind, row));
  }

  function list(kind: Map<string, Value>, query: URLSearchParams): Response {
    const filter = query.get('filter');
    if (filter?.includes(' or ') && has.or === 'refused') return error(400, 'No or here', 'invalidFilter');
    const found = filter === null ? [...kind.values()] : [...kind.values()].filter((row) => fits(row, filter));
    const count = Math.min(Number(query.get('count') ?? has.mostRows), has.mostRows);
    const start = has.ignoresStart ? 1 : Number(query.get('startIndex') ?? 1);
    const cut = found.slice(start - 1, start - 1 + count);
    const page = cut.length === 0 && has.behindEnd === 'first_page' ? found.slice(0, count) : cut;
    const totals = {
      true: found.length,
      page: page.length,
      left: Math.min(count, Math.max(0, found.length - start + 1)),
      twice: found.length * 2,
    };
    return json(200, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: totals[has.totals],
      startIndex: start,
      itemsPerPage: page.length,
      Resources: page.map((row) => shown(kind, row)),
    });
  }

  function fits(row: Value, filter: string): boolean {
    if (has.filters === 'ignored') return true;
    if (filter.includes(' or ')) {
      if (has.or !== 'works') return has.or === 'everybody';
      return filter.split(' or ').some((one) => fits(row, one));
    }
    return filter.split(' and ').every((one) => {
      const [, attribute = '', text = '""'] = /^(\w+) eq (".*")$/.exec(one) ?? [];
      const value = JSON.parse(text) as string;
      if (attribute === 'members') return ((row.members as Value[]) ?? []).some((member) => member.value === value);
      return has.filters === 'letter_by_letter' ? row[attribute] === value : fold(row[attribute]) === fold(value);
    });
  }

  function patch(kind: Map<string, Value>, row: Value, body: Value): Response {
    if (has.patch === 405 || has.patch === 501) return error(has.patch, 'PATCH is not there');
    if (has.patch === 'refused_400') return error(400, 'Not understood', 'invalidPath');
    const operations = body.Operations as Value[];
    const changes = operations.flatMap(({ value }) => (Array.isArray(value) ? (value as unknown[]) : [value]));
    if (changes.length > has.mostOperations) return error(413, 'Too many');
    const next = structuredClone(row);
    for (const operation of operations) {
      const fault = applyOne(next, operation);
      if (fault !== null && has.removesGone === 'noTarget') return error(400, fault, 'noTarget');
    }
    next.rev = Number(row.rev) + 1;
    kind.set(String(row.id), next);
    if (has.patch === 'empty_200') return new Response('', { status: 200 });
    return has.patch === 204 ? new Response(null, { status: 204 }) : json(200, shown(kind, next));
  }

  return {
    fetch,
    users,
    groups,
    calls,
    habits: has,
    /** Decides what becomes of each call from now on. */
    when(next: typeof strike) {
      strike = next;
    },
    /** Puts people into the store, without a call. */
    seed(kind: 'users' | 'groups', rows: readonly Value[]) {
      for (const row of rows) (kind === 'users' ? users : groups).set(String(row.id), { rev: 1, ...row });
    },
  };
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/scim+json', ...headers } });

const fold = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** @returns what was missing for a removal */
function applyOne(row: Value, { op, path, value }: Value): string | null {
  const text = String(path);
  const [, schema, bare = text] = /^(urn:.*):(\w.*)$/.exec(text) ?? [];
  const [, attribute = '', where, part] = /^(\w+)(?:\[(.*)\])?(?:\.(\w+))?$/.exec(bare) ?? [];
  const home = schema === undefined ? row : within(row, schema);
  if (where !== undefined) {
    const [, key = '', wanted = '""'] = /^(\w+) eq (".*")$/.exec(where) ?? [];
    const entries = (home[attribute] ?? []) as Value[];
    const entry = entries.find((one) => one[key] === JSON.parse(wanted));
    if (entry === undefined) return 'There is no such entry';
    if (op === 'remove' && part === undefined) home[attribute] = entries.filter((one) => one !== entry);
    else if (op === 'remove') delete entry[part!];
    else entry[part!] = value;
    return null;
  }
  const target = part === undefined ? home : within(home, attribute);
  const name = part ?? attribute;
  if (op === 'remove') delete target[name];
  else if (Array.isArray(value) && op === 'add') {
    const has = (target[name] ?? []) as Value[];
    const isNew = (one: unknown) => !has.some((other) => other.value === (one as Value).value);
    target[name] = [...has, ...value.filter(isNew)];
  } else target[name] = value;
  return null;
}

function within(row: Value, name: string): Value {
  row[name] ??= {};
  return row[name] as Value;
}
