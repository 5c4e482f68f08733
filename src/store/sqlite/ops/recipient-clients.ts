import { recordDigest, seenDigest } from '../../../sync/digest.ts';
import { readStored, withoutClient } from '../../../sync/rows.ts';
import type { RawRecord } from '../../../wire/records.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';

const BATCH = 1000;

/** Takes the address, place, browser and system out of every recipient that is kept, and out of the log of changes. */
export const dropRecipientClients: Op<{ connectionId: string }, void> = {
  durable: true,
  erases: true,
  run: (session, { connectionId }) => {
    dropFromRows(session, connectionId);
    dropFromChanges(session, connectionId);
  },
};

function dropFromRows(session: Session, connectionId: string): void {
  for (let after = ''; ; ) {
    const rows = session.all<{ key: string; raw: string }>(
      'select key, raw from recipient_rows where connection_id = ? and key > ? order by key limit ?',
      connectionId,
      after,
      BATCH,
    );
    for (const { key, raw } of rows) {
      const kept = withoutClient(JSON.parse(raw) as RawRecord);
      session.run(
        'update recipient_rows set raw = ?, digest = ?, seen_digest = ? where connection_id = ? and key = ?',
        JSON.stringify(kept),
        recordDigest(readStored('recipients', key, kept)),
        seenDigest('recipients', kept),
        connectionId,
        key,
      );
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.key;
  }
}

const clientFields = ['ip', 'ipLocation', 'browser', 'browserVersion', 'os'];

function dropFromChanges(session: Session, connectionId: string): void {
  const emptied = (column: string): string =>
    `json_replace(${column}, ${clientFields.map((field) => `'$.${field}', null`).join(', ')})`;
  session.run(
    `update changes set current = ${emptied('current')}, previous = ${emptied('previous')}
     where connection_id = ? and stream = 'recipients'`,
    connectionId,
  );
}
