import type { Alert, AlertKind } from '../../events/alert.ts';
import type { ConnectionEntry } from '../../events/ports.ts';
import { type AlertRow, toAlert } from '../event-rows.ts';
import type { Session } from '../session.ts';
import { keepFact } from './facts.ts';
import type { Op } from './op.ts';
import { appendChanges } from './pages.ts';
import { countLost } from './webhooks.ts';

/** Writes what happened to a connection into the log. Let it be the last thing an operation does. */
export async function appendEntries(
  session: Session,
  connectionId: string,
  runId: string,
  entries: readonly Omit<ConnectionEntry, 'connectionId'>[],
): Promise<void> {
  if (entries.length === 0) return;
  const connection = await session.get<{ name: string; tenant: string | null }>(
    'select name, tenant from connections where id = ?',
    connectionId,
  );
  const about = JSON.stringify({
    connection: { name: connection?.name ?? null, ...(connection?.tenant ? { tenant: connection.tenant } : {}) },
  });
  const changes = entries.map(({ kind, key, at, current }) => {
    const fields = { current: JSON.stringify(current), previous: null, about };
    return { kind, stream: 'connection' as const, key, at, ...fields };
  });
  await appendChanges(session, connectionId, runId, changes);
}

export const appendEntry: Op<ConnectionEntry, void> = {
  durable: true,
  run: (session, { connectionId, ...entry }) => appendEntries(session, connectionId, '', [entry]),
};

/** More than anybody writes between a copy and the loss of the store that it was made of. */
const GAP = 1_000_000_000;

/**
 * The store was put back from a copy: what was written after the copy had numbers that readers know, so the log goes on well
 * beyond them, with a word for each connection. A log that was never written has no readers.
 */
export const leaveGap: Op<{ at: string }, boolean> = {
  durable: true,
  run: async (session, { at }) => {
    const left = await session.get<{ seq: number; gaps: string }>(
      'update log_head set seq = seq + ? where seq > 0 returning seq, gaps',
      GAP,
    );
    if (left === undefined) return false;
    const gaps = JSON.stringify([...(JSON.parse(left.gaps) as unknown[]), [left.seq - GAP, left.seq]]);
    await session.run('update log_head set gaps = ?', gaps);
    for (const { id } of await session.all<{ id: string }>('select id from connections order by id')) {
      const entry = { kind: 'connection.store_restored', key: id, at, current: {} } as const;
      await appendEntries(session, id, '', [entry]);
    }
    return true;
  },
};

/** Fact about the store: the database that it was in when it was opened last. */
export const HOME = 'home';

/** A store that finds itself in another database was put back from a copy. @returns whether it was */
export const settleHome: Op<{ home: string; at: string }, boolean> = {
  durable: true,
  run: async (session, { home, at }) => {
    await keepFact.run(session, { name: HOME, value: home });
    const moved = await session.run('update store_facts set value = ?1 where name = ?2 and value <> ?1', home, HOME);
    return moved > 0 && (await leaveGap.run(session, { at }));
  },
};

export const dropEntries: Op<{ before: string; limit: number }, { dropped: number; more: boolean }> = {
  durable: false,
  run: async (session, { before, limit }) => {
    const oldest = await session.all<{ seq: number; at: string }>(
      'select seq, at from changes where seq > (select dropped_to from log_head) order by seq limit ?',
      limit,
    );
    const young = oldest.findIndex(({ at }) => at >= before);
    const old = young === -1 ? oldest : oldest.slice(0, young);
    const last = old.at(-1)?.seq;
    if (last === undefined) return { dropped: 0, more: false };
    await countLost(session, last);
    const dropped = await session.run('delete from changes where seq <= ?', last);
    await session.run('update log_head set dropped_to = ?', last);
    return { dropped, more: young === -1 && old.length === limit };
  },
};

export const dropRuns: Op<{ before: string; keep: number }, number> = {
  durable: false,
  run: async (session, { before, keep }) => {
    let dropped = 0;
    for (const { id } of await session.all<{ id: string }>('select distinct connection_id as id from runs')) {
      dropped += await session.run(
        `delete from runs where connection_id = ?1 and ended_at is not null and started_at < ?2 and id not in (
           select id from runs where connection_id = ?1 order by started_at desc, id desc limit ?3)`,
        id,
        before,
        keep,
      );
    }
    return dropped;
  },
};

export const openAlert: Op<{ alert: Alert; entry: ConnectionEntry | null }, boolean> = {
  durable: true,
  run: async (session, { alert, entry }) => {
    const opened = await session.run(
      `insert into alerts (id, connection_id, kind, subject, detail, opened_at, closed_at, mailed_at)
       values (?, ?, ?, ?, ?, ?, null, null) on conflict do nothing`,
      alert.id,
      alert.connectionId,
      alert.kind,
      alert.subject,
      alert.detail,
      alert.openedAt,
    );
    if (opened > 0 && entry !== null) await appendEntries(session, entry.connectionId, '', [entry]);
    return opened > 0;
  },
};

type Subject = { readonly connectionId: string; readonly kind: AlertKind; readonly subject: string };

export const closeAlert: Op<{ alert: Subject; at: string; entry: ConnectionEntry | null }, boolean> = {
  durable: true,
  run: async (session, { alert, at, entry }) => {
    const closed = await session.run(
      'update alerts set closed_at = ? where connection_id = ? and kind = ? and subject = ? and closed_at is null',
      at,
      alert.connectionId,
      alert.kind,
      alert.subject,
    );
    if (closed > 0 && entry !== null) await appendEntries(session, entry.connectionId, '', [entry]);
    return closed > 0;
  },
};

export const takeForMail: Op<
  { connectionId: string; kind: AlertKind; at: string; notSince: string },
  readonly Alert[]
> = {
  durable: true,
  run: async (session, { connectionId, kind, at, notSince }) => {
    const recent = await session.get(
      'select id from alerts where connection_id = ? and kind = ? and mailed_at > ? limit 1',
      connectionId,
      kind,
      notSince,
    );
    if (recent !== undefined) return [];
    const taken = await session.all<AlertRow>(
      `update alerts set mailed_at = ? where connection_id = ? and kind = ? and closed_at is null and mailed_at is null
       returning *`,
      at,
      connectionId,
      kind,
    );
    return taken.map(toAlert).toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
  },
};

export const untakeForMail: Op<{ ids: readonly string[] }, void> = {
  durable: true,
  run: async (session, { ids }) => {
    await session.run(`update alerts set mailed_at = null where ${session.words.among('id', '?')}`, ids);
  },
};

export const noteRefusal: Op<{ accountKey: string; at: string; oldest: string }, void> = {
  durable: false,
  run: async (session, { accountKey, at, oldest }) => {
    await session.run('delete from unexpected_refusals where at < ?', oldest);
    await session.run(
      'insert into unexpected_refusals (account_key, at) values (?, ?) on conflict do nothing',
      accountKey,
      at,
    );
  },
};
