import { ForeknowError } from '../../errors/errors.ts';
import { isObject } from '../../wire/reporting/read.ts';
import { createRawClient, type RawAnswer, type RawClientOptions } from '../raw.ts';

export type GraphqlRequest = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
};

export type GraphqlOptions = {
  /** How long everything may take, in ms. */
  readonly withinMs?: number;
  readonly signal?: AbortSignal;
  /** Whether the document only reads, so that it may be sent again after a failure. Default false. */
  readonly onlyReads?: boolean;
};

/** GraphQL of KnowBe4's products, for one account and one token. */
export type GraphqlClient = {
  /**
   * The `data` of an answer that holds no error anywhere.
   * @throws ForeknowError `remote_rejected` for errors at the top or inside a payload, both of which come with status 200; and
   *   what every client throws
   */
  run(request: GraphqlRequest, options?: GraphqlOptions): Promise<Readonly<Record<string, unknown>>>;
  /** The answer as it came, its errors too. */
  raw(request: GraphqlRequest, options?: GraphqlOptions): Promise<RawAnswer>;
};

/** @param options `baseUrl` is the whole address, see `graphqlUrl` */
export function createGraphqlClient(options: Omit<RawClientOptions, 'surface'>): GraphqlClient {
  const client = createRawClient({ ...options, surface: 'product' });
  const raw: GraphqlClient['raw'] = ({ query, variables, operationName }, { onlyReads = false, ...call } = {}) =>
    client({
      ...call,
      method: 'POST',
      path: '',
      body: JSON.stringify({ query, variables, operationName }),
      ...(onlyReads ? { tries: 3 } : {}),
    });
  return {
    raw,
    async run(request, call) {
      const answer = await raw(request, call);
      const text = new TextDecoder().decode(answer.body);
      const reasons = errorsIn(text);
      if ('data' in reasons) return reasons.data;
      throw new ForeknowError('remote_rejected', {
        detail: `KnowBe4 answered with errors: ${reasons.errors.slice(0, 3).join('; ').slice(0, 300)}.`,
        hint: 'The token may not read this, or the account has no such field: compare with the guide of the Product API.',
        remote: { status: answer.status, requestId: answer.headers.get('x-request-id'), body: text.slice(0, 4096) },
      });
    },
  };
}

type Outcome = { readonly data: Readonly<Record<string, unknown>> } | { readonly errors: readonly string[] };

function errorsIn(text: string): Outcome {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { errors: ['the answer is cut or damaged'] };
  }
  if (!isObject(body)) return { errors: ['the answer is no object'] };
  const top = Array.isArray(body.errors) ? body.errors.map(wordsOf) : [];
  if (top.length > 0 || !isObject(body.data)) return { errors: top.length > 0 ? top : ['there is no data'] };
  const inside = Object.entries(body.data).flatMap(([name, payload]) =>
    isObject(payload) && Array.isArray(payload.errors)
      ? payload.errors.map((error) => `${name}: ${wordsOf(error)}`)
      : [],
  );
  return inside.length > 0 ? { errors: inside } : { data: body.data };
}

/** Errors at the top have a `message`; those of a payload `field` and `reason`. */
function wordsOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  if (typeof error.message === 'string') return error.message;
  return [error.field, error.reason].filter((word) => typeof word === 'string').join(' ') || 'an error without words';
}
