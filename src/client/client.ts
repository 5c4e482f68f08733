import { ForeknowError } from '../errors/errors.ts';
import { sleep as realSleep } from '../lib/sleep.ts';
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
import { createLimiter, type Limiter } from './transport/limiter.ts';
import { eitherSignal } from './transport/signal.ts';
import { checkedBase, type TransportOptions, transportOf } from './transport/transport.ts';
import type { CallKind, Send } from './transport/types.ts';

export type ReportingClientOptions = TransportOptions & {
  readonly region: Region;
  /** Another address than KnowBe4's, without `/v1`: a test double, a proxy. */
  readonly baseUrl?: string;
  /** The account's limiter, shared by all clients of the account. Default: one of this client's own, see `limits`. */
  readonly limiter?: Limiter;
  /** For the client's own limiter; default `safeLimits(0)`, since the number of seats is not known here. */
  readonly limits?: Limits | 'none';
  /** Default `auto`: asks for cursors, falls back to pages. */
  readonly pagination?: Pagination;
  /** Default of all calls; `interactive` unless told otherwise. */
  readonly kind?: CallKind;
  /** Default of all calls, in ms: no single wait is longer. Absent = as long as it takes. */
  readonly maxWaitMs?: number;
  /** Cancels everything the client does. */
  readonly signal?: AbortSignal;
  readonly userAgent?: string;
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
    get: getter(options, transportOf(options, { surface: 'reporting', region: options.region, limiter, read: 'json' })),
    pagination: options.pagination ?? 'auto',
    dialect: { start: null, cursorsSpoken: new Set(), pageSizes: new Map() },
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
  return checkedBase(baseUrl, 'baseUrl').replace(/\/v1$/, '');
}
