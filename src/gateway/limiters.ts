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
  /**
   * The limiter that all callers of the connection's account share in this process, with the limits as they are now.
   * @param all connections that were just read; default: they are read
   */
  of(connection: Connection, all?: readonly Connection[]): Promise<Limiter>;
  /** Puts requests on the account that were sent before it was known. */
  note(account: Pick<Connection, 'accountKey' | 'id'>, requests: number): Promise<void>;
};

type Wish = { readonly limits: Limits; readonly reserveShare: number };

/** What was sent is counted, whether or not it should have been. */
const beyondAny: Limits = { perSecond: 1000, perMinute: 1000, perDay: Number.MAX_SAFE_INTEGER };

/** What a connection's requests are counted on. */
export const budgetKeyOf = ({ accountKey, id }: Pick<Connection, 'accountKey' | 'id'>): string => accountKey ?? id;

/**
 * One limiter for each account, whatever the number of connections to it; where their settings differ the strictest hold, also
 * for a process that works on one of them alone.
 */
export function createLimiters(deps: {
  readonly budgetOf: (accountKey: string) => Budget;
  readonly listConnections: () => Promise<readonly Connection[]>;
  readonly now: () => number;
  /** A clock that is never set, see `LimiterOptions`. */
  readonly elapsed?: (() => number) | undefined;
  readonly onUnexpected429: (accountKey: string, pausedMs: number) => void;
}): Limiters {
  const limiters = new Map<string, Limiter>();

  const newLimiter = (key: string, wish: Wish): Limiter =>
    createLimiter({
      ...wish,
      budget: deps.budgetOf(key),
      now: deps.now,
      ...(deps.elapsed !== undefined && { elapsed: deps.elapsed }),
      onUnexpected429: ({ pausedMs }) => deps.onUnexpected429(key, pausedMs),
    });

  return {
    async of(connection, all) {
      const key = budgetKeyOf(connection);
      const others = (all ?? (await deps.listConnections())).filter(
        (other) => other.id !== connection.id && budgetKeyOf(other) === key,
      );
      const wish = strictest([connection, ...others].map(wishOf));
      const limiter = limiters.get(key) ?? newLimiter(key, wish);
      limiters.set(key, limiter);
      limiter.setLimits(wish.limits, wish.reserveShare);
      return limiter;
    },
    async note(account, requests) {
      const budget = deps.budgetOf(budgetKeyOf(account));
      const ask = { kind: 'interactive', limits: beyondAny, reserveShare: 0 } as const;
      for (let sent = 0; sent < requests; sent += 1) await budget.take({ ...ask, now: deps.now() });
    },
  };
}

const wishOf = ({ settings, account }: Connection): Wish => ({
  limits: limitsOf(settings.limits, account?.seats ?? null),
  reserveShare: settings.limits?.reserveShare ?? defaultReserveShare,
});

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
