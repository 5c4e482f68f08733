import type { ConnectLink } from '../../connections/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { type Link, notOpen, stateOf } from '../../links/link.ts';
import type { Attempt, LinkHashes } from '../../links/ports.ts';
import { type LinkRow, toLink } from '../link-reads.ts';
import type { Session } from '../session.ts';
import type { Op } from './op.ts';

export const createLink: Op<{ link: Link; hashes: LinkHashes }, void> = {
  durable: true,
  run: async (session, { link, hashes }) => {
    await session.run(
      `insert into connect_links (id, kind, task, maker_id, requester, tenant, name, tags, connection_id, keys, region,
         streams_off, context, redirect_uri, origins, address, created_at, expires_at, opened_at, used_at, revoked_at,
         result_connection_id, sent_at, reminded_at, secret_hash, code_hash, entry_hash)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      link.id,
      link.kind,
      link.task,
      link.makerId,
      link.requester,
      link.tenant,
      link.name,
      JSON.stringify(link.tags),
      link.connectionId,
      JSON.stringify(link.keys),
      link.region,
      JSON.stringify(link.streamsOff),
      JSON.stringify(link.context),
      link.redirectUri,
      JSON.stringify(link.origins),
      link.address,
      link.createdAt,
      link.expiresAt,
      link.openedAt,
      link.usedAt,
      link.revokedAt,
      link.resultConnectionId,
      link.sentAt,
      link.remindedAt,
      hashes.secret,
      hashes.code,
      hashes.entry,
    );
  },
};

/** Where a link is open at the time that is bound last. */
const isOpen = 'used_at is null and revoked_at is null and expires_at > ?';

type ByCode = { hashes: readonly string[]; attempt: Attempt };

export const findLinkByCode: Op<ByCode, Link | null | 'limited'> = {
  durable: true,
  run: async (session, { hashes, attempt }) => {
    const counts = await countsOf(session, attempt);
    if (counts === null) return 'limited';
    const row = await session.get<LinkRow>(
      `select * from connect_links where ${session.words.among('code_hash', '?')} and ${isOpen}`,
      hashes,
      new Date(attempt.at).toISOString(),
    );
    if (row !== undefined) return toLink(row);
    await keepCounts(session, counts, attempt);
    return null;
  },
};

export const countAttempt: Op<Attempt, boolean> = {
  durable: true,
  run: async (session, attempt) => {
    const counts = await countsOf(session, attempt);
    if (counts !== null) await keepCounts(session, counts, attempt);
    return counts !== null;
  },
};

export const forgetAttempt: Op<Attempt, void> = {
  durable: false,
  run: async (session, { limits, at }) => {
    for (const { scope } of limits) {
      const times = JSON.parse((await locked(session, scope)).times) as number[];
      const one = times.indexOf(at);
      if (one === -1) continue;
      await session.run(
        'update link_attempts set times = ? where scope = ?',
        JSON.stringify(times.toSpliced(one, 1)),
        scope,
      );
    }
  },
};

type Counts = readonly { readonly scope: string; readonly times: readonly number[] }[];

/** The attempts so far, locked until the transaction ends; null when one limit is reached. */
async function countsOf(session: Session, { limits, since }: Attempt): Promise<Counts | null> {
  const counts: Counts[number][] = [];
  for (const { scope, most } of limits) {
    const row = await locked(session, scope);
    const times = (JSON.parse(row.times) as number[]).filter((time) => time > since);
    if (times.length >= most) return null;
    counts.push({ scope, times });
  }
  return counts;
}

async function locked(session: Session, scope: string): Promise<{ times: string }> {
  const text = `select times from link_attempts where scope = ? ${session.words.forUpdate}`;
  const found = await session.get<{ times: string }>(text, scope);
  if (found !== undefined) return found;
  await session.run(
    "insert into link_attempts (scope, times, last_at) values (?, '[]', 0) on conflict (scope) do nothing",
    scope,
  );
  return (await session.get<{ times: string }>(text, scope))!;
}

/** What nobody tried in the last hour is forgotten, so that there are no more rows than attempts in it. */
async function keepCounts(session: Session, counts: Counts, { at, since }: Attempt): Promise<void> {
  for (const { scope, times } of counts) {
    await session.run(
      'update link_attempts set times = ?, last_at = ? where scope = ?',
      JSON.stringify([...times, at]),
      at,
      scope,
    );
  }
  await session.run('delete from link_attempts where last_at <= ?', since);
}

type Renewal = { id: string; hashes: LinkHashes; at: string };

export const renewLink: Op<Renewal, boolean> = {
  durable: true,
  run: async (session, { id, hashes, at }) =>
    (await session.run(
      `update connect_links set secret_hash = ?, code_hash = ?, entry_hash = ?, reminder_hash = null, sent_at = null
       where id = ? and ${isOpen}`,
      hashes.secret,
      hashes.code,
      hashes.entry,
      id,
      at,
    )) > 0,
};

export const revokeLink: Op<{ id: string; at: string }, boolean> = {
  durable: true,
  run: async (session, { id, at }) =>
    (await session.run(
      'update connect_links set revoked_at = ? where id = ? and used_at is null and revoked_at is null',
      at,
      id,
    )) > 0,
};

export const noteLinkOpened: Op<{ id: string; at: string }, void> = {
  durable: false,
  run: async (session, { id, at }) => {
    await session.run('update connect_links set opened_at = ? where id = ? and opened_at is null', at, id);
  },
};

export const noteLinkSent: Op<{ id: string; at: string }, void> = {
  durable: true,
  run: async (session, { id, at }) => {
    await session.run('update connect_links set sent_at = ? where id = ?', at, id);
  },
};

export const takeForReminder: Op<{ at: string; expiresBefore: string }, readonly Link[]> = {
  durable: true,
  run: async (session, { at, expiresBefore }) => {
    const rows = await session.all<LinkRow>(
      `select * from connect_links where kind = 'invitation' and sent_at is not null and reminded_at is null
         and expires_at <= ? and ${isOpen} ${session.words.skipLocked}`,
      expiresBefore,
      at,
    );
    for (const { id } of rows) {
      await session.run('update connect_links set reminded_at = ? where id = ?', at, id);
    }
    return rows.map((row) => ({ ...toLink(row), remindedAt: at }));
  },
};

export const addReminderSecret: Op<{ id: string; hash: string }, void> = {
  durable: true,
  run: async (session, { id, hash }) => {
    await session.run('update connect_links set reminder_hash = ? where id = ?', hash, id);
  },
};

export const untakeReminder: Op<{ id: string }, void> = {
  durable: false,
  run: async (session, { id }) => {
    await session.run('update connect_links set reminded_at = null, reminder_hash = null where id = ?', id);
  },
};

export const dropLinks: Op<{ endedBefore: string }, number> = {
  durable: false,
  run: async (session, { endedBefore }) =>
    session.run('delete from connect_links where coalesce(used_at, revoked_at, expires_at) < ?', endedBefore),
};

/**
 * Uses a link up, in the transaction of what it asked for, which does not happen unless the link is open and its maker's token
 * still good.
 * @throws ForeknowError `link_used`, `link_revoked`, `link_expired`, `link_invalid`
 */
export async function useLink(session: Session, { linkId, at }: ConnectLink, connectionId: string): Promise<void> {
  const used = await session.run(
    `update connect_links set used_at = ?1, result_connection_id = ?2
     where id = ?3 and used_at is null and revoked_at is null and expires_at > ?1 and (maker_id is null or exists (
       select 1 from api_tokens where id = maker_id and revoked_at is null and (expires_at is null or expires_at > ?1)))`,
    at,
    connectionId,
    linkId,
  );
  if (used > 0) return;
  const row = await session.get<LinkRow>('select * from connect_links where id = ?', linkId);
  if (row === undefined) throw new ForeknowError('link_invalid', { detail: 'The link is not known.' });
  const link = toLink(row);
  const state = stateOf(link, new Date(at));
  throw notOpen(link, state === 'open' ? 'ended' : state);
}
