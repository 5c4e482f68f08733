import type { Intake, IntakeCall, IntakeSpend, SealedSecret } from '../../connections/ports.ts';
import { putSecret } from './connections.ts';
import type { Op } from './op.ts';

type NewIntake = { intake: Pick<Intake, 'connectionId' | 'inQuery' | 'createdAt'>; secret: SealedSecret };

export const saveIntake: Op<NewIntake, void> = {
  durable: true,
  run: async (session, { intake: { connectionId, inQuery, createdAt }, secret }) => {
    await putSecret(session, secret);
    await session.run(
      `insert into intakes (connection_id, in_query, created_at, calls) values (?, ?, ?, 0)
       on conflict (connection_id) do update set in_query = excluded.in_query, created_at = excluded.created_at`,
      connectionId,
      inQuery ? 1 : 0,
      createdAt,
    );
  },
};

export const dropIntake: Op<{ connectionId: string }, boolean> = {
  durable: true,
  run: async (session, { connectionId }) => {
    await session.run('delete from intake_calls where connection_id = ?', connectionId);
    await session.run(`delete from secrets where connection_id = ? and kind = 'intake'`, connectionId);
    return (await session.run('delete from intakes where connection_id = ?', connectionId)) > 0;
  },
};

/** Of two wake-ups that wait the later time and the deeper level are kept. */
export const noteIntakeCall: Op<IntakeCall, 'new' | 'repeated' | 'off'> = {
  durable: false,
  run: async (session, { connectionId, digest, level, at, forgetBefore }) => {
    await session.run('delete from intake_calls where connection_id = ? and at < ?', connectionId, forgetBefore);
    const counted = await session.run(
      'update intakes set calls = calls + 1, last_call_at = ? where connection_id = ?',
      at,
      connectionId,
    );
    if (counted === 0) return 'off';
    const isNew = await session.run(
      'insert into intake_calls (connection_id, digest, at) values (?, ?, ?) on conflict (connection_id, digest) do nothing',
      connectionId,
      digest,
      at,
    );
    if (isNew === 0) return 'repeated';
    await session.run(
      `update intakes set wake_at = ?1,
         wake_level = case when wake_level = 'refresh' then wake_level else cast(?2 as text) end
       where connection_id = ?3`,
      at,
      level,
      connectionId,
    );
    return 'new';
  },
};

/** The run begins: it answers every wake-up until `at`. */
export const spendWakeUp: Op<IntakeSpend, void> = {
  durable: false,
  run: async (session, { connectionId, requests, at }) => {
    await session.run(
      `update intakes set spent = ?1, spent_at = cast(?2 as bigint),
         wake_level = case when wake_at > cast(?2 as bigint) then wake_level else null end
       where connection_id = ?3`,
      requests,
      at,
      connectionId,
    );
  },
};
