import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectory } from '../../directory/directory.ts';
import { connectionsTagged } from '../../gateway/tagged.ts';
import { fillMirror, type MirrorContent } from '../../store/contract/mirror.ts';
import { openStore } from '../../store/store.ts';
import { tokenRoom } from '../../tokens/tokens.ts';
import type { Gateway } from '../door.ts';
import { aConnection, fakeGateway } from './fake-gateway.ts';

/**
 * A gateway over a real store in a temporary folder: directory and tokens are the real ones, connections and syncs are not.
 * @param contents what each connection's mirror holds, by the connection's name
 * @param databaseUrl the store is this database in place of the folder's own
 */
export async function mirroredGateway(
  contents: Readonly<Record<string, MirrorContent>>,
  now = () => new Date(),
  databaseUrl?: string,
) {
  const folder = await mkdtemp(join(tmpdir(), 'foreknow-http-'));
  const store = await openStore({ folder, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  const connections = Object.keys(contents).map((name, index) => aConnection({ id: `con_${index + 1}`, name }));
  for (const { tokens: _, ...connection } of connections) {
    await store.createConnection(connection, []);
    await fillMirror(store, contents[connection.name]!, { connectionId: connection.id });
  }
  let ids = 0;
  const newId = () => `tok_${String(++ids).padStart(16, '0')}`;
  const tokens = tokenRoom({ store, now, newId, tagged: connectionsTagged(store) });
  const directory = createDirectory({ store: store.directory, cursorKey: randomBytes(32), now });
  const gateway: Gateway = { ...fakeGateway({ connections }).gateway, directory, tokens };
  return {
    gateway,
    connections,
    store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
