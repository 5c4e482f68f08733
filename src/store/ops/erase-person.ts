import { tableOf } from '../row-tables.ts';
import type { Session } from '../session.ts';
import { forgetAnswers } from './calls.ts';
import { eraseFromProvisioning } from './erase-from-provisioning.ts';
import type { Op } from './op.ts';
import { bumpDirectoryVersion } from './pages.ts';

type Erased = { readonly rows: number; readonly changes: number };

/**
 * Erases one person from every table of the connection. What KnowBe4 says about others stays, the name of their manager
 * included. The mark stays, by which syncs leave them out.
 */
export const erasePerson: Op<{ connectionId: string; userId: string; mark: string; at: string }, Erased> = {
  durable: true,
  erases: true,
  run: async (session, { connectionId, userId, mark, at }) => {
    await session.run(
      'insert into erased_people (connection_id, mark, erased_at) values (?, ?, ?) on conflict do nothing',
      connectionId,
      mark,
      at,
    );
    const changes = await eraseChanges(session, connectionId, userId);
    const rows =
      (await eraseRows(session, connectionId, userId)) +
      (await eraseFromAccount(session, connectionId, userId, at)) +
      (await eraseFromProvisioning(session, connectionId, userId, at));
    for (const table of ['memberships', 'admins', 'person_totals']) {
      await session.run(`delete from ${table} where connection_id = ? and user_id = ?`, connectionId, userId);
    }
    await session.run(
      "delete from risk_points where connection_id = ? and subject = 'user' and subject_id = ?",
      connectionId,
      userId,
    );
    await dropDeliveriesOfErased(session, connectionId);
    await forgetAnswers(session);
    return { rows, changes };
  },
};

export const forgetErasure: Op<{ connectionId: string; mark: string }, boolean> = {
  durable: true,
  run: async (session, { connectionId, mark }) =>
    (await session.run('delete from erased_people where connection_id = ? and mark = ?', connectionId, mark)) > 0,
};

/** Streams whose rows name the person they are about in `user_id`. */
const personal = ['enrollments', 'recipients'] as const;

async function eraseChanges(session: Session, connectionId: string, userId: string): Promise<number> {
  let erased = await session.run(
    "delete from changes where connection_id = ? and kind like 'user.%' and key = ?",
    connectionId,
    userId,
  );
  for (const stream of personal) {
    erased += await session.run(
      `delete from changes where connection_id = ?1 and stream = '${stream}'
         and key in (select key from ${tableOf(stream)} where connection_id = ?1 and user_id = ?2)`,
      connectionId,
      userId,
    );
  }
  const { position } = session.words;
  const inText = `${position("coalesce(current, '')", '?2')} + ${position("coalesce(previous, '')", '?2')} > 0`;
  erased += await session.run(
    `delete from changes where connection_id = ?1 and kind in ('group.member_added', 'group.member_removed') and ${inText}`,
    connectionId,
    JSON.stringify(userId),
  );
  erased += await session.run(
    `delete from changes where connection_id = ?1 and stream = 'account' and ${inText}`,
    connectionId,
    `"id":${JSON.stringify(userId)}`,
  );
  return erased;
}

/** What was sent of entries that are gone: a receiver's answer may repeat what it was told. What the log dropped by age stays. */
async function dropDeliveriesOfErased(session: Session, connectionId: string): Promise<void> {
  await session.run(
    `delete from webhook_deliveries where connection_id = ? and seq > (select dropped_to from log_head)
       and not exists (select 1 from changes where changes.seq = webhook_deliveries.seq)`,
    connectionId,
  );
}

async function eraseRows(session: Session, connectionId: string, userId: string): Promise<number> {
  let erased = 0;
  for (const stream of personal) {
    await session.run(
      `delete from missed_rows where connection_id = ?1 and stream = '${stream}'
         and key in (select key from ${tableOf(stream)} where connection_id = ?1 and user_id = ?2)`,
      connectionId,
      userId,
    );
    erased += await session.run(
      `delete from ${tableOf(stream)} where connection_id = ? and user_id = ?`,
      connectionId,
      userId,
    );
  }
  await session.run(
    "delete from missed_rows where connection_id = ? and stream = 'users' and key = ?",
    connectionId,
    userId,
  );
  return (
    erased + (await session.run('delete from user_rows where connection_id = ? and key = ?', connectionId, userId))
  );
}

/** An admin's name and address also stand in the account's own record. Its seen digest goes, so that it is compared anew. */
async function eraseFromAccount(session: Session, connectionId: string, userId: string, at: string): Promise<number> {
  const account = await session.get<{ raw: string }>(
    'select raw from account_rows where connection_id = ? limit 1',
    connectionId,
  );
  if (account === undefined) return 0;
  const raw = JSON.parse(account.raw) as { admins?: readonly { id?: unknown }[] };
  const admins = raw.admins?.filter((admin) => String(admin.id) !== userId);
  if (admins === undefined || admins.length === raw.admins!.length) return 0;
  await session.run(
    "update account_rows set raw = ?, seen_digest = '', digest = '', changed_at = ? where connection_id = ?",
    JSON.stringify({ ...raw, admins }),
    at,
    connectionId,
  );
  await bumpDirectoryVersion(session, connectionId);
  return 1;
}
