import { type Budget, createLimiter, type Limiter } from '../client/index.ts';
import type { Connection, LimitSettings } from '../connections/connection.ts';
import { type Limits, safeLimits } from '../wire/limits.ts';

const defaultReserveShare = 0.2;

/** The limits of a connection: its settings over the safe defaults; a setting of null lifts a limit. */
function limitsOf(settings: LimitSettings | undefined, seats: number | null): Limits {
  const safe = safeLimits(seats ?? 0);
  const pick = (name: keyof Limits): number => {
    const set = settings?.[name];
    return set === undefined ? safe[name] : (set ?? Number.POSITIVE_INFINITY);
  };
  return { perSecond: pick('perSecond'), perMinute: pick('perMinute'), perDay: pick('perDay') };
}

export type Limiters = {
  /** The limiter that all callers of the connection's account share in this process. */
  of(connection: Connection): Limiter;
  /** Puts requests on the account that were sent before it was known. */
  note(connection: Connection, requests: number): Promise<void>;
  /** Refusals of the last 24 hours that our own count does not explain. */
  unexpected429(connection: Connection): number;
};

type Wish = { readonly limits: Limits; readonly reserveShare: number };
type Entry = { readonly limiter: Limiter; readonly wishes: Map<string, Wish>; readonly refusals: number[] };

/** What was sent is counted, whether or not it should have been. */
const beyondAny: Limits = { perSecond: 1000, perMinute: 1000, perDay: Number.MAX_SAFE_INTEGER };

const DAY_MS = 24 * 60 * 60 * 1000;

/** One limiter for each account, whatever the number of connections to it; where their settings differ the strictest hold. */
export function createLimiters(deps: {
  readonly budgetOf: (accountKey: string) => Budget;
  readonly now: () => number;
  /** A clock that is never set, see `LimiterOptions`. */
  readonly elapsed?: (() => number) | undefined;
  readonly onUnexpected429: (accountKey: string, pausedMs: number) => void;
}): Limiters {
  const entries = new Map<string, Entry>();

  const newEntry = (key: string, wish: Wish): Entry => {
    const refusals: number[] = [];
    const limiter = createLimiter({
      ...wish,
      budget: deps.budgetOf(key),
      now: deps.now,
      ...(deps.elapsed !== undefined && { elapsed: deps.elapsed }),
      onUnexpected429: ({ pausedMs }) => {
        refusals.push(deps.now());
        deps.onUnexpected429(key, pausedMs);
      },
    });
    return { limiter, refusals, wishes: new Map() };
  };

  const entryOf = (connection: Connection): Entry => {
    const key = connection.accountKey ?? connection.id;
    const { settings, account } = connection;
    const wish: Wish = {
      limits: limitsOf(settings.limits, account?.seats ?? null),
      reserveShare: settings.limits?.reserveShare ?? defaultReserveShare,
    };
    const entry = entries.get(key) ?? newEntry(key, wish);
    entries.set(key, entry);
    entry.wishes.set(connection.id, wish);
    const { limits, reserveShare } = strictest([...entry.wishes.values()]);
    entry.limiter.setLimits(limits, reserveShare);
    return entry;
  };

  return {
    of: (connection) => entryOf(connection).limiter,
    async note(connection, requests) {
      const budget = deps.budgetOf(connection.accountKey ?? connection.id);
      const ask = { kind: 'interactive', limits: beyondAny, reserveShare: 0 } as const;
      for (let sent = 0; sent < requests; sent += 1) await budget.take({ ...ask, now: deps.now() });
    },
    unexpected429(connection) {
      const { refusals } = entryOf(connection);
      while (refusals.length > 0 && refusals[0]! < deps.now() - DAY_MS) refusals.shift();
      return refusals.length;
    },
  };
}

function strictest(wishes: readonly Wish[]): Wish {
  const least = (pick: (wish: Wish) => number): number => Math.min(...wishes.map(pick));
  return {
    limits: {
      perSecond: least((wish) => wish.limits.perSecond),
      perMinute: least((wish) => wish.limits.perMinute),
      perDay: least((wish) => wish.limits.perDay),
    },
    reserveShare: Math.max(...wishes.map((wish) => wish.reserveShare)),
  };
}
