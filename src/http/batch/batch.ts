import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { filled, type Names, named } from './placeholders.ts';

/** A call as it was asked for, its placeholders not filled in. */
export type Asked = {
  readonly resource: string;
  readonly method: 'list' | 'get';
  readonly name?: string | undefined;
  readonly id?: string | number | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly depends_on?: string | undefined;
  readonly loop_on?: string | undefined;
  readonly persist?: boolean | undefined;
  readonly response_format?: string | undefined;
};

/** A call that can be made. */
type Call = Pick<Asked, 'resource' | 'method' | 'persist' | 'response_format'> & {
  readonly id?: string;
  readonly query?: Readonly<Record<string, unknown>>;
};

export type Answer = {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
  readonly bytes: number;
  /** Seconds; null where the answer says none. */
  readonly retryAfter: number | null;
};

/** Makes one call through the door, as the caller of the batch; null when there was no time for it. */
export type Get = (path: string, query: Readonly<Record<string, unknown>>) => Promise<Answer | null>;

type Reason = 'time' | 'calls' | 'rows' | 'bytes' | 'rate_limited' | 'dependency';

/** What was not done, as it is sent in another batch. */
type Unfinished = Partial<Asked> & { readonly because: Reason; readonly retry_after?: number };

export type Outcome = {
  readonly result: Readonly<Record<string, readonly unknown[]>>;
  readonly errors: Readonly<Record<string, readonly unknown[]>>;
  readonly is_partial_response?: true;
  readonly x_unfinished?: readonly Unfinished[];
};

export type Bounds = {
  readonly calls: number;
  readonly rows: number;
  readonly bytes: number;
  /** Whether there is time for one more call. */
  readonly hasTime: () => boolean;
};

const PAGE = 500;

/**
 * Makes calls one after another, each list page by page to its end, those that depend on others for each of their records. What a bound
 * keeps from being done is told in a form that can be sent again.
 * @param asked in an order in which everything comes after what it depends on, see `inOrder`
 */
export async function runBatch(
  asked: readonly Asked[],
  args: Readonly<Record<string, unknown>>,
  get: Get,
  bounds: Bounds,
): Promise<Outcome> {
  const records = new Map<string, unknown[]>();
  const result: Record<string, unknown[]> = {};
  const errors: Record<string, unknown[]> = {};
  const unfinished: Unfinished[] = [];
  const cut = new Set<string>();
  const used = { calls: 0, rows: 0, bytes: 0 };

  const spent = (): Reason | null => {
    if (!bounds.hasTime()) return 'time';
    if (used.calls >= bounds.calls) return 'calls';
    if (used.rows >= bounds.rows) return 'rows';
    return used.bytes >= bounds.bytes ? 'bytes' : null;
  };
  const take = (one: Asked, call: Call, rows: readonly unknown[], bytes: number): void => {
    used.rows += rows.length;
    used.bytes += bytes;
    for (const name of namesOf(one)) records.set(name, [...(records.get(name) ?? []), ...rows]);
    if (call.persist === false) return;
    result[call.resource] = [...(result[call.resource] ?? []), ...rows];
  };
  const fail = (call: Pick<Asked, 'resource' | 'id' | 'query'>, body: unknown): void => {
    const { resource, id, query } = call;
    const where = { resource, ...(id === undefined ? {} : { id }), ...(query === undefined ? {} : { query }) };
    errors[resource] = [...(errors[resource] ?? []), { ...where, ...(body as object) }];
  };

  /** @returns what is left of the call and why; null when it is done */
  const make = async (one: Asked, call: Call): Promise<Unfinished | null> => {
    let query = queryOf(call);
    for (;;) {
      const left = (because: Reason): Unfinished => ({
        ...call,
        ...(call.method === 'list' ? { query } : {}),
        because,
      });
      const why = spent();
      if (why !== null) return left(why);
      used.calls += 1;
      const answer = await get(pathOf(call), query);
      if (answer === null) return left('time');
      if (answer.status >= 400) {
        fail(call, answer.body);
        if (answer.status !== 429) return null;
        return { ...left('rate_limited'), ...(answer.retryAfter === null ? {} : { retry_after: answer.retryAfter }) };
      }
      take(one, call, rowsOf(call, answer.body), answer.bytes);
      const { next_cursor: next } = (answer.body ?? {}) as { next_cursor?: unknown };
      if (call.method !== 'list' || typeof next !== 'string' || next === '') return null;
      query = { ...query, next_cursor: next };
    }
  };

  for (const one of asked) {
    const calls = callsOf(one, args, records.get(one.depends_on ?? '') ?? [], (error) => fail(one, error));
    let because: Reason | null = null;
    for (const call of calls) {
      // One that was told to wait speaks for all of its kind.
      const left: Unfinished | null = because === 'rate_limited' ? { ...call, because } : await make(one, call);
      if (left === null) continue;
      unfinished.push(left);
      because = left.because;
    }
    const waits = one.depends_on !== undefined && cut.has(one.depends_on);
    // For the records that have not come yet.
    if (waits) unfinished.push({ ...one, because: 'dependency' });
    if (because !== null || waits) for (const name of namesOf(one)) cut.add(name);
  }
  for (const { resource, persist } of asked) if (persist !== false) result[resource] ??= [];
  return {
    result,
    errors,
    ...(unfinished.length === 0 ? {} : { is_partial_response: true as const, x_unfinished: unfinished }),
  };
}

