import { type Budget, createLimiter, type Limiter } from '../client/index.ts';
import type { Connection, LimitSettings } from '../connections/connection.ts';
import { type Limits, safeLimits } from '../wire/limits.ts';

export const defaultReserveShare = 0.2;

/** The limits of a connection: its settings over the safe defaults; a setting of null lifts a limit. */
export function limitsOf(settings: LimitSettings | undefined, seats: number | null): Limits {
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
  /** Refusals of the last 24 hours that our own count does not explain. */
  unexpected429(connection: Connection): number;
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** One limiter for each account, whatever the number of connections to it. */
export function createLimiters(deps: {
  readonly budgetOf: (accountKey: string) => Budget;
  readonly now: () => number;
  readonly onUnexpected429: (accountKey: string, pausedMs: number) => void;
}): Limiters {
  const limiters = new Map<string, { limiter: Limiter; refusals: number[] }>();
  const entryOf = (connection: Connection) => {
    const key = connection.accountKey ?? connection.id;
    let entry = limiters.get(key);
    if (entry === undefined) {
      const refusals: number[] = [];
      const limiter = createLimiter({
        limits: limitsOf(connection.settings.limits, connection.account?.seats ?? null),
        reserveShare: connection.settings.limits?.reserveShare ?? defaultReserveShare,
        budget: deps.budgetOf(key),
        now: deps.now,
        onUnexpected429: ({ pausedMs }) => {
          refusals.push(deps.now());
          deps.onUnexpected429(key, pausedMs);
        },
      });
      entry = { limiter, refusals };
      limiters.set(key, entry);
    }
    return entry;
  };
  return {
    of(connection) {
      const { limiter } = entryOf(connection);
      limiter.setLimits(limitsOf(connection.settings.limits, connection.account?.seats ?? null));
      return limiter;
    },
    unexpected429(connection) {
      const { refusals } = entryOf(connection);
      while (refusals.length > 0 && refusals[0]! < deps.now() - DAY_MS) refusals.shift();
      return refusals.length;
    },
  };
}
