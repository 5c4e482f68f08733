import { createRawClient, type Fetch, type RequestEvent, reportingUrl } from '../client/index.ts';
import type { Connection, TokenKind } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import type { ConnectionStore } from '../connections/ports.ts';
import { userAgent } from './clients.ts';
import { eventsClient, graphqlClient, type KeyLimiters } from './key-clients.ts';
import type { Limiters } from './limiters.ts';
import type { ProxyClients } from './proxy.ts';

/** The connections, by which the strictest limits of an account are found, are read this often at most. */
const KEEP_MS = 1000;

/** Clients of the proxy. For each call the key is read anew, so that one that was removed or replaced is not used again. */
export function createProxyClients(deps: {
  readonly room: Pick<ConnectionRoom, 'openToken' | 'openKey'>;
  readonly store: Pick<ConnectionStore, 'getSecret'>;
  readonly limiters: Limiters;
  readonly keyLimiters: KeyLimiters;
  readonly listConnections: () => Promise<readonly Connection[]>;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly onRequest: (connection: Connection, event: RequestEvent) => void;
}): ProxyClients {
  const { room, store, limiters, keyLimiters, fetch, now } = deps;
  const all = remembered(deps.listConnections);

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
  const keyed = async (connection: Connection, kind: 'events' | 'product') => ({
    connection,
    token: await tokenOf(connection, kind),
    url: connection.baseUrls[kind] ?? null,
  });

  return {
    async reporting(connection) {
      const { region, baseUrls } = connection;
      const [token, limiter] = await Promise.all([
        tokenOf(connection, 'reporting'),
        limiters.of(connection, await all()),
      ]);
      return createRawClient({
        ...world(connection),
        ...{ surface: 'reporting', region, token, limiter, userAgent },
        baseUrl: `${baseUrls.reporting ?? reportingUrl(region)}/v1`,
      });
    },
    events: async (connection) =>
      eventsClient({ ...world(connection), keyLimiters }, await keyed(connection, 'events')),
    product: async (connection) =>
      graphqlClient({ ...world(connection), keyLimiters }, await keyed(connection, 'product')),
    limiter: async (connection, surface) =>
      surface === 'reporting' ? limiters.of(connection, await all()) : keyLimiters(surface, connection),
  };
}

/** What a function gave, for a second. */
function remembered<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly until: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (kept === null || performance.now() > kept.until) {
      const entry = { until: performance.now() + KEEP_MS, value: read() };
      kept = entry;
      entry.value.catch(() => {
        if (kept === entry) kept = null;
      });
    }
    return kept.value;
  };
}
