import type { Connection } from '../../connections/connection.ts';
import type { SealedSecret } from '../../connections/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { toConnectionRow } from '../connection-rows.ts';
import { recordStreams, tableOf } from '../row-tables.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';

export const createConnection: Op<{ connection: Connection; secrets: readonly SealedSecret[] }, void> = {
  durable: true,
  run: async (session, { connection, secrets }) => {
    await refuseTakenName(session, connection);
    await session.run(
      `insert into connections (name, tenant, tags, region, base_urls, state, paused_at, last_error, settings, account,
         account_key, created_at, updated_at, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...toConnectionRow(connection),
    );
    for (const secret of secrets) await putSecret(session, secret);
  },
};

export const saveConnection: Op<Connection, void> = {
  durable: true,
  run: async (session, connection) => {
    await refuseTakenName(session, connection);
    const changed = await session.run(
      `update connections set name = ?, tenant = ?, tags = ?, region = ?, base_urls = ?, state = ?, paused_at = ?,
         last_error = ?, settings = ?, account = ?, account_key = ?, created_at = ?, updated_at = ? where id = ?`,
      ...toConnectionRow(connection),
    );
    if (changed === 0) {
      throw new ForeknowError('not_found', { detail: `Connection ${connection.name} is not there any more.` });
    }
  },
};

export const saveSecret: Op<SealedSecret, void> = { durable: true, run: putSecret };

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
];

export const deleteConnection: Op<{ id: string; purge: boolean }, void> = {
  durable: true,
  erases: true,
  run: async (session, { id, purge }) => {
    await session.run('delete from pass_pages where pass_id in (select id from passes where connection_id = ?)', id);
    for (const table of ['passes', 'run_locks', 'secrets', 'intakes', 'intake_calls', 'erased_people', ...(purge ? mirrorTables : [])]) {
      await session.run(`delete from ${table} where connection_id = ?`, id);
    }
    await session.run('delete from connections where id = ?', id);
  },
};

async function refuseTakenName(session: Session, { id, name }: Connection): Promise<void> {
  const taken = await session.get('select 1 from connections where name = ? and id <> ?', name, id);
  if (taken === undefined) return;
  throw new ForeknowError('conflict', {
    detail: `A connection named ${name} is there already.`,
    hint: 'Choose another name, or replace the token of the one that is there.',
  });
}

async function putSecret(session: Session, secret: SealedSecret): Promise<void> {
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
