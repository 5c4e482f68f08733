import { recordDigest, seenDigest } from '../../sync/digest.ts';
import { readStored, withoutClient } from '../../sync/rows.ts';
import type { RawRecord } from '../../wire/records.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';

const BATCH = 1000;

/** Takes the address, place, browser and system out of every recipient that is kept, and out of the log of changes. */
export const dropRecipientClients: Op<{ connectionId: string }, void> = {
  durable: true,
  erases: true,
  run: async (session, { connectionId }) => {
    await dropFromRows(session, connectionId);
    await dropFromChanges(session, connectionId);
  },
};

async function dropFromRows(session: Session, connectionId: string): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await session.all<{ key: string; raw: string }>(
      'select key, raw from recipient_rows where connection_id = ? and key > ? order by key limit ?',
      connectionId,
      after,
      BATCH,
    );
    await session.runMany(
      'update recipient_rows set raw = ?, digest = ?, seen_digest = ? where connection_id = ? and key = ?',
      rows.map(({ key, raw }) => {
        const kept = withoutClient(JSON.parse(raw) as RawRecord);
        const digests = [recordDigest(readStored('recipients', key, kept)), seenDigest('recipients', kept)];
        return [JSON.stringify(kept), ...digests, connectionId, key];
      }),
    );
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.key;
  }
}

async function dropFromChanges(session: Session, connectionId: string): Promise<void> {
  for (let after = 0; ; ) {
    const changes = await session.all<{ seq: number; current: string | null; previous: string | null }>(
      `select seq, current, previous from changes where connection_id = ? and stream = 'recipients' and seq > ?
       order by seq limit ?`,
      connectionId,
      after,
      BATCH,
    );
    const emptied = changes
      .map(({ seq, current, previous }) => [emptiedText(current), emptiedText(previous), seq] as const)
      .filter(([current, previous], index) => {
        const before = changes[index]!;
        return current !== before.current || previous !== before.previous;
      });
    await session.runMany('update changes set current = ?, previous = ? where seq = ?', emptied);
    if (changes.length < BATCH) return;
    after = changes.at(-1)!.seq;
  }
}

const clientFields = ['ip', 'ipLocation', 'browser', 'browserVersion', 'os'];

/** The fields stay, so that a reader sees that something was there, their values go. */
function emptiedText(text: string | null): string | null {
  if (text === null) return null;
  const fields = JSON.parse(text) as Record<string, unknown>;
  for (const field of clientFields) if (field in fields) fields[field] = null;
  return JSON.stringify(fields);
}
