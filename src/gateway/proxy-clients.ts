import { createRawClient, type Fetch, type RequestEvent, reportingUrl } from '../client/index.ts';
import type { Connection, TokenKind } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import { requireConnection } from '../connections/deps.ts';
import type { ConnectionStore } from '../connections/ports.ts';
import { userAgent } from './clients.ts';
import { eventsClient, graphqlClient, type KeyLimiters } from './key-clients.ts';
import type { Limiters } from './limiters.ts';
import type { ProxyClients } from './proxy.ts';

/**
 * Clients of the proxy. What they are made of is read together, so that a key goes nowhere but to the host that the connection
 * has; what `remember` holds of it is as old as it lets things be.
 */
export function createProxyClients(deps: {
  readonly room: Pick<ConnectionRoom, 'openToken' | 'openKey'>;
  readonly store: ConnectionStore;
  readonly limiters: Limiters;
  readonly keyLimiters: KeyLimiters;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly onRequest: (connection: Connection, event: RequestEvent) => void;
  readonly remember: <T>(read: (id: string) => Promise<T>) => (id: string) => Promise<T>;
}): ProxyClients {
  const { room, store, limiters, keyLimiters, fetch, now, remember } = deps;
  const current = remember((id) => requireConnection(store, id));

  const world = (connection: Connection) => ({
    fetch,
    now,
    onRequest: (event: RequestEvent) => deps.onRequest(connection, event),
  });
  /** Opening an envelope takes time: what came out of it is kept for as long as the envelope stands. */
  const opened = new Map<string, { readonly sealed: string; readonly token: string }>();
  const tokenOf = async (connection: Connection, kind: TokenKind): Promise<string> => {
    const sealed = (await store.getSecret(connection.id, kind))?.sealed;
    const place = `${connection.id} ${kind}`;
    const kept = opened.get(place);
    if (sealed !== undefined && kept?.sealed === sealed) return kept.token;
    opened.delete(place);
    const token = await (kind === 'reporting' ? room.openToken(connection) : room.openKey(connection, kind));
    if (sealed !== undefined) opened.set(place, { sealed, token });
    return token;
  };
  const keyed = async (id: string, kind: 'events' | 'product') => {
    const connection = await requireConnection(store, id);
    return { connection, token: await tokenOf(connection, kind), url: connection.baseUrls[kind] ?? null };
  };

  const limiterOf = remember(async (id) => {
    const all = await store.listConnections();
    return limiters.of(all.find((one) => one.id === id) ?? (await requireConnection(store, id)), all);
  });
  const reporting = remember(async (id) => {
    const connection = await requireConnection(store, id);
    const { region, baseUrls } = connection;
    const [token, limiter] = await Promise.all([tokenOf(connection, 'reporting'), limiterOf(id)]);
    return createRawClient({
      ...world(connection),
      ...{ surface: 'reporting', region, token, limiter, userAgent },
      baseUrl: `${baseUrls.reporting ?? reportingUrl(region)}/v1`,
    });
  });
  const events = remember(async (id) => {
    const key = await keyed(id, 'events');
    return eventsClient({ ...world(key.connection), keyLimiters }, key);
  });
  const product = remember(async (id) => {
    const key = await keyed(id, 'product');
    return graphqlClient({ ...world(key.connection), keyLimiters }, key);
  });

  return {
    current: ({ id }) => current(id),
    reporting: ({ id }) => reporting(id),
    events: ({ id }) => events(id),
    product: ({ id }) => product(id),
    limiter: async (connection, surface) =>
      surface === 'reporting' ? limiterOf(connection.id) : keyLimiters(surface, connection),
  };
}
