import type { Region } from '../../wire/regions.ts';
import type { AccountState } from '../account.ts';
import { pass, type Service, type Voice } from '../gate.ts';
import { type Incoming, json, ok, type Reply } from '../reply.ts';
import type { Switches } from '../switches.ts';
import { readPayload } from './payload.ts';
import { listEvents, listStatuses } from './query.ts';
import { bringUp, type EventState, eventRow, removeEvent, take } from './state.ts';

/** Where the User Event API answers: it has a host of its own, the emulator a prefix. */
export const EVENTS_PATH = '/user-events';

type Asked = { readonly region: Region; readonly path: string; readonly query: URLSearchParams };

type Call = {
  readonly state: EventState;
  readonly account: AccountState;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The id in the path. */
  readonly id: string;
  readonly now: number;
};

type Route = {
  readonly endpoint: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: (call: Call) => Reply;
};

const route = (endpoint: string, method: string, path: string, answer: Route['answer']): Route => ({
  endpoint,
  method,
  pattern: new RegExp(`^${EVENTS_PATH}/${path.replace(':id', '([^/]+)')}$`),
  answer,
});

/** All paths. Source: the calls and fixtures of public clients; the service's own pages were not to be had. */
const routes: readonly Route[] = [
  route('events', 'GET', 'events', ({ state, query }) => ok('events', listEvents(state, query))),
  route('event', 'GET', 'events/:id', ({ state, id }) => {
    const event = state.stored.find((one) => one.id === id);
    return event ? ok('event', { data: eventRow(state, event) }) : notFound('event');
  }),
  route('event_create', 'POST', 'events', ({ state, account, body, now }) => {
    const read = readPayload(body);
    if ('wrong' in read) return json('event_create', 400, { message: read.wrong });
    return json('event_create', 201, { data: { id: take(state, account.world, read.payload, now) } });
  }),
  route('event_delete', 'DELETE', 'events/:id', ({ state, id }) =>
    removeEvent(state, id)
      ? { endpoint: 'event_delete', status: 204, headers: {}, body: '' }
      : notFound('event_delete'),
  ),
  route('event_types', 'GET', 'event_types', ({ state, query }) => {
    const name = query.get('name');
    const data = name ? state.types.filter((type) => type.name === name) : state.types;
    return ok('event_types', { data, meta: { count: data.length } });
  }),
  route('event_type', 'GET', 'event_types/:id', ({ state, id }) => {
    const data = state.types.find((type) => String(type.id) === id);
    return data ? ok('event_type', { data }) : notFound('event_type');
  }),
  route('statuses', 'GET', 'statuses', ({ state, query }) => ok('statuses', { data: listStatuses(state, query) })),
  route('status', 'GET', 'statuses/:id', ({ state, id }) => {
    const data = state.sent.find(({ status }) => status.id === id)?.status;
    return data ? ok('status', { data }) : notFound('status');
  }),
];

const notFound = (endpoint: string): Reply => json(endpoint, 404, { message: 'Not Found' });

/** Answers one call of the User Event API. */
export function serveEvents(service: Service, incoming: Incoming, { region, path, query }: Asked): Reply {
  const found = routes.find(({ method, pattern }) => method === incoming.method && pattern.test(path));
  if (!found) return notFound('unknown');
  const { endpoint, pattern } = found;
  return pass(service, incoming, { surface: 'events', endpoint, region, voice }, (account, _, now) => {
    const state = account.events;
    bringUp(state, account.world, now, account.switches.eventsDelayMs);
    const id = decoded(pattern.exec(path)?.[1] ?? '');
    return found.answer({ state, account, query, body: incoming.body ?? '', id, now });
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const voice = (switches: Switches, endpoint: string): Voice => {
  const fail: Voice['fail'] = (status, text, headers) => json(endpoint, status, { message: text }, headers);
  const refuseKey = () =>
    switches.badEventsKey === '500' ? fail(500, 'Internal Server Error') : fail(401, 'Unauthorized');
  return {
    fail,
    refuseKey,
    refuseRegion: refuseKey,
    overLimit: (headers) => fail(429, 'Limit Exceeded', headers),
    errorWith200: () => fail(200, 'Something went wrong'),
  };
};
