import type { AccountRecord } from '../wire/records.ts';
import { accountKeyOf } from './account-key.ts';
import {
  type ConnectInput,
  checkConnection,
  connect,
  noteFailure,
  openToken,
  parseLabels,
  type ReplaceInput,
  replaceToken,
  tryConnect,
  tryReplaceToken,
} from './connect.ts';
import type { AccountFacts, Connection, ConnectionSettings, ConnectionView, KeyKind } from './connection.ts';
import { type ConnectionDeps, changeConnection, requireConnection, viewOf, viewsOf } from './deps.ts';
import { erasedPeople, markOf } from './erased-people.ts';
import { addKey, addKeys, type KeyInput, type KeyInputs, openKey, proveKeys, removeKey } from './keys.ts';
import { factsFrom } from './prove.ts';
import { parseSettings } from './settings.ts';

export type ConnectionPatch = {
  readonly name?: string;
  readonly tenant?: string | null;
  readonly tags?: readonly string[];
  /** Replaces all settings. */
  readonly settings?: ConnectionSettings;
};

/** The use cases of the room. A connection is named by its id or its name. */
export function connectionRoom(deps: ConnectionDeps) {
  const { store } = deps;
  const at = () => deps.now().toISOString();
  const require = (idOrName: string) => requireConnection(store, idOrName);
  const change = async (idOrName: string, to: (found: Connection) => Connection): Promise<ConnectionView> =>
    viewOf(store, await changeConnection(store, idOrName, (found) => ({ ...to(found), updatedAt: at() })));
  return {
    connect: (input: ConnectInput, nameFor?: (account: AccountFacts) => Promise<string>) =>
      connect(deps, input, nameFor),
    /** What connecting, replacing the token and adding keys would find; nothing is kept. */
    tryConnect: (input: ConnectInput) => tryConnect(deps, input),
    tryReplaceToken: (connection: string, input: ReplaceInput) => tryReplaceToken(deps, connection, input),
    tryKeys: async (connection: string, inputs: KeyInputs) => proveKeys(deps, await require(connection), inputs),
    replaceToken: (connection: string, input: ReplaceInput) => replaceToken(deps, connection, input),
    check: (connection: string) => checkConnection(deps, connection),
    addKey: (connection: string, kind: KeyKind, input: KeyInput) => addKey(deps, connection, kind, input),
    addKeys: (connection: string, inputs: KeyInputs) => addKeys(deps, connection, inputs),
    removeKey: (connection: string, kind: KeyKind) => removeKey(deps, connection, kind),

    list: (): Promise<readonly ConnectionView[]> => viewsOf(store),
    async get(connection: string): Promise<ConnectionView> {
      return viewOf(store, await require(connection));
    },
    async update(connection: string, patch: ConnectionPatch): Promise<ConnectionView> {
      const found = await require(connection);
      const labels = parseLabels(patch);
      const settings = patch.settings === undefined ? null : parseSettings(patch.settings, deps.streams);
      // First, so that a setting that is kept is true of what is kept.
      if (settings?.dropRecipientClient && !found.settings.dropRecipientClient) {
        await store.dropRecipientClients(found.id);
      }
      return change(found.id, (now) => ({
        ...now,
        ...labels,
        ...(settings === null ? {} : { settings }),
        accountKey: accountKeyOf(now.region, now.account?.domains ?? [], (settings ?? now.settings).accountKey),
      }));
    },
    /** A paused connection is not asked anything; its mirror goes on being served. */
    pause: (connection: string): Promise<ConnectionView> =>
      change(connection, (found) => ({ ...found, pausedAt: found.pausedAt ?? at() })),
    resume: (connection: string): Promise<ConnectionView> =>
      change(connection, (found) => ({ ...found, pausedAt: null })),
    /** Purging also takes, by its id, what a connection left behind that was removed without it. */
    async remove(connection: string, options: { purge: boolean }): Promise<{ id: string }> {
      const isLeft = options.purge && (await store.hasLeftovers(connection));
      const id = isLeft ? connection : (await require(connection)).id;
      await store.deleteConnection(id, { ...options, at: at() });
      return { id };
    },
    /** Whether this is the id of a connection that is gone, but not what it mirrored. */
    hasLeftovers: (connectionId: string): Promise<boolean> => store.hasLeftovers(connectionId),
    /** Erases a person from everything kept, and keeps them out of later syncs. */
    async erasePerson(connection: string, userId: string): Promise<{ rows: number; changes: number }> {
      const { id: connectionId } = await require(connection);
      const mark = await markOf(deps, connectionId, userId);
      return store.erasePerson({ connectionId, userId, mark, at: at() });
    },
    /** Lets an erased person in again, with the next sync that reads them. */
    async readmitPerson(connection: string, userId: string): Promise<{ readmitted: boolean }> {
      const { id } = await require(connection);
      return { readmitted: await store.forgetErasure(id, await markOf(deps, id, userId)) };
    },
    /** What stands for a person where their id must not: the same keyed hash that keeps an erased one out. */
    personMark: (connectionId: string, userId: string) => markOf(deps, connectionId, userId),
    /** Whom syncs leave out; null when nobody was erased. */
    erasedPeople: (connectionId: string) => erasedPeople(deps, connectionId),

    /** A key beside the reporting token, opened for its client. */
    openKey: (connection: Pick<Connection, 'id' | 'name'>, kind: KeyKind) => openKey(deps, connection, kind),
    /** The opened reporting token, for the client. */
    openToken: (connection: Connection) => openToken(deps, connection),
    /**
     * Keeps what a sync read of the account: more seats mean more requests a day. The budget key stays as it is, so that a
     * domain that came or went does not forget what was spent.
     */
    async noteAccount(connectionId: string, record: AccountRecord): Promise<void> {
      if ((await store.getConnection(connectionId)) === null) return;
      const account = factsFrom(record, deps.now());
      await changeConnection(store, connectionId, (found) => ({ ...found, account }));
    },
    /** Tells the room how a call ended that the client or the sync made. */
    noteFailure: (connectionId: string, error: unknown) => noteFailure(deps, connectionId, error),
  };
}

export type ConnectionRoom = ReturnType<typeof connectionRoom>;
