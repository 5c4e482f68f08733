import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { nearest } from '../lib/nearest.ts';
import type { CliContext } from './context.ts';
import { type FolderFlags, reading } from './folder.ts';

/** @throws ForeknowError `invalid_request` in the command line's words when a list needs one connection */
export function oneConnectionOnly(connectionIds: readonly string[]): void {
  if (connectionIds.length === 1) return;
  throw connectionIds.length === 0
    ? new ForeknowError('not_found', { detail: 'There is no connection yet.', hint: 'Make one with foreknow connect.' })
    : new ForeknowError('invalid_request', {
        detail: '--connection is missing: there are several connections, and ids may repeat among them.',
        hint: 'foreknow connections lists their names.',
        field: '--connection',
      });
}

/**
 * The connection that a command means: the one that is named, or the only one.
 * @throws ForeknowError `not_found`, `invalid_request` when there are several and none is named
 */
export const meantConnection = (
  context: CliContext,
  flags: FolderFlags,
  named: string | undefined,
): Promise<Connection> => reading(context, flags, (gateway) => meantAt(gateway, named));

async function meantAt({ connections }: Pick<Gateway, 'connections'>, named: string | undefined): Promise<Connection> {
  const all = await connections.list();
  const found = named === undefined ? undefined : all.find(({ id, name }) => id === named || name === named);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name);
  if (named !== undefined) {
    const near = nearest(named, names);
    throw new ForeknowError('not_found', {
      detail: `No connection is called ${named}.`,
      hint: near === null ? 'foreknow connections list shows them.' : `Did you mean ${near}?`,
    });
  }
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  throw only === undefined
    ? new ForeknowError('not_found', { detail: 'There is no connection yet.', hint: 'Make one with foreknow connect.' })
    : new ForeknowError('invalid_request', {
        detail: 'There are several connections: say which one.',
        hint: `They are called ${names.slice(0, 8).join(', ')}.`,
        field: 'connection',
      });
}
