import type { IncomingHttpHeaders } from 'node:http';
import { isRegion, type Region } from '../wire/regions.ts';
import type { AccountState } from './account.ts';
import type { Fault, FaultBook, FaultKind } from './faults.ts';
import { printJson } from './json.ts';
import { findPage, type Listing, type PageTweak } from './listing.ts';
import { type Answer, type DetailAnswer, type ListAnswer, type Route, routes } from './routes.ts';
import type { Switches } from './switches.ts';
import { instant } from './time.ts';
import { liveUntil } from './world/life.ts';
import { applyChange } from './world/mutate.ts';
import { isActive, nextByHand, settle, type World } from './world/state.ts';

/** One call of the Reporting API, as it came in. */
export type Incoming = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
};

/** What goes back. */
export type Reply = {
  readonly endpoint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the connection fails, if it does. */
  readonly cut?: boolean;
  /** Beyond the latency of every answer. */
  readonly delayMs?: number;
  /** A limit refused it. */
  readonly overLimit?: boolean;
};

export type Service = {
  readonly accounts: readonly AccountState[];
  /** What is done for calls whose account is not known. */
  readonly switches: Switches;
  readonly home: Region;
  readonly faults: FaultBook;
  now(): number;
};

/** Answers one call. Pure apart from the account's limits, the faults' counters and the worlds' lives. */
export function serve(service: Service, incoming: Incoming): Reply {
  const [pathname = '', search = ''] = incoming.target.split('?', 2);
  const { region, path } = splitRegion(pathname, service.home);
  const route = incoming.method === 'GET' ? routes.find((one) => one.pattern.test(path)) : undefined;
  const endpoint = route?.endpoint ?? 'unknown';
  const fail = (status: number, text: string, headers: Record<string, string> = {}) =>
    failure(service.switches, endpoint, status, text, { ...headers });
  if (!route) return fail(404, 'Not Found');
  const account = accountOf(service, incoming.headers.authorization);
  if (!account) return refuseToken(service.switches, endpoint);
  if (account.region !== region) return refuseRegion(service.switches, endpoint);
  if (!acceptsJson(incoming.headers.accept)) return fail(406, 'Not Acceptable');
  const now = service.now();
  const limited = checkLimits(account, now, endpoint);
  if (limited.refused) return limited.refused;
  liveUntil(account.world, now);
  const fault = service.faults.meet(endpoint, incoming.target, now);
  const reply = faulty(account, endpoint, fault) ?? answer(account, route, path, new URLSearchParams(search), fault);
  return finish({ ...reply, headers: { ...limited.headers, ...reply.headers } }, fault);
}

/** `/eu/v1/users` is the same server as region eu; without a region it is the first account's. */
function splitRegion(pathname: string, home: Region): { region: Region; path: string } {
  const [, first = '', rest] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  return rest !== undefined && isRegion(first) ? { region: first, path: rest } : { region: home, path: pathname };
}

function accountOf({ accounts }: Service, authorization: string | undefined): AccountState | undefined {
  const token = /^Bearer ([^\s]+)$/.exec(authorization ?? '')?.[1];
  return accounts.find((account) => account.token === token && !account.isDisabled);
}

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || /(^|[,\s])(\*\/\*|application\/\*|application\/json)/.test(accept);

/** The same for a missing, malformed, unknown or disabled token. */
function refuseToken(switches: Switches, endpoint: string): Reply {
  if (switches.badToken === '401') return failure(switches, endpoint, 401, 'Unauthorized');
  return ok(endpoint, { message: 'Invalid Token' });
}

function refuseRegion(switches: Switches, endpoint: string): Reply {
  if (switches.wrongRegion === '401') return refuseToken(switches, endpoint);
  if (switches.wrongRegion === '404') return failure(switches, endpoint, 404, 'Not Found');
  return ok(endpoint, []);
}

type Limited = { refused: Reply | null; headers: Record<string, string> };

function checkLimits({ limiter, switches }: AccountState, now: number, endpoint: string): Limited {
  const verdict = limiter?.take(now) ?? { allowed: true as const, remaining: 0 };
  const headers: Record<string, string> = {};
  const counts = limiter && (switches.limitHeaders === 'X-RateLimit' || switches.limitHeaders === 'both');
  if (counts) headers['X-RateLimit-Remaining'] = String(verdict.allowed ? verdict.remaining : 0);
  if (verdict.allowed) return { refused: null, headers };
  if (switches.limitHeaders === 'Retry-After' || switches.limitHeaders === 'both') {
    headers['Retry-After'] = String(Math.ceil(verdict.retryAfterMs / 1000));
  }
  const refused = failure(switches, endpoint, 429, 'Rate limit exceeded', headers);
  return { refused: { ...refused, overLimit: true }, headers };
}

