import {
  type Budget,
  checkScim,
  createGraphqlClient,
  createLimiter,
  createRawClient,
  eventsUrl,
  type Fetch,
  type GraphqlClient,
  graphqlUrl,
  type Limiter,
  type Limits,
  learningLimiter,
  perSeatLimits,
  type RawClient,
  type RawClientOptions,
} from '../client/index.ts';
import type { Connection, KeyKind } from '../connections/connection.ts';
import type { KeyTarget, ProbeKey } from '../connections/keys.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { scimLimits, scimPace } from '../wire/limits.ts';
import { userAgent } from './clients.ts';
import { budgetKeyOf } from './limiters.ts';

type Account = Pick<Connection, 'id' | 'account' | 'accountKey'> & Partial<Pick<Connection, 'settings'>>;

/** The limiter of one of an account's other APIs: each has a budget of its own, kept like that of the Reporting API. */
export type KeyLimiters = (kind: KeyKind, account: Account) => Limiter;

export function createKeyLimiters(deps: {
  readonly budgetOf: (key: string) => Budget;
  readonly now: () => number;
  readonly elapsed?: (() => number) | undefined;
}): KeyLimiters {
  const limiters = new Map<string, Limiter>();
  return (kind, account) => {
    const key = `${kind}:${budgetKeyOf(account)}`;
    // What is told in place of what is learned takes another limiter.
    const kept = kind === 'scim' && scimPerSecondOf(account) !== undefined ? `${key} told` : key;
    const limits = limitsOf(kind, account);
    const { budgetOf, now, elapsed } = deps;
    // Nothing scheduled asks these, so nothing is kept back from it.
    const made = () => {
      const clocks = { now, ...(elapsed !== undefined && { elapsed }) };
      const limiter = createLimiter({ limits, reserveShare: 0, budget: budgetOf(key), ...clocks });
      const isLearned = kind === 'scim' && scimPerSecondOf(account) === undefined;
      return isLearned ? learningLimiter(limiter, limits, scimPace) : limiter;
    };
    const limiter = limiters.get(kept) ?? made();
    limiters.set(kept, limiter);
    limiter.setLimits(limits);
    return limiter;
  };
}

const scimPerSecondOf = ({ settings }: Account): number | null | undefined => settings?.limits?.scimPerSecond;

function limitsOf(kind: KeyKind, account: Account): Limits {
  if (kind !== 'scim') return perSeatLimits(account.account?.seats ?? null);
  const perSecond = scimPerSecondOf(account);
  return perSecond === undefined ? scimLimits : { ...scimLimits, perSecond: perSecond ?? Infinity };
}

type Where = {
  readonly connection: Pick<Connection, 'id' | 'account' | 'accountKey' | 'region'>;
  readonly token: string;
  /** Null: KnowBe4's own for the region. */
  readonly url: string | null;
};
type Deps = {
  readonly keyLimiters: KeyLimiters;
  readonly fetch: Fetch;
  readonly onRequest?: NonNullable<RawClientOptions['onRequest']>;
  readonly now?: () => number;
};

const optionsOf = ({ keyLimiters, fetch, onRequest, now }: Deps, kind: KeyKind, { connection, token }: Where) => ({
  token,
  region: connection.region,
  limiter: keyLimiters(kind, connection),
  fetch,
  userAgent,
  ...(onRequest === undefined ? {} : { onRequest }),
  ...(now === undefined ? {} : { now }),
});

export const eventsClient = (deps: Deps, where: Where): RawClient =>
  createRawClient({
    ...optionsOf(deps, 'events', where),
    surface: 'events',
    baseUrl: where.url ?? eventsUrl(where.connection.region),
  });

export const graphqlClient = (deps: Deps, where: Where): GraphqlClient =>
  createGraphqlClient({
    ...optionsOf(deps, 'product', where),
    baseUrl: where.url ?? graphqlUrl(where.connection.region),
  });

/** A person waits for the proof. */
const WITHIN_MS = 20_000;

/** Proves a key with one request, sent on the budget of its API. */
export function createKeyProbe(deps: Deps): ProbeKey {
  const probes: Readonly<Record<KeyKind, ProbeKey>> = {
    scim: async (target) => {
      await checkScim({ ...optionsOf(deps, 'scim', target), baseUrl: target.url!, withinMs: WITHIN_MS });
      return { domains: [], warnings: [] };
    },
    events: async (target) => {
      await eventsClient(deps, target)({ path: '/event_types', withinMs: WITHIN_MS, tries: 1 }).catch(takeForRefusal);
      return { domains: [], warnings: [] };
    },
    product: (target) => probeProduct(graphqlClient(deps, target)),
  };
  return (target: KeyTarget) => probes[target.kind](target);
}

/** A bad key of the User Event API is answered like a broken server (public client code, 2024). */
function takeForRefusal(error: unknown): never {
  const { remote, hint } = isForeknowError(error) ? error : {};
  if (remote === undefined || !/internal server error/i.test(remote.body ?? '')) throw error;
  throw new ForeknowError('connection_unauthorized', {
    detail: 'The User Event API answered "Internal Server Error", as it does for a wrong key.',
    hint: hint ?? 'Check the key.',
    remote,
    cause: error,
  });
}

const accountQuery = 'query { account { domain allowedDomains { name } } }';

/** What a token may read differs by product and plan: one that is let in proves itself also where it may not read the account. */
async function probeProduct(client: GraphqlClient): ReturnType<ProbeKey> {
  try {
    const { account } = await client.run({ query: accountQuery }, { onlyReads: true, withinMs: WITHIN_MS });
    return { domains: domainsOf(account), warnings: [] };
  } catch (error) {
    if (!isForeknowError(error) || error.code !== 'remote_rejected' || error.remote?.status !== 200) throw error;
    return {
      domains: [],
      warnings: ['The token is accepted, but may not read the account: that it is the same one could not be checked.'],
    };
  }
}

function domainsOf(account: unknown): readonly string[] {
  const { domain, allowedDomains } = (account ?? {}) as { domain?: unknown; allowedDomains?: unknown };
  const names = Array.isArray(allowedDomains)
    ? allowedDomains.map((one) => (one as { name?: unknown } | null)?.name)
    : [];
  return [domain, ...names].filter((name) => typeof name === 'string');
}
