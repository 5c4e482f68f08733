import type { Limiter } from './transport/limiter.ts';
import { eitherSignal } from './transport/signal.ts';
import type { SurfaceName } from './transport/surface.ts';
import { checkedBase, type TransportOptions, transportOf } from './transport/transport.ts';
import type { CallKind, Method } from './transport/types.ts';

export type RawClientOptions = TransportOptions & {
  /** What is asked: it decides how refusals look and are worded. */
  readonly surface: SurfaceName;
  /** What paths are below: `https://eu.api.knowbe4.com/v1`. */
  readonly baseUrl: string;
  /** For the words of a refusal; null where the address does not follow from a region. */
  readonly region: string | null;
  /** The account's, shared by all clients of the account. */
  readonly limiter: Limiter;
  readonly userAgent?: string;
  /** Cancels everything the client does. */
  readonly signal?: AbortSignal;
};

export type RawCall = {
  /** Default `GET`. */
  readonly method?: Method;
  /** Below the base address: empty, or with a slash at its start. Sent as it is: whoever takes it from others checks it. */
  readonly path: string;
  /** Without the question mark; sent as it is. */
  readonly query?: string;
  /** JSON. */
  readonly body?: string;
  readonly accept?: string;
  /** Of the body; default `application/json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `interactive`. */
  readonly kind?: CallKind;
  /** How long everything may take, waits and tries together, in ms. */
  readonly withinMs?: number;
  /** Tries in all. Default: 3 for `GET`, else 1: what changes something could be done twice. */
  readonly tries?: number;
  readonly signal?: AbortSignal;
  /** Called before each request that really goes out. */
  readonly onSent?: () => void;
};

/** An answer with a status from 200 to 299, as it came. */
export type RawAnswer = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
};

/**
 * Asks whatever path it is told, through the same limits, tries and time-outs as every other call.
 * @throws ForeknowError as every client does: what KnowBe4 refused has its answer in `remote`
 */
export type RawClient = (call: RawCall) => Promise<RawAnswer>;

const READ_TRIES = 3;

export function createRawClient(options: RawClientOptions): RawClient {
  const { surface, region, limiter, now = Date.now } = options;
  const base = checkedBase(options.baseUrl, 'baseUrl');
  const send = transportOf(options, { surface, region, limiter, read: 'bytes' });
  const agent = options.userAgent === undefined ? null : { 'user-agent': options.userAgent };
  return async (call) => {
    const { method = 'GET', path, query = '', body, withinMs } = call;
    const {
      status,
      headers,
      body: bytes,
    } = await send({
      url: `${base}${path}${query === '' ? '' : `?${query}`}`,
      method,
      headers: {
        accept: call.accept ?? 'application/json',
        ...(body === undefined ? null : { 'content-type': call.contentType ?? 'application/json' }),
        ...call.headers,
        ...agent,
      },
      ...(body === undefined ? {} : { body }),
      endpoint: endpointOf(surface, path),
      kind: call.kind ?? 'interactive',
      maxWaitMs: withinMs ?? Infinity,
      ...(withinMs === undefined ? {} : { deadline: now() + withinMs }),
      tries: call.tries ?? (method === 'GET' ? READ_TRIES : 1),
      signal: eitherSignal(call.signal, options.signal),
      onSent: call.onSent ?? (() => undefined),
    });
    return { status, headers, body: bytes as Uint8Array };
  };
}

/** Words that are told in counters as they are: everything else may be anybody's. */
const knownSegments = new Set([
  ...['account', 'risk_score_history', 'users', 'groups', 'members', 'phishing', 'campaigns', 'security_tests'],
  ...['recipients', 'training', 'store_purchases', 'policies', 'enrollments', 'events', 'event_types', 'statuses'],
  ...['Users', 'Groups', 'ServiceProviderConfig', 'ResourceTypes', 'Schemas', ''],
]);

const bases: Readonly<Record<SurfaceName, string>> = {
  reporting: '/v1',
  events: '',
  product: '/graphql',
  scim: '/scim',
};

/** `/v1/users/{id}`: few enough of them to count by. */
const endpointOf = (surface: SurfaceName, path: string): string =>
  bases[surface] +
  path
    .split('/')
    .map((segment) => (knownSegments.has(segment) ? segment : /\d/.test(segment) ? '{id}' : '{other}'))
    .join('/');
