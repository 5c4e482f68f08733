import type { RecordOf, RecordStream } from '../wire/records.ts';
import { deleted, membershipsOf } from './diff.ts';
import { instantOf, type SyncEnvironment } from './environment.ts';
import { withGroupNames } from './group-names.ts';
import type { StoredRow } from './ports.ts';
import { readStored } from './rows.ts';
import { testKey } from './streams.ts';

const BATCH = 500;

/** Marks rows as deleted and writes the changes. Returns how many there were. */
export async function removeKeys(
  environment: SyncEnvironment,
  stream: RecordStream,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const { store, connectionId } = environment;
  const stored = await store.rows(connectionId, stream, keys);
  // Nobody lists the recipients of a test that is gone, so they go with it.
  if (stream === 'security_tests') for (const row of stored) await removeRecipientsOf(environment, row);
  await removeRows(environment, stream, stored);
  return stored.length;
}

async function removeRecipientsOf(environment: SyncEnvironment, test: StoredRow): Promise<void> {
  const { id, campaignType } = readStored('security_tests', test.key, test.raw) as RecordOf['security_tests'];
  const prefix = `${testKey(campaignType, id)}/`;
  for (;;) {
    const rows = await environment.store.liveRows(environment.connectionId, 'recipients', prefix, BATCH);
    const own = rows.filter((row) => row.key.startsWith(prefix));
    if (own.length === 0) return;
    await removeRows(environment, 'recipients', own);
  }
}

async function removeRows(
  environment: SyncEnvironment,
  stream: RecordStream,
  rows: readonly StoredRow[],
): Promise<void> {
  const { store, connectionId, runId, now } = environment;
  const at = instantOf(now());
  const found = rows.flatMap(({ key, raw }) => deleted({ stream, key, at }, readStored(stream, key, raw)));
  const changes = await withGroupNames(store, connectionId, found);
  await store.removeRows({
    connectionId,
    runId,
    stream,
    at,
    keys: rows.map((row) => row.key),
    changes,
    membershipsRemoved: membershipsOf(changes, 'removed'),
  });
}
