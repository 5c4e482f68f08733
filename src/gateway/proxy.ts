import type { GraphqlClient, Limiter, Method, Position, RawAnswer, RawClient, Window } from '../client/index.ts';
import { listStarts } from '../client/pagination.ts';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { emptyEnvelope, namesNext, wrapEvents, wrapRows } from '../proxy/envelope.ts';
import { judgeGraphql } from '../proxy/graphql.ts';
import { type Place, perPageOf, placeIn, positionQuery, readCursor } from '../proxy/pages.ts';
import { eventsPath, isId, safePath } from '../proxy/path.ts';
import { remoteQuery } from '../proxy/query.ts';
import { refuseUnready } from './syncing.ts';

export type ProxyCall = {
  /** It is read again, so that a key goes where it belongs now. */
  readonly connection: Connection;
  readonly method: Method;
  /** What follows the prefix, as it was written. */
  readonly path: string;
  /** The whole query, as it was written, without its question mark. */
  readonly query: string;
  /** Parsed JSON; undefined without one. */
  readonly body?: unknown;
  /** Whether the caller may change something, where the operator lets anybody. */
  readonly mayWrite: boolean;
  readonly signal?: AbortSignal;
};

export type ProxyAnswer = {
  readonly status: number;
  /** JSON as KnowBe4 sent it, or a list in Truto's envelope; empty without a body. */
  readonly body: Uint8Array;
  /** For the support of KnowBe4. */
  readonly remoteRequestId: string | null;
  /** Of the budget that was spent; null without limits. */
  readonly window: Window | null;
};

export type ProxySurface = 'reporting' | 'events' | 'product';

/** Calls of KnowBe4's own APIs, one to one, within the budget of the account. */
export type ProxyUseCases = {
  /** `/users/12345` of the Reporting API. */
  reporting(call: ProxyCall): Promise<ProxyAnswer>;
  /** `/events`, `/event_types`, `/statuses` of the User Event API. */
  events(call: ProxyCall): Promise<ProxyAnswer>;
  graphql(call: Pick<ProxyCall, 'connection' | 'body' | 'mayWrite' | 'signal'>): Promise<ProxyAnswer>;
  /** What is left of an API's budget, for an answer that is an error. */
  window(connection: Connection, surface: ProxySurface): Promise<Window | null>;
  /** Whether the operator lets anybody change something. */
  readonly writes: boolean;
};

/** Clients for a connection, with its key opened; throws `not_found` where it holds none. */
export type ProxyClients = {
  /** A connection as it is now; throws `not_found`. */
  current(connection: Connection): Promise<Connection>;
  reporting(connection: Connection): Promise<RawClient>;
  events(connection: Connection): Promise<RawClient>;
  product(connection: Connection): Promise<GraphqlClient>;
  limiter(connection: Connection, surface: ProxySurface): Promise<Limiter>;
};

type Deps = {
  readonly clients: ProxyClients;
  readonly noteFailure: (connectionId: string, error: unknown) => Promise<void>;
  /** Whether the operator lets anybody change something. */
  readonly writes: boolean;
};

/** Clients give up after 30 s: what takes longer is told as an error that says when to come back. */
const WITHIN_MS = 25_000;

