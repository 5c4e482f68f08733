import type { Pool } from 'pg';
import {
  type Budget,
  type BudgetAsk,
  type BudgetState,
  takeFrom,
  type Verdict,
} from '../../client/transport/budget.ts';
import type { Op } from '../ops/op.ts';
import type { Session } from '../session.ts';
import { transact } from './transact.ts';

/** Request budgets that every process on the database shares: each decision is one transaction that locks the account's row. */
export const sharedBudget = (pool: Pool, accountKey: string): Budget => ({
  take: (ask) => transact(pool, take, { accountKey, ask }),
  pause: (until) => transact(pool, pause, { accountKey, until }),
  state: () => transact(pool, read, accountKey),
});

const take: Op<{ accountKey: string; ask: BudgetAsk }, Verdict> = {
  durable: true, // a server that dies must not forget a request that went out
  run: async (session, { accountKey, ask }) => {
    const recent = await lockAccount(session, accountKey);
    const before = await loadState(session, accountKey, recent, Number.isFinite(ask.limits.perDay));
    const { verdict, state } = takeFrom(before, ask);
    if (state !== before) await save(session, accountKey, state);
    return verdict;
  },
};

const pause: Op<{ accountKey: string; until: number }, void> = {
  durable: true,
  run: async (session, { accountKey, until }) => {
    await session.run(
      `insert into budget_recent (account_key, times, paused_until) values (?, '[]', ?)
       on conflict (account_key) do update set paused_until = greatest(budget_recent.paused_until, excluded.paused_until)`,
      accountKey,
      Math.ceil(until),
    );
  },
};

const read: Op<string, BudgetState> = {
  durable: false,
  run: async (session, accountKey) => {
    const recent = await session.get<RecentRow>(recentText, accountKey);
    return loadState(session, accountKey, recent ?? { times: '[]', paused_until: 0 }, true);
  },
};

type RecentRow = { readonly times: string; readonly paused_until: number };
const recentText = 'select times, paused_until from budget_recent where account_key = ?';

async function lockAccount(session: Session, accountKey: string): Promise<RecentRow> {
  const locked = () => session.get<RecentRow>(`${recentText} for update`, accountKey);
  const found = await locked();
  if (found !== undefined) return found;
  await session.run(
    "insert into budget_recent (account_key, times, paused_until) values (?, '[]', 0) on conflict do nothing",
    accountKey,
  );
  return (await locked())!;
}

/** @param wholeDay false when nobody asks for more than the newest minute */
async function loadState(
  session: Session,
  accountKey: string,
  recent: RecentRow,
  wholeDay: boolean,
): Promise<BudgetState> {
  const minutes = await session.all<{ minute: number; requests: number }>(
    `select minute, requests from budget_minutes where account_key = ? order by minute desc${wholeDay ? '' : ' limit 1'}`,
    accountKey,
  );
  return {
    recent: JSON.parse(recent.times) as number[],
    minutes: minutes.reverse(),
    pausedUntil: recent.paused_until,
  };
}

/**
 * Only the newest minute can have changed. What is older than a day goes when a new minute begins, and what is later is of a
 * clock that was set back and counts in the newest.
 */
async function save(
  session: Session,
  accountKey: string,
  { minutes, recent, pausedUntil }: BudgetState,
): Promise<void> {
  const newest = minutes.at(-1)!;
  await session.run(
    `with counted as (
       insert into budget_minutes (account_key, minute, requests) values (?1, ?2, ?3)
       on conflict (account_key, minute) do update set requests = excluded.requests),
     forgotten as (delete from budget_minutes where account_key = ?1 and (minute < ?4 or minute > ?2))
     update budget_recent set times = ?5, paused_until = ?6 where account_key = ?1`,
    accountKey,
    newest.minute,
    newest.requests,
    newest.minute - DAY_MINUTES,
    JSON.stringify(recent),
    pausedUntil,
  );
}

const DAY_MINUTES = 24 * 60;