type Spoiled = (switches: Switches, endpoint: string, fault: Fault) => Reply;

/** Faults that replace the answer. */
const spoiled: Partial<Record<FaultKind, Spoiled>> = {
  'rate-limited': (switches, endpoint, { retryAfterS }) =>
    failure(switches, endpoint, 429, 'Rate limit exceeded', {
      ...(retryAfterS !== undefined && { 'Retry-After': String(retryAfterS) }),
    }),
  'server-error': (switches, endpoint) => failure(switches, endpoint, 500, 'Internal Server Error'),
  maintenance: (switches, endpoint) => failure(switches, endpoint, 503, 'Service Unavailable'),
  'html-error': (switches, endpoint) => failure({ ...switches, errorBody: 'html' }, endpoint, 502, 'Bad Gateway'),
  'html-body': (_, endpoint) => ({
    ...ok(endpoint, null),
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n',
  }),
  'error-body-200': (_, endpoint) => ok(endpoint, { message: 'Something went wrong' }),
  'empty-body': (_, endpoint) => ({ ...ok(endpoint, null), body: '' }),
  'token-disabled': refuseToken,
};

function faulty({ switches }: AccountState, endpoint: string, fault: Fault | null): Reply | null {
  return (fault && spoiled[fault.kind]?.(switches, endpoint, fault)) ?? null;
}

function answer(account: AccountState, route: Route, path: string, query: URLSearchParams, fault: Fault | null): Reply {
  const { world, switches, spelling } = account;
  if (fault?.kind === 'row-deleted') deleteEarly(world);
  if (fault?.kind === 'row-inserted') change(world, { kind: 'add-user', early: true });
  const ids = (route.pattern.exec(path) ?? []).slice(1).map(Number);
  const answered = route.answer({ world, switches, spelling, query, ids });
  const found = fault?.kind === 'empty-account' ? emptied(answered) : answered;
  if ('list' in found) return page(account, route, found, path, query, fault);
  if ('notFound' in found) return failure(switches, route.endpoint, 404, 'Not Found');
  if ('broken' in found) return failure(switches, route.endpoint, 500, 'Internal Server Error');
  return ok(route.endpoint, 'value' in found ? found.value : detail(found, switches));
}

/** Of an account that is empty for a while nothing is left but what it says of itself. */
const emptied = (answer: Answer): Answer =>
  'value' in answer ? answer : 'list' in answer ? nothing : { notFound: true };

const nothing: Answer = { list: { count: 0, id: () => 0, row: () => null } };

function detail(found: DetailAnswer, { detailShape }: Switches): unknown {
  const wrapped =
    detailShape === 'mixed'
      ? found.id % 2 === 1
      : detailShape === 'documented'
        ? found.phishing
        : detailShape === 'array';
  return wrapped ? [found.detail] : found.detail;
}

function page(
  account: AccountState,
  { endpoint }: Route,
  { list: whole, most }: ListAnswer,
  path: string,
  query: URLSearchParams,
  fault: Fault | null,
): Reply {
  const { world, switches } = account;
  const list = spoiledList(whole, fault);
  if (fault?.kind === 'page-retired' && query.has('page') && !query.has('cursor')) {
    return failure(switches, endpoint, 400, 'page is no longer supported');
  }
  const request = {
    query: withoutPage(query, fault),
    key: keyOf(path, query),
    isEnrollments: endpoint === 'enrollments',
    most: fault?.kind === 'half-page' ? halfOf(most ?? switches.maxPerPage) : (most ?? switches.maxPerPage),
  };
  const found = findPage(list, request, switches, tweakOf(fault));
  if ('refused' in found) return failure(switches, endpoint, 400, found.refused);
  const rows: unknown[] = [];
  for (let place = found.from; place < found.to; place += 1) rows.push(list.row(place));
  if (fault?.kind === 'rows-missing') rows.splice(0, fault.rows ?? 1);
  if (fault?.kind === 'bad-row' && rows.length > 0) rows[rows.length >> 1] = {};
  const sent = query.get('cursor');
  const next = fault?.kind === 'cursor-loop' && sent !== null && sent !== 'true' && sent !== '0' ? sent : found.next;
  if (switches.mutateDuringPagination && found.to < list.count) stir(world);
  return {
    ...ok(endpoint, rows),
    headers: { ...jsonType, ...cursorHeaders(next, found.offersCursor, path, query, switches) },
  };
}

