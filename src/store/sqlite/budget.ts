import { type Budget, type BudgetState, takeFrom } from '../../client/transport/budget.ts';
import type { OpenDatabase } from './database.ts';
import type { WriterThread } from './writer-thread.ts';

/** Requests that the stored budget is ahead of those sent, while they come one after another. */
const SPARE = 4;
/** How long a spare request may be used: it is stored as sent at the end of this time. */
const SPARE_MS = 1000;

type StoredBudgets = {
  /** The budget of an account; one object for each key. */
  of(accountKey: string): Budget;
  /** Takes back what was counted and not sent. */
  settle(): Promise<void>;
};

/**
 * Request budgets that survive the process. This process holds the folder's lock, so what it remembers is what is stored;
 * a request is admitted only when it is written down already: killed at any point, it is counted too often rather than not at all.
 */
export function storedBudgets(database: OpenDatabase, writer: WriterThread): StoredBudgets {
  const open = new Map<string, SettledBudget>();
  return {
    of(accountKey) {
      let budget = open.get(accountKey);
      if (budget === undefined) {
        budget = storedBudget(loadBudget(database, accountKey), (state) => save(writer, accountKey, state));
        open.set(accountKey, budget);
      }
      return budget;
    },
    settle: async () => void (await Promise.all([...open.values()].map((budget) => budget.settle()))),
  };
}

type SettledBudget = Budget & { settle(): Promise<void> };

/**
 * Writing down one request takes as long as the page that is being written, so each write counts a few requests in advance:
 * the next ones go out at once while their own write follows. When none has come for a while the advance is taken back.
 */
function storedBudget(initial: BudgetState, persist: (state: BudgetState) => Promise<void>): SettledBudget {
  let state = initial;
  let taken = 0;
  let latest = 0; // ms
  /** The store counts this many of them, and what is sent until then. */
  let covered = { taken: 0, until: 0 };
  let advance: NodeJS.Timeout | null = null;

  const write = async (): Promise<void> => {
    const next = { taken: taken + SPARE, until: latest + SPARE_MS };
    if (advance === null) {
      advance = setTimeout(() => void settle().catch(() => undefined), SPARE_MS).unref();
    } else {
      advance.refresh();
    }
    const own = advance;
    await persist(withSpare(state, next.until));
    // Not when the advance was taken back meanwhile.
    if (own === advance) covered = next;
  };

  const settle = async (): Promise<void> => {
    if (advance === null) return;
    clearTimeout(advance);
    advance = null;
    covered = { taken: 0, until: 0 };
    await persist(state);
  };

  return {
    async take(ask) {
      const { verdict, state: next } = takeFrom(state, ask);
      state = next; // at once: a second caller decides on what the first one took
      if (!verdict.admitted) return verdict;
      taken += 1;
      latest = ask.now;
      const written = write();
      if (taken > covered.taken || ask.now > covered.until) await written;
      else written.catch(() => undefined); // a store that cannot write says so to the next one
      return verdict;
    },
    async pause(until) {
      state = { ...state, pausedUntil: Math.max(state.pausedUntil, until) };
      await (advance === null ? persist(state) : write());
    },
    state: async () => state,
    settle,
  };
}

/** The state with some requests more than were sent. */
function withSpare(state: BudgetState, at: number): BudgetState {
  const last = state.minutes.at(-1);
  if (last === undefined) return state;
  return {
    ...state,
    recent: [...state.recent, ...Array<number>(SPARE).fill(at)],
    minutes: [...state.minutes.slice(0, -1), { ...last, requests: last.requests + SPARE }],
  };
}

function loadBudget(database: OpenDatabase, accountKey: string): BudgetState {
  const recent = database.get<{ times: string; paused_until: number }>(
    'select times, paused_until from budget_recent where account_key = ?',
    accountKey,
  );
  const minutes = database.all<{ minute: number; requests: number }>(
    'select minute, requests from budget_minutes where account_key = ? order by minute',
    accountKey,
  );
  return {
    recent: recent === undefined ? [] : (JSON.parse(recent.times) as number[]),
    minutes: minutes.map(({ minute, requests }) => ({ minute, requests })),
    pausedUntil: recent?.paused_until ?? 0,
  };
}

function save(writer: WriterThread, accountKey: string, state: BudgetState): Promise<void> {
  return writer.call('saveBudget', {
    accountKey,
    // The minute before too: it may have been stored with an advance.
    minutes: state.minutes.slice(-2),
    oldestMinute: state.minutes[0]?.minute ?? 0,
    recent: state.recent,
    pausedUntil: state.pausedUntil,
  });
}
