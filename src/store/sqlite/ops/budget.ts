import type { Op } from './op.ts';

/** What one request, or one pause, changes in the stored budget of an account. */
export type BudgetChange = {
  readonly accountKey: string;
  /** Newest minute with its requests so far; null when only the pause changed. */
  readonly minute: { readonly minute: number; readonly requests: number } | null;
  /** Minutes before this one are of no use any more. */
  readonly oldestMinute: number;
  readonly recent: readonly number[];
  readonly pausedUntil: number;
};

export const saveBudget: Op<BudgetChange, void> = {
  durable: false,
  run: (session, { accountKey, minute, oldestMinute, recent, pausedUntil }) => {
    if (minute !== null) {
      session.run(
        `insert into budget_minutes (account_key, minute, requests) values (?, ?, ?)
         on conflict (account_key, minute) do update set requests = excluded.requests`,
        accountKey,
        minute.minute,
        minute.requests,
      );
    }
    session.run('delete from budget_minutes where account_key = ? and minute < ?', accountKey, oldestMinute);
    session.run(
      `insert into budget_recent (account_key, times, paused_until) values (?, ?, ?)
       on conflict (account_key) do update set times = excluded.times, paused_until = excluded.paused_until`,
      accountKey,
      JSON.stringify(recent),
      pausedUntil,
    );
  },
};
