import { type Budget, type BudgetState, takeFrom } from '../../client/transport/budget.ts';
import type { Limits } from '../../wire/limits.ts';
import type { OpenDatabase } from './database.ts';
import type { WriterThread } from './writer-thread.ts';

/** Requests that the stored budget is ahead of those sent, while they come one after another: the fewest, and the most. */
const SPARE = { least: 4, most: 64 };
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
        budget = storedBudget(loadBudget(database, accountKey), saver(writer, accountKey));
        open.set(accountKey, budget);
      }
      return budget;
    },
    settle: async () => void (await Promise.all([...open.values()].map((budget) => budget.settle()))),
  };
}

type SettledBudget = Budget & { settle(): Promise<void> };

/**
 * Writing down one request takes as long as the page that is being written, so each write counts some requests in advance:
 * the next ones go out at once, and are written down together when half of the advance is used. When none has come for a
 * while the advance is taken back.
 */
function storedBudget(initial: BudgetState, persist: (state: BudgetState) => Promise<void>): SettledBudget {
  let state = initial;
  let taken = 0;
  let latest = 0; // ms
  let spare = SPARE.least;
  /** The store counts this many of them, and what is sent until then. */
  let covered = { taken: 0, until: 0 };
  let advance: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;

  const write = (): Promise<void> => {
    writing ??= writeNow().finally(() => {
      writing = null;
    });
    return writing;
  };

  const writeNow = async (): Promise<void> => {
    const next = { taken: taken + spare, until: latest + SPARE_MS };
    if (advance === null) {
      advance = setTimeout(() => void settle().catch(() => undefined), SPARE_MS).unref();
    } else {
      advance.refresh();
    }
    const own = advance;
    await persist(withSpare(state, spare, next.until));
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
      spare = spareOf(ask.limits);
      const own = taken;
      const isOnRecord = () => own <= covered.taken && ask.now <= covered.until;
      // What is being written may cover it; if not, the next write does, and everybody else who waits.
      if (!isOnRecord() && writing !== null) await writing;
      if (!isOnRecord()) await write();
      else if (writing === null && (covered.taken - taken) * 2 <= spare) {
        write().catch(() => undefined); // a store that cannot write says so to the next one
      }
      return verdict;
    },
    async pause(until) {
      state = { ...state, pausedUntil: Math.max(state.pausedUntil, until) };
      await (advance === null ? persist(state) : writeNow());
    },
    state: async () => state,
    settle,
  };
}

/** A part of the limits that is soon there again: what a killed process leaves counted too much should hold nobody up. */
const spareOf = ({ perSecond, perMinute, perDay }: Limits): number =>
  Math.floor(Math.max(SPARE.least, Math.min(SPARE.most, perSecond, perMinute / 12, perDay / 500)));

/** The state with some requests more than were sent. */
function withSpare(state: BudgetState, spare: number, at: number): BudgetState {
  const last = state.minutes.at(-1);
  if (last === undefined) return state;
  return {
    ...state,
    recent: [...state.recent, ...Array<number>(spare).fill(at)],
    minutes: [...state.minutes.slice(0, -1), { ...last, requests: last.requests + spare }],
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

/** Of a day’s minutes those are written that are not as they were written before; at first all. */
function saver(writer: WriterThread, accountKey: string): (state: BudgetState) => Promise<void> {
  let written: ReadonlySet<BudgetState['minutes'][number]> = new Set();
  return async ({ minutes, recent, pausedUntil }) => {
    const changed = minutes.filter((minute) => !written.has(minute));
    written = new Set(minutes);
    const write = writer.call('saveBudget', {
      accountKey,
      minutes: changed.map(({ minute, requests }) => ({ minute, requests })),
      oldestMinute: minutes[0]?.minute ?? 0,
      newestMinute: minutes.at(-1)?.minute ?? Number.MAX_SAFE_INTEGER,
      recent,
      pausedUntil,
    });
    await write.catch((error: unknown) => {
      written = new Set();
      throw error;
    });
  };
}
