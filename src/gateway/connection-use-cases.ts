import type { Connection } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import type { Probes } from './clients.ts';
import type { Limiters } from './limiters.ts';
import type { Syncing } from './syncing.ts';
import type { ConnectionUseCases, ConnectResult } from './types.ts';

/**
 * Puts the requests that proved a token on the account they belong to. Two proofs at once may count each other's: too many
 * costs nothing. A refused token names no account, so what it cost is not counted.
 */
export const counting =
  (probing: Probes, limiters: Limiters) =>
  async <Found>(
    prove: () => Promise<Found>,
    accountOf: (found: Found) => Pick<Connection, 'accountKey' | 'id'>,
  ): Promise<Found> => {
    const before = probing.sent();
    const found = await prove();
    await limiters.note(accountOf(found), probing.sent() - before);
    return found;
  };

/** What a connection's owner does, with the syncs that are under way told about it. */
export function connectionUseCases(
  room: ConnectionRoom,
  { stop, alone }: Syncing,
  counted: ReturnType<typeof counting>,
  reschedule: (connectionId: string) => Promise<void>,
) {
  /** While nothing is read of the connection: a run that goes on would bring back what was taken out. */
  const quietly = async <T>(connection: string, work: (id: string) => Promise<T>): Promise<T> => {
    const found = await room.get(connection);
    return alone(found, () => work(found.id));
  };
  /** What may make it due at another time. */
  const rescheduled = async <T>(change: Promise<T>, idOf: (changed: T) => string): Promise<T> => {
    const changed = await change;
    await reschedule(idOf(changed));
    return changed;
  };
  const ofView = ({ id }: { id: string }) => id;
  const ofConnection = ({ connection }: ConnectResult) => connection;
  const ofResult = ({ connection }: ConnectResult) => connection.id;
  return {
    ...room,
    connect: (...input: Parameters<ConnectionRoom['connect']>) =>
      rescheduled(
        counted(() => room.connect(...input), ofConnection),
        ofResult,
      ),
    check: (connection) =>
      rescheduled(
        counted(() => room.check(connection), ofConnection),
        ofResult,
      ),
    resume: (connection) => rescheduled(room.resume(connection), ofView),
    async update(connection, patch) {
      const found = await room.get(connection);
      const { id, settings } = found;
      const dropsClient = patch.settings?.dropRecipientClient === true && settings.dropRecipientClient !== true;
      const update = () => room.update(id, patch);
      return rescheduled(dropsClient ? alone(found, update) : update(), ofView);
    },
    // A run with the old token that is refused meanwhile would speak against the new one.
    replaceToken: (connection, input) =>
      rescheduled(
        quietly(connection, (id) => counted(() => room.replaceToken(id, input), ofConnection)),
        ofResult,
      ),
    pause: async (connection) => {
      const view = await room.pause(connection);
      await stop(view.id);
      return view;
    },
    async remove(connection, options) {
      if (options.purge && (await room.hasLeftovers(connection))) return room.remove(connection, options);
      await stop((await room.get(connection)).id);
      return quietly(connection, (id) => room.remove(id, options));
    },
    erasePerson: (connection, userId) => quietly(connection, (id) => room.erasePerson(id, userId)),
  } satisfies ConnectionUseCases;
}
