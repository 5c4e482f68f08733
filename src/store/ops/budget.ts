import type { Op } from './op.ts';

/** What one request, or one pause, changes in the stored budget of an account. */
export type BudgetChange = {
  readonly accountKey: string;
  /** The minutes that changed, with their requests so far. */
  readonly minutes: readonly { readonly minute: number; readonly requests: number }[];
  /** Minutes before this one are of no use any more. */
  readonly oldestMinute: number;
  /** Those after it are of a clock that was set back: they count in it. */
  readonly newestMinute: number;
  readonly recent: readonly number[];
  readonly pausedUntil: number;
};

export const saveBudget: Op<BudgetChange, void> = {
  durable: false,
  run: async (session, { accountKey, minutes, oldestMinute, newestMinute, recent, pausedUntil }) => {
    for (const { minute, requests } of minutes) {
      await session.run(
        `insert into budget_minutes (account_key, minute, requests) values (?, ?, ?)
         on conflict (account_key, minute) do update set requests = excluded.requests`,
        accountKey,
        minute,
        requests,
      );
    }
    await session.run(
      'delete from budget_minutes where account_key = ? and (minute < ? or minute > ?)',
      accountKey,
      oldestMinute,
      newestMinute,
    );
    await session.run(
      `insert into budget_recent (account_key, times, paused_until) values (?, ?, ?)
       on conflict (account_key) do update set times = excluded.times, paused_until = excluded.paused_until`,
      accountKey,
      JSON.stringify(recent),
      pausedUntil,
    );
  },
};