const halfOf = (rows: number): number => Math.max(1, rows >> 1);

/** What a fault makes of a list as a whole. */
function spoiledList(list: Listing, fault: Fault | null): Listing {
  if (fault?.kind === 'empty-list') return { ...list, count: Math.min(list.count, fault.rows ?? 0) };
  if (fault?.kind !== 'rows-reordered') return list;
  return { ...list, row: (place) => list.row(list.count - 1 - place) };
}

const tweakOf = (fault: Fault | null): PageTweak => ({
  shift: fault?.kind === 'row-duplicated' ? -(fault.rows ?? 1) : fault?.kind === 'row-skipped' ? (fault.rows ?? 1) : 0,
  fromStart: fault?.kind === 'repeated-page',
});

function withoutPage(query: URLSearchParams, fault: Fault | null): URLSearchParams {
  if (fault?.kind !== 'page-ignored') return query;
  const copy = new URLSearchParams(query);
  copy.delete('page');
  return copy;
}

/** A cursor belongs to the path and the filters it was given for. */
function keyOf(path: string, query: URLSearchParams): string {
  const filters = [...query].filter(([name]) => name !== 'cursor' && name !== 'page' && name !== 'per_page');
  return `${path}?${filters
    .map((pair) => pair.join('='))
    .sort()
    .join('&')}`;
}

function cursorHeaders(
  next: string | null,
  offered: boolean,
  path: string,
  query: URLSearchParams,
  { cursorCarrier, cursorEnd }: Switches,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!offered) return headers;
  if (cursorCarrier !== 'Link' && (next !== null || cursorEnd === 'empty')) headers['X-Next-Cursor'] = next ?? '';
  if (cursorCarrier !== 'X-Next-Cursor' && next !== null) {
    const following = new URLSearchParams(query);
    following.set('cursor', next);
    headers.Link = `<${path}?${following}>; rel="next"`;
  }
  return headers;
}

/** Makes a change by hand, outside of any step. */
export function change(world: World, what: Parameters<typeof applyChange>[1]): number {
  const id = applyChange(world, what, nextByHand(world));
  settle(world);
  return id;
}

function deleteEarly(world: World): void {
  const first = world.people.find(isActive);
  if (first) change(world, { kind: 'delete-user', user: first.user.id });
}

/** Somebody near the front is deleted, somebody else joins at the end. */
function stir(world: World): void {
  deleteEarly(world);
  change(world, { kind: 'add-user' });
}

const jsonType = { 'Content-Type': 'application/json; charset=utf-8' };

const ok = (endpoint: string, value: unknown): Reply => ({
  endpoint,
  status: 200,
  headers: jsonType,
  body: printJson(value),
});

/** An error, with the body that the switches ask for: none is documented and no recording of one is known. */
function failure(
  { errorBody }: Switches,
  endpoint: string,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Reply {
  if (errorBody === 'html') {
    const body = `<!DOCTYPE html>\n<html><head><title>${status} ${text}</title></head><body><h1>${text}</h1></body></html>\n`;
    return { endpoint, status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body };
  }
  const value = {
    error: { error: text },
    'error+message': { error: text, message: `${status} ${text}` },
    errors: { errors: [{ status, title: text }] },
  };
  const body = errorBody === 'empty' ? '' : printJson(value[errorBody]);
  return { endpoint, status, headers: { ...jsonType, ...headers }, body };
}

/** Faults that spoil an answer on its way out. */
function finish(reply: Reply, fault: Fault | null): Reply {
  if (fault?.kind === 'cut-connection') return { ...reply, cut: true };
  if (fault?.kind === 'truncated-json') return { ...reply, body: reply.body.slice(0, reply.body.length >> 1) };
  if (fault?.kind === 'slow') return { ...reply, delayMs: fault.delayMs ?? 2000 };
  return reply;
}

export const recentOf = (reply: Reply, target: string, now: number) => ({
  at: instant(now),
  endpoint: reply.endpoint,
  path: target,
  status: reply.status,
});
