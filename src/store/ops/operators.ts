import { ForeknowError } from '../../errors/errors.ts';
import type { Operator } from '../../operators/operator.ts';
import type { SealedTotp } from '../../operators/ports.ts';
import type { Session } from '../session.ts';
import { putSecret } from './connections.ts';
import type { Op } from './op.ts';

type Created = { operator: Operator; hash: string; totp: SealedTotp | null };

export const createOperator: Op<Created, void> = {
  durable: true,
  run: async (session, { operator, hash, totp }) => {
    const { id, name, createdAt, changedAt, disabledAt } = operator;
    const made = await session.run(
      `insert into operators (id, name, lookup, hash, has_totp, totp_step, created_at, changed_at, disabled_at)
       values (?, ?, ?, ?, ?, null, ?, ?, ?) on conflict do nothing`,
      ...[id, name, name.toLowerCase(), hash, totp === null ? 0 : 1, createdAt, changedAt, disabledAt],
    );
    if (made === 0) {
      throw new ForeknowError('conflict', {
        detail: `An operator named ${name} is there already.`,
        hint: 'Choose another name, or set another secret with foreknow operators reset.',
      });
    }
    if (totp !== null) await putSecret(session, totp);
  },
};

type Reset = { id: string; hash: string; totp: SealedTotp | null; at: string };

export const resetOperator: Op<Reset, boolean> = {
  durable: true,
  run: async (session, { id, hash, totp, at }) => {
    const text =
      'update operators set hash = ?, has_totp = ?, totp_step = null, changed_at = ?, disabled_at = null where id = ?';
    if ((await session.run(text, hash, totp === null ? 0 : 1, at, id)) === 0) return false;
    await session.run("delete from secrets where connection_id = ? and kind = 'totp'", id);
    if (totp !== null) await putSecret(session, totp);
    await endSessions(session, id);
    return true;
  },
};

type Disabled = 'disabled' | 'already' | 'last';

/** All who can approve are locked meanwhile: two who disable each other come one after the other. */
export const disableOperator: Op<{ id: string; at: string }, Disabled> = {
  durable: true,
  run: async (session, { id, at }) => {
    const text = `select id from operators where disabled_at is null order by id ${session.words.forUpdate}`;
    const enabled = await session.all<{ id: string }>(text);
    if (enabled.every((one) => one.id === id) && enabled.length > 0) return 'last';
    await endSessions(session, id);
    const changed = await session.run(
      'update operators set disabled_at = ? where id = ? and disabled_at is null',
      at,
      id,
    );
    return changed > 0 ? 'disabled' : 'already';
  },
};

const endSessions = (session: Session, id: string): Promise<number> =>
  session.run('delete from operator_sessions where operator_id = ?', id);

export const useTotpStep: Op<{ id: string; step: number }, boolean> = {
  durable: true,
  run: async (session, { id, step }) =>
    (await session.run(
      'update operators set totp_step = ?1 where id = ?2 and (totp_step is null or totp_step < ?1)',
      step,
      id,
    )) > 0,
};

type NewSession = { hash: string; operatorId: string; secretSetAt: string; createdAt: string; expiresAt: string };

export const createOperatorSession: Op<NewSession, boolean> = {
  durable: true,
  run: async (session, { hash, operatorId, secretSetAt, createdAt, expiresAt }) => {
    const text = `select id from operators where id = ? and changed_at = ? and disabled_at is null ${session.words.forUpdate}`;
    if ((await session.get(text, operatorId, secretSetAt)) === undefined) return false;
    await session.run(
      'insert into operator_sessions (hash, operator_id, created_at, expires_at) values (?, ?, ?, ?)',
      ...[hash, operatorId, createdAt, expiresAt],
    );
    return true;
  },
};

export const endOperatorSession: Op<{ hash: string }, boolean> = {
  durable: true,
  run: async (session, { hash }) => (await session.run('delete from operator_sessions where hash = ?', hash)) > 0,
};

export const dropOperatorSessions: Op<{ expiredBefore: string }, number> = {
  durable: false,
  run: async (session, { expiredBefore }) =>
    session.run('delete from operator_sessions where expires_at < ?', expiredBefore),
};
