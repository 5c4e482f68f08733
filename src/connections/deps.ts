import { ForeknowError } from '../errors/errors.ts';
import type { IsAllowedUrl } from './base-url.ts';
import { type Connection, type ConnectionView, isTokenKind, type KeyKind } from './connection.ts';
import type { ProbeKey } from './keys.ts';
import type { ConnectionStore, ProbeAccount, ProbeUsers, SealedSecret } from './ports.ts';
import type { Vault } from './vault.ts';

/** What the use cases of the room need from outside. */
export type ConnectionDeps = {
  readonly store: ConnectionStore;
  readonly vault: Vault;
  readonly probeAccount: ProbeAccount;
  readonly probeUsers: ProbeUsers;
  readonly probeKey: ProbeKey;
  readonly isAllowedUrl: IsAllowedUrl;
  /** Names of the streams that a connection can switch off. */
  readonly streams: readonly string[];
  readonly now: () => Date;
  readonly newId: () => string;
};

/** @throws ForeknowError `not_found` */
export async function requireConnection(store: ConnectionStore, idOrName: string): Promise<Connection> {
  const connection = await store.getConnection(idOrName);
  if (connection !== null) return connection;
  throw new ForeknowError('not_found', {
    detail: `There is no connection ${idOrName}.`,
    hint: 'List the connections for their names and ids.',
  });
}

/** Others change connections at the same time, in this process and in others: so often a change is made anew. */
const MOST_TRIES = 10;

/**
 * Changes a connection as it stands now: what others saved meanwhile is kept.
 * @param to may be called again, with what others made of the connection
 * @param secrets put in the place of those that it had, together with the change
 * @param gone secrets that it loses with the change
 * @throws ForeknowError `not_found`, `conflict`
 */
export async function changeConnection(
  store: ConnectionStore,
  idOrName: string,
  to: (found: Connection) => Connection,
  secrets: readonly SealedSecret[] = [],
  gone: readonly KeyKind[] = [],
): Promise<Connection> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const found = await requireConnection(store, idOrName);
    const changed = to(found);
    if (await store.saveConnection(changed, found, secrets, gone)) return changed;
  }
  throw new ForeknowError('conflict', {
    detail: `Connection ${idOrName} is being changed by others all the time.`,
    hint: 'Try again in a moment.',
  });
}

export const viewOf = async (store: ConnectionStore, connection: Connection): Promise<ConnectionView> =>
  shown(connection, await store.listSecrets());

/** All of them, by name. */
export async function viewsOf(store: ConnectionStore): Promise<readonly ConnectionView[]> {
  const [connections, secrets] = await Promise.all([store.listConnections(), store.listSecrets()]);
  const byConnection = Map.groupBy(secrets, ({ connectionId }) => connectionId);
  return connections.map((connection) => shown(connection, byConnection.get(connection.id) ?? []));
}

function shown(connection: Connection, secrets: readonly SealedSecret[]): ConnectionView {
  const tokens = secrets
    .filter((secret) => secret.connectionId === connection.id)
    .flatMap(({ kind, fingerprint, createdAt }) => (isTokenKind(kind) ? { kind, fingerprint, createdAt } : []));
  return { ...connection, tokens };
}
