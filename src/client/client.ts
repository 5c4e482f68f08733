import { ForeknowError } from '../errors/errors.ts';
import { sleep as realSleep, type Sleep } from '../lib/sleep.ts';
import { type Limits, safeLimits } from '../wire/limits.ts';
import { isRegion, type Region, regions, reportingUrl } from '../wire/regions.ts';
import type { Pagination } from './pagination.ts';
import type { CallOptions, Get } from './read-list.ts';
import { type AccountApi, accountApi } from './reporting/account.ts';
import type { ApiDeps } from './reporting/api.ts';
import { type GroupsApi, groupsApi } from './reporting/groups.ts';
import { type PhishingApi, phishingApi } from './reporting/phishing.ts';
import { type TrainingApi, trainingApi } from './reporting/training.ts';
import { type UsersApi, usersApi } from './reporting/users.ts';
import { withDecoding } from './transport/decode.ts';
import { createLimiter, type Limiter } from './transport/limiter.ts';
import { defaultRetry, type RetryOptions, withRetry } from './transport/retry.ts';
import { sendWith } from './transport/send.ts';
import { withThrottle } from './transport/throttle.ts';
import { checkedToken, withToken } from './transport/token.ts';
import type { CallKind, Fetch, RequestEvent, Send } from './transport/types.ts';

export type ReportingClientOptions = {
  readonly region: Region;
  /** A Reporting API token. It goes into the request header and nowhere else. */
  readonly token: string;
  /** Another address than KnowBe4's, without `/v1`: a test double, a proxy. */
  readonly baseUrl?: string;
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  /** The account's limiter, shared by all clients of the account. Default: one of this client's own, see `limits`. */
  readonly limiter?: Limiter;
  /** For the client's own limiter; default `safeLimits(0)`, since the number of seats is not known here. */
  readonly limits?: Limits | 'none';
  readonly retry?: Partial<RetryOptions>;
  /** Default `auto`: asks for cursors, falls back to pages. */
  readonly pagination?: Pagination;
  /** Default of all calls; `interactive` unless told otherwise. */
  readonly kind?: CallKind;
  /** Default of all calls, in ms: no single wait is longer. Absent = as long as it takes. */
  readonly maxWaitMs?: number;
  /** For one request with its whole answer, in ms; default 60,000. */
  readonly timeoutMs?: number;
  /** Cancels everything the client does. */
  readonly signal?: AbortSignal;
  readonly userAgent?: string;
  readonly onRequest?: (event: RequestEvent) => void;
  /** ms; default: the system clock. */
  readonly now?: () => number;
  readonly sleep?: Sleep;
  readonly random?: () => number;
};

/** The Reporting API of one account: read only, all 24 endpoints. */
export type ReportingClient = {
  readonly region: Region;
  readonly limiter: Limiter;
  readonly account: AccountApi;
  readonly users: UsersApi;
  readonly groups: GroupsApi;
  readonly phishing: PhishingApi;
  readonly training: TrainingApi;
};

export const noLimits: Limits = { perSecond: Infinity, perMinute: Infinity, perDay: Infinity };

/**
 * @throws ForeknowError `invalid_request` for options that cannot work; nothing is sent before the first call
 */
export function createReportingClient(options: ReportingClientOptions): ReportingClient {
  const { now = Date.now, sleep = realSleep, random = Math.random } = options;
  const limits = options.limits === 'none' ? noLimits : (options.limits ?? safeLimits(0));
  const limiter = options.limiter ?? createLimiter({ limits, now, sleep, random });
  const api: ApiDeps = {
    get: getter(options, transport(options, limiter, { now, sleep, random })),
    pagination: options.pagination ?? 'auto',
    dialect: { start: null, cursorsSpoken: new Set() },
    now,
  };
  return {
    region: options.region,
    limiter,
    account: accountApi(api),
    users: usersApi(api),
    groups: groupsApi(api),
    phishing: phishingApi(api),
    training: trainingApi(api),
  };
}

/** From the outside in: try again, take a turn, understand the answer, show the token, send. */
function transport(
  options: ReportingClientOptions,
  limiter: Limiter,
  time: { readonly now: () => number; readonly sleep: Sleep; readonly random: () => number },
): Send {
  const token = checkedToken(options.token);
  const send = sendWith({
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutMs: options.timeoutMs ?? 60_000,
    now: time.now,
    onRequest: options.onRequest,
  });
  const decoded = withDecoding({ token, region: options.region, now: time.now })(withToken(token)(send));
  return withRetry({ ...time, retry: { ...defaultRetry, ...options.retry } })(withThrottle(limiter)(decoded));
}

function getter(options: ReportingClientOptions, send: Send): Get {
  const base = baseOf(options);
  const headers = {
    accept: 'application/json',
    ...(options.userAgent === undefined ? {} : { 'user-agent': options.userAgent }),
  };
  return (call, own: CallOptions) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query)) if (value !== undefined) query.set(name, value);
    const search = query.size === 0 ? '' : `?${query}`;
    return send({
      url: `${base}${call.path}${search}`,
      headers,
      endpoint: call.endpoint,
      kind: own.kind ?? options.kind ?? 'interactive',
      maxWaitMs: own.maxWaitMs ?? options.maxWaitMs ?? Infinity,
      ...(call.tries === undefined ? {} : { tries: call.tries }),
      signal: eitherSignal(own.signal, options.signal),
      onSent: call.onSent ?? (() => undefined),
      ...(call.whenWanted === undefined ? {} : { whenWanted: call.whenWanted }),
    });
  };
}

function baseOf({ region, baseUrl }: ReportingClientOptions): string {
  if (!isRegion(region)) {
    throw new ForeknowError('invalid_request', {
      detail: `There is no region "${String(region)}".`,
      hint: `Regions: ${regions.join(', ')}.`,
      field: 'region',
    });
  }
  if (baseUrl === undefined) return reportingUrl(region);
  if (URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)) return baseUrl.replace(/(?:\/v1)?\/*$/, '');
  throw new ForeknowError('invalid_request', { detail: 'The base URL is not an http(s) address.', field: 'baseUrl' });
}

function eitherSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return AbortSignal.any([one, other]);
}
