import type { Connection, KeyKind } from '../../connections/connection.ts';
import type { ConnectLink, SealedSecret } from '../../connections/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { ConnectionEntry } from '../../events/ports.ts';
import { type ConnectionRow, fromConnectionRow, toConnectionRow } from '../connection-rows.ts';
import { recordStreams, tableOf } from '../row-tables.ts';
import type { Session } from '../session.ts';
import { forgetAnswers } from './calls.ts';
import { appendEntries } from './events.ts';
import { useLink } from './links.ts';
import type { Op } from './op.ts';

type Created = { connection: Connection; secrets: readonly SealedSecret[]; link: ConnectLink | null };

export const createConnection: Op<Created, void> = {
  durable: true,
  run: async (session, { connection, secrets, link }) => {
    if (link !== null) await useLink(session, link, connection.id);
    await refuseTakenName(session, connection);
    await session.run(
      `insert into connections (name, tenant, tags, region, base_urls, state, paused_at, last_error, settings, account,
         account_key, created_at, updated_at, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...toConnectionRow(connection),
    );
    for (const secret of secrets) await putSecret(session, secret);
    await appendEntries(session, connection.id, '', [entryOf(connection, 'connection.created')]);
  },
};

type Saved = {
  connection: Connection;
  before: Connection | null;
  secrets: readonly SealedSecret[];
  gone: readonly KeyKind[];
  link: ConnectLink | null;
};

export const saveConnection: Op<Saved, boolean> = {
  durable: true,
  run: async (session, { connection, before, secrets, gone, link }) => {
    await refuseTakenName(session, connection);
    const row = await session.get<ConnectionRow>(
      `select * from connections where id = ? ${session.words.forUpdate}`,
      connection.id,
    );
    if (row === undefined) {
      throw new ForeknowError('not_found', { detail: `Connection ${connection.name} is not there any more.` });
    }
    const stored = fromConnectionRow(row);
    if (before !== null && !isSame(stored, before)) return false;
    if (link !== null) await useLink(session, link, connection.id);
    await session.run(
      `update connections set name = ?, tenant = ?, tags = ?, region = ?, base_urls = ?, state = ?, paused_at = ?,
         last_error = ?, settings = ?, account = ?, account_key = ?, created_at = ?, updated_at = ? where id = ?`,
      ...toConnectionRow(connection),
    );
    for (const secret of secrets) await putSecret(session, secret);
    for (const kind of gone) {
      await session.run('delete from secrets where connection_id = ? and kind = ?', connection.id, kind);
    }
    await appendEntries(session, connection.id, '', turnsOf(stored, connection, secrets));
    return true;
  },
};

const isSame = (stored: Connection, before: Connection): boolean =>
  JSON.stringify(toConnectionRow(stored)) === JSON.stringify(toConnectionRow(before));

export const saveSecret: Op<SealedSecret, void> = { durable: true, run: putSecret };

export const resealSecret: Op<{ read: SealedSecret; sealed: string }, boolean> = {
  durable: true,
  run: async (session, { read: { connectionId, kind, sealed: before }, sealed }) =>
    (await session.run(
      'update secrets set sealed = ? where connection_id = ? and kind = ? and sealed = ?',
      sealed,
      connectionId,
      kind,
      before,
    )) > 0,
};

/** Tables that hold what was mirrored and done for a connection. */
const mirrorTables: readonly string[] = [
  ...recordStreams.map(tableOf),
  'memberships',
  'admins',
  'directory_versions',
  'risk_points',
  'person_totals',
  'stream_states',
  'scope_reads',
  'missed_rows',
  'holds',
  'runs',
  'changes',
  'webhook_deliveries',
  'call_log',
  'identity_links',
  'scim_objects',
  'work_items',
  'provisioning_notices',
  'refused_steps',
  'plans',
  'plan_steps',
  'plan_items',
  'plan_approvals',
  'applications',
  'plan_journal',
  'provisional_ids',
];

export const deleteConnection: Op<{ id: string; purge: boolean; at: string }, void> = {
  durable: true,
  erases: true,
  run: async (session, { id, purge, at }) => {
    const connection = await session.get('select id from connections where id = ?', id);
    // First: a page that is being written is waited for, and goes with the rest.
    await session.run('delete from run_locks where connection_id = ?', id);
    await session.run('delete from pass_pages where pass_id in (select id from passes where connection_id = ?)', id);
    for (const table of [
      'passes',
      'secrets',
      'intakes',
      'intake_calls',
      'erased_people',
      'alerts',
      'provisioning_states',
      'apply_leases',
      ...(purge ? mirrorTables : []),
    ]) {
      await session.run(`delete from ${table} where connection_id = ?`, id);
    }
    if (purge) await forgetAnswers(session);
    if (purge) await session.run('delete from connections where id = ?', id);
    // While its row is there, the entry says what the connection was called; after a purge it does not.
    const removed = { kind: 'connection.removed', key: id, at, current: {} } as const;
    if (connection !== undefined) await appendEntries(session, id, '', [removed]);
    await session.run('delete from connections where id = ?', id);
  },
};

type Turn = Omit<ConnectionEntry, 'connectionId'>;

const entryOf = ({ id, updatedAt }: Connection, kind: Turn['kind'], current: Turn['current'] = {}): Turn => ({
  kind,
  key: id,
  at: updatedAt,
  current,
});

/** What somebody sets about a connection; the rest is found out. */
const maintained = ['name', 'tenant', 'tags', 'region', 'baseUrls', 'settings'] as const;

/** What a saved connection means to those who rely on it. */
function turnsOf(before: Connection, now: Connection, secrets: readonly SealedSecret[]): readonly Turn[] {
  const turns: Turn[] = [];
  const changed = maintained.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]));
  if (changed.length > 0) turns.push(entryOf(now, 'connection.updated', { changed }));
  if (secrets.some(({ kind }) => kind === 'reporting')) turns.push(entryOf(now, 'connection.reconnected'));
  const wasPaused = before.pausedAt !== null;
  if (wasPaused !== (now.pausedAt !== null)) {
    turns.push(entryOf(now, wasPaused ? 'connection.resumed' : 'connection.paused'));
  }
  const isUsable = now.state === 'active';
  if (isUsable === (before.state === 'active')) return turns;
  const { code, detail, hint } = now.lastError ?? { code: now.state, detail: '', hint: null };
  turns.push(
    isUsable
      ? entryOf(now, 'connection.token_restored')
      : entryOf(now, 'connection.token_refused', { error: { code, detail, hint } }),
  );
  return turns;
}

async function refuseTakenName(session: Session, { id, name }: Connection): Promise<void> {
  const taken = await session.get('select 1 from connections where name = ? and id <> ?', name, id);
  if (taken === undefined) return;
  throw new ForeknowError('conflict', {
    detail: `A connection named ${name} is there already.`,
    hint: 'Choose another name, or replace the token of the one that is there.',
  });
}

export async function putSecret(session: Session, secret: SealedSecret): Promise<void> {
  await session.run(
    `insert into secrets (connection_id, kind, sealed, fingerprint, created_at) values (?, ?, ?, ?, ?)
     on conflict (connection_id, kind) do update set sealed = excluded.sealed, fingerprint = excluded.fingerprint,
       created_at = excluded.created_at`,
    secret.connectionId,
    secret.kind,
    secret.sealed,
    secret.fingerprint,
    secret.createdAt,
  );
}
