import { printJson } from '../wire/reporting/print-json.ts';
import type { AccountState } from './account.ts';
import { EVENTS_PATH, serveEvents } from './events/serve-events.ts';
import type { Fault } from './faults.ts';
import { pass, type Service, splitRegion, type Voice } from './gate.ts';
import { findPage, type Listing, type PageTweak } from './listing.ts';
import { html, type Incoming, jsonType, ok, type Reply } from './reply.ts';
import { type Answer, type DetailAnswer, type ListAnswer, type Route, routes } from './routes.ts';
import { SCIM_PATH, serveScim } from './scim/serve-scim.ts';
import type { Switches } from './switches.ts';
import { instant } from './time.ts';
import { changeByHand } from './world/mutate.ts';
import { isActive, type World } from './world/state.ts';

/** Answers one call. Pure apart from the account's limits and state, the faults' counters and the worlds' lives. */
export function serve(service: Service, incoming: Incoming): Reply {
  const [pathname = '', search = ''] = incoming.target.split('?', 2);
  const { region, path } = splitRegion(pathname, service.home);
  const query = new URLSearchParams(search);
  if (path.startsWith(`${EVENTS_PATH}/`)) return serveEvents(service, incoming, { region, path, query });
  if (path.startsWith(`${SCIM_PATH}/`)) return serveScim(service, incoming, { region, path, query });
  const route = incoming.method === 'GET' ? routes.find((one) => one.pattern.test(path)) : undefined;
  if (!route) return failure(service.switches, 'unknown', 404, 'Not Found');
  const { endpoint } = route;
  return pass(
    service,
    incoming,
    { surface: 'reporting', endpoint, region, voice: reportingVoice, jsonAlone: true },
    (account, fault) => answer(account, route, path, query, fault),
  );
}

const reportingVoice = (switches: Switches, endpoint: string): Voice => {
  const fail: Voice['fail'] = (status, text, headers = {}) => failure(switches, endpoint, status, text, { ...headers });
  const refuseKey = () =>
    switches.badToken === '401' ? fail(401, 'Unauthorized') : ok(endpoint, { message: 'Invalid Token' });
  return {
    fail,
    refuseKey,
    refuseRegion() {
      if (switches.wrongRegion === '401') return refuseKey();
      return switches.wrongRegion === '404' ? fail(404, 'Not Found') : ok(endpoint, []);
    },
    overLimit: (headers) => fail(429, 'Rate limit exceeded', headers),
    errorWith200: () => ok(endpoint, { message: 'Something went wrong' }),
  };
};

function answer(account: AccountState, route: Route, path: string, query: URLSearchParams, fault: Fault | null): Reply {
  const { world, switches, spelling } = account;
  if (fault?.kind === 'row-deleted') deleteEarly(world);
  if (fault?.kind === 'row-inserted') changeByHand(world, { kind: 'add-user', early: true });
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
    most:
      fault?.kind === 'half-page' ? (fault.rows ?? halfOf(most ?? switches.maxPerPage)) : (most ?? switches.maxPerPage),
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

function deleteEarly(world: World): void {
  const first = world.people.find(isActive);
  if (first) changeByHand(world, { kind: 'delete-user', user: first.user.id });
}

/** Somebody near the front is deleted, somebody else joins at the end. */
function stir(world: World): void {
  deleteEarly(world);
  changeByHand(world, { kind: 'add-user' });
}

/** An error, with the body that the switches ask for: none is documented and no recording of one is known. */
function failure(
  { errorBody }: Switches,
  endpoint: string,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Reply {
  if (errorBody === 'html') return html(endpoint, status, text, headers);
  const value = {
    error: { error: text },
    'error+message': { error: text, message: `${status} ${text}` },
    errors: { errors: [{ status, title: text }] },
  };
  const body = errorBody === 'empty' ? '' : printJson(value[errorBody]);
  return { endpoint, status, headers: { ...jsonType, ...headers }, body };
}

export const recentOf = (reply: Reply, target: string, now: number) => ({
  at: instant(now),
  endpoint: reply.endpoint,
  path: target,
  status: reply.status,
});