/** What others call it in `depends_on`. */
const namesOf = ({ resource, name }: Asked): readonly string[] => (name === undefined ? [resource] : [resource, name]);

/**
 * Everything after what it depends on, else as it was.
 * @throws ForeknowError `invalid_request` for a dependency that is not there, or that depends on what depends on it
 */
export function inOrder(asked: readonly Asked[]): readonly Asked[] {
  const ordered: Asked[] = [];
  let waiting = asked.map((one, index) => ({ one, index }));
  const known = new Set(asked.flatMap(namesOf));
  while (waiting.length > 0) {
    const blocked = new Set(waiting.flatMap(({ one }) => namesOf(one)));
    const ready = waiting.filter(({ one }) => one.depends_on === undefined || !blocked.has(one.depends_on));
    const lost = waiting.find(({ one }) => one.depends_on !== undefined && !known.has(one.depends_on));
    const stuck = lost ?? (ready.length === 0 ? waiting[0] : undefined);
    if (stuck !== undefined) throw noSuchDependency(stuck.one.depends_on!, stuck.index, lost === undefined);
    ordered.push(...ready.map(({ one }) => one));
    waiting = waiting.filter((entry) => !ready.includes(entry));
  }
  return ordered;
}

const noSuchDependency = (name: string, index: number, isCircle: boolean): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: isCircle
      ? `resources[${index}] depends on what depends on it.`
      : `resources[${index}] depends on ${JSON.stringify(name.slice(0, 80))}, which is not in the batch.`,
    field: `resources[${index}].depends_on`,
  });

/** The calls that one entry stands for; those whose placeholders name nothing are told and left out. */
function callsOf(
  one: Asked,
  args: Readonly<Record<string, unknown>>,
  rows: readonly unknown[],
  tell: (error: object) => void,
): readonly Call[] {
  const { resource, method, persist, response_format } = one;
  const places: readonly Names[] =
    one.depends_on === undefined
      ? [{ args, row: null }]
      : rows.map((record) => ({ args, row: { of: one.depends_on!, record } }));
  const tellable = <T>(work: () => readonly T[]): readonly T[] => {
    try {
      return work();
    } catch (error) {
      if (!isForeknowError(error)) throw error;
      tell({
        statusCode: error.status,
        error: error.title,
        message: error.detail,
        details: { code: error.code, hint: error.hint },
      });
      return [];
    }
  };
  return places
    .flatMap((names) => tellable(() => loopsOf(one, names)))
    .flatMap((names) =>
      tellable(() => {
        const id = one.id === undefined ? undefined : String(filled(one.id, names));
        if (id !== undefined && /^\.{0,2}$/.test(id)) throw noId();
        const query = one.query === undefined ? undefined : (filled(one.query, names) as Call['query']);
        const call: Call = {
          ...{ resource, method },
          ...(id === undefined ? {} : { id }),
          ...(query === undefined ? {} : { query }),
          ...(persist === undefined ? {} : { persist }),
          ...(response_format === undefined ? {} : { response_format }),
        };
        return [call];
      }),
    );
}

const noId = (): ForeknowError =>
  new ForeknowError('invalid_request', { detail: 'The id names no record.', field: 'id' });

/** Once for each element of the argument that `loop_on` names: `{{args.user_ids}}`, `args.user_ids` or `user_ids`. */
function loopsOf({ loop_on: over }: Asked, names: Names): readonly Names[] {
  if (over === undefined || over === '') return [names];
  const path = over.replace(/^\{\{\s*|\s*\}\}$/g, '').replace(/^args\./, '');
  const elements = named(`args.${path}`, names);
  if (!Array.isArray(elements)) {
    throw new ForeknowError('invalid_request', { detail: `loop_on names ${JSON.stringify(path)}, which is no list.` });
  }
  return elements.map((element) => ({ ...names, args: { ...names.args, [path]: element } }));
}

const models = new Set(['user-directory', 'lms']);

/** `user-directory/users` is unified, anything else a path of KnowBe4’s own. */
function pathOf({ resource, id }: Call): string {
  const [model = ''] = resource.split('/');
  const root = models.has(model) ? '/unified' : '/proxy';
  return `${root}/${resource}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;
}

function queryOf({ method, query = {}, response_format: format }: Call): Readonly<Record<string, unknown>> {
  return {
    ...(method === 'list' && query.limit === undefined ? { limit: PAGE } : {}),
    ...(format === undefined ? {} : { truto_response_format: format }),
    ...query,
  };
}

function rowsOf({ method }: Call, body: unknown): readonly unknown[] {
  const { result } = (body ?? {}) as { result?: unknown };
  if (method === 'get' || result === undefined) return Array.isArray(body) ? body : [body];
  return Array.isArray(result) ? result : Object.values(result as object);
}