export function createProxy({ clients, noteFailure, writes }: Deps): ProxyUseCases {
  const { current } = clients;
  /** How lists of a connection may be begun, once one way was rejected. */
  const starts = new Map<string, Position>();
  const window: ProxyUseCases['window'] = async (connection, surface) =>
    (await clients.limiter(connection, surface)).window();

  const answered = async (connection: Connection, surface: ProxySurface, got: RawAnswer, body = got.body) => ({
    status: got.status,
    body,
    remoteRequestId: got.headers.get('x-request-id'),
    window: await window(connection, surface),
  });

  const startsOf = ({ id, settings }: Connection): readonly Position[] => {
    const usual = listStarts[settings.pagination ?? 'auto'];
    const known = starts.get(id);
    return known === undefined ? usual : [known, ...usual.filter((start) => start !== known)];
  };

  /** A page of a list, begun in another way where KnowBe4 rejects one. */
  const readPage = async (
    { connection, query }: ProxyCall,
    list: ListOf,
    send: (query: URLSearchParams) => Promise<RawAnswer>,
  ): Promise<{ readonly got: RawAnswer; readonly body: Uint8Array }> => {
    const own = new URLSearchParams(query);
    const sent = remoteQuery(query);
    const perPage = Math.min(perPageOf(own.get('limit'), sent.get('per_page')), list.mostPerPage);
    const named = readCursor(own.get('next_cursor')) ?? placeIn(sent, perPage);
    for (const name of ['page', 'cursor', 'per_page']) sent.delete(name);
    const places = named === null ? list.starts.map((at): Place => ({ at, perPage, before: null })) : [named];
    const ask = (place: Place): Promise<RawAnswer> => {
      const asked = new URLSearchParams(sent);
      if (list.isPaged) for (const [name, value] of Object.entries(positionQuery(place))) asked.set(name, value);
      return send(asked);
    };
    for (const [index, place] of places.entries()) {
      try {
        const got = await ask(place);
        return { got, body: list.wrapped(got, place) };
      } catch (error) {
        const end = place.isProbe === true ? await endShownBy(error, ask) : null;
        if (end !== null) return { got: end, body: emptyEnvelope() };
        const other = places[index + 1];
        if (other === undefined || !isRejected(error)) throw error;
        starts.set(connection.id, other.at);
      }
    }
    throw new ForeknowError('internal', { detail: 'There is no way to begin a list.' });
  };

  const sender = (ask: RawClient, path: string, { signal }: ProxyCall) => {
    const until = performance.now() + WITHIN_MS;
    return (query: URLSearchParams): Promise<RawAnswer> =>
      ask({
        path,
        query: String(query),
        withinMs: Math.max(1, until - performance.now()),
        ...(signal === undefined ? {} : { signal }),
      });
  };

  /** Of other refusals it is not known that they are about more than this one path. */
  const noting = async <T>({ id }: Connection, work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      if (isForeknowError(error) && error.code === 'connection_unauthorized') await noteFailure(id, error);
      throw error;
    });

  const refuseWrite = (mayWrite: boolean): void => {
    if (!writes)
      throw notEnabled('The operator has not enabled it.', 'It takes --proxy-writes, or server.proxy_writes.');
    if (!mayWrite) throw notEnabled('The token lacks the scope proxy.write.', 'Use a token that has it.');
  };

  return {
    window,
    writes,

    async reporting(asked) {
      const connection = await current(asked.connection);
      const call = { ...asked, connection };
      const { path, segments } = safePath(call.path);
      if (path === '') throw nothingNamed();
      if (call.method !== 'GET') {
        refuseWrite(call.mayWrite);
        throw new ForeknowError('method_not_allowed', { detail: 'The Reporting API only reads.', hint: 'Use GET.' });
      }
      refuseUnready(connection);
      const last = segments.at(-1)!;
      const send = sender(await clients.reporting(connection), path, call);
      if (isId(last) || path === '/account') {
        return answered(connection, 'reporting', await noting(connection, send(remoteQuery(call.query))));
      }
      const list = {
        isPaged: last !== 'risk_score_history',
        ...{ mostPerPage: 500, starts: startsOf(connection), wrapped: wrapRows },
      };
      const { got, body } = await noting(connection, readPage(call, list, send));
      return answered(connection, 'reporting', got, body);
    },

    async events(asked) {
      const connection = await current(asked.connection);
      const call = { ...asked, connection };
      const { method, body, signal } = call;
      const { path, segments } = eventsPath(call.path);
      if (method !== 'GET') refuseWrite(call.mayWrite);
      refuseUnready(connection);
      const ask = await clients.events(connection);
      if (method !== 'GET') {
        const query = String(remoteQuery(call.query));
        const text = body === undefined ? {} : { body: JSON.stringify(body) };
        const got = await ask({ method, path, query, ...text, withinMs: WITHIN_MS, ...(signal && { signal }) });
        return answered(connection, 'events', got);
      }
      const send = sender(ask, path, call);
      if (segments.length > 1) return answered(connection, 'events', await send(remoteQuery(call.query)));
      const isPaged = segments[0] !== 'event_types';
      const list = { isPaged, mostPerPage: 100, starts: listStarts.page, wrapped: wrapEvents };
      const page = await readPage(call, list, send);
      return answered(connection, 'events', page.got, page.body);
    },

    async graphql({ connection: asked, body, mayWrite, signal }) {
      const connection = await current(asked);
      const { request, reads } = judgeGraphql(body);
      if (!reads) refuseWrite(mayWrite);
      refuseUnready(connection);
      const client = await clients.product(connection);
      const got = await client.raw(request, { onlyReads: reads, withinMs: WITHIN_MS, ...(signal && { signal }) });
      return answered(connection, 'product', got);
    },
  };
}

/** How lists of an API are read. */
type ListOf = {
  /** Whether pages can be asked for. */
  readonly isPaged: boolean;
  readonly mostPerPage: number;
  /** How a list may be begun, the first one first. */
  readonly starts: readonly Position[];
  readonly wrapped: (answer: RawAnswer, place: Place) => Uint8Array;
};

/**
 * Whether a probe that failed shows the end of the list: pages are not taken any more, or have no effect while cursors are
 * spoken, and the first page had named no next one.
 * @returns the answer that showed it; null when it does not
 */
async function endShownBy(error: unknown, ask: (place: Place) => Promise<RawAnswer>): Promise<RawAnswer | null> {
  const cameAgain = isForeknowError(error) && error.code === 'incomplete_read';
  if (!cameAgain && !isRejected(error)) return null;
  const one = await ask({ at: { mode: 'cursor', cursor: 'true' }, perPage: 1, before: null });
  return namesNext(one) ? one : null;
}

const isRejected = (error: unknown): boolean =>
  isForeknowError(error) && (error.remote?.status === 400 || error.remote?.status === 422);

const notEnabled = (why: string, hint: string): ForeknowError =>
  new ForeknowError('writes_not_enabled', { detail: `The call would change something at KnowBe4. ${why}`, hint });

const nothingNamed = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'The path names nothing.',
    hint: 'For instance users.',
    field: 'path',
  });
