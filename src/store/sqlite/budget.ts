import { type Budget, type BudgetState, takeFrom } from '../../client/transport/budget.ts';
import type { Session } from './session.ts';
import type { WriterThread } from './writer-thread.ts';

/**
 * Request budgets that survive the process. This process holds the folder's lock, so what it remembers is what is stored;
 * a request is admitted only after it was written down: killed at any point, it is counted too often rather than not at all.
 */
export function storedBudgets(session: Session, writer: WriterThread): (accountKey: string) => Budget {
  const open = new Map<string, Budget>();
  return (accountKey) => {
    let budget = open.get(accountKey);
    if (budget === undefined) {
      budget = storedBudget(loadBudget(session, accountKey), (before, after) =>
        save(writer, accountKey, before, after),
      );
      open.set(accountKey, budget);
    }
    return budget;
  };
}

function storedBudget(
  initial: BudgetState,
  persist: (before: BudgetState, after: BudgetState) => Promise<void>,
): Budget {
  let state = initial;
  const advance = async (next: BudgetState): Promise<void> => {
    const before = state;
    state = next; // at once: a second caller decides on what the first one took
    await persist(before, next);
  };
  return {
    async take(ask) {
      const taken = takeFrom(state, ask);
      if (taken.verdict.admitted) await advance(taken.state);
      return taken.verdict;
    },
    pause: (until) => advance({ ...state, pausedUntil: Math.max(state.pausedUntil, until) }),
    state: async () => state,
  };
}

function loadBudget(session: Session, accountKey: string): BudgetState {
  const recent = session.get<{ times: string; paused_until: number }>(
    'select times, paused_until from budget_recent where account_key = ?',
    accountKey,
  );
  const minutes = session.all<{ minute: number; requests: number }>(
    'select minute, requests from budget_minutes where account_key = ? order by minute',
    accountKey,
  );
  return {
    recent: recent === undefined ? [] : (JSON.parse(recent.times) as number[]),
    minutes: minutes.map(({ minute, requests }) => ({ minute, requests })),
    pausedUntil: recent?.paused_until ?? 0,
  };
}

function save(writer: WriterThread, accountKey: string, before: BudgetState, after: BudgetState): Promise<void> {
  return writer.call('saveBudget', {
    accountKey,
    minute: after.minutes === before.minutes ? null : (after.minutes.at(-1) ?? null),
    oldestMinute: after.minutes[0]?.minute ?? 0,
    recent: after.recent,
    pausedUntil: after.pausedUntil,
  });
}
