import { ForeknowError } from '../errors/errors.ts';
import type { Region } from '../wire/regions.ts';

/**
 * `connecting`: created, token not proven yet. `active`: in use. `validation_error`: the account answered, but cannot be
 * used (wrong product, plan without API, anonymised). `needs_reauth`: KnowBe4 refused the token.
 */
export type ConnectionState = 'connecting' | 'active' | 'validation_error' | 'needs_reauth';

/** What may follow what. Removing a connection is not a state: the row goes. */
const nextStates: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connecting: ['active', 'validation_error', 'needs_reauth'],
  active: ['needs_reauth', 'validation_error'],
  validation_error: ['active', 'needs_reauth'],
  needs_reauth: ['active', 'validation_error'],
};

const tokenKinds = ['reporting', 'scim', 'events', 'product'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** What a connection may hold besides the reporting token that makes it. */
export const keyKinds = ['scim', 'events', 'product'] as const satisfies readonly TokenKind[];
export type KeyKind = (typeof keyKinds)[number];

/**
 * What is sealed for a connection: its tokens, the key of the marks of erased people, the secret of webhooks that come in. And
 * for an endpoint of webhooks that go out, under its own id: its secret, and the one before. For a token of ours: answers that are given
 * again. For an operator: the seed of one-time codes.
 */
export type SecretKind = TokenKind | 'erasures' | 'intake' | 'webhook' | 'webhook_previous' | 'answer' | 'totp';

export const isTokenKind = (kind: SecretKind): kind is TokenKind => (tokenKinds as readonly string[]).includes(kind);

/**
 * Addresses other than KnowBe4's own for the region, without a trailing slash: `reporting` without `/v1`, `scim` the tenant
 * URL, `product` the whole address of GraphQL.
 */
export type BaseUrls = { readonly [Kind in TokenKind]?: string };

/** Request limits of the account; what is absent follows `safeLimits(seats)`. `Infinity` is stored as null. */
export type LimitSettings = {
  readonly perSecond?: number | null;
  readonly perMinute?: number | null;
  readonly perDay?: number | null;
  /**
   * Of the SCIM key, which has no limit that is known: absent, it begins slowly and learns how fast it may go; null = none.
   */
  readonly scimPerSecond?: number | null;
  /** Share of the day kept for interactive calls, 0–0.9. Default 0.2. */
  readonly reserveShare?: number;
};

export type ConnectionSettings = {
  readonly limits?: LimitSettings;
  /** Streams that are not mirrored. */
  readonly streamsOff?: readonly string[];
  /** Do not keep recipients' address, place, browser and system. */
  readonly dropRecipientClient?: boolean;
  /** IANA name; times are UTC unless it is set. */
  readonly timeZone?: string;
  /** Overrides the computed budget key, for accounts whose domains do not tell them apart. */
  readonly accountKey?: string;
  readonly pagination?: 'auto' | 'page' | 'cursor';
  /** Minutes between scheduled refreshes; null = never by itself. */
  readonly directoryEveryMinutes?: number | null;
  readonly activityEveryMinutes?: number | null;
  /** Risk scores that make an event when one is crossed; default 60. */
  readonly riskThresholds?: readonly number[];
  /** How far a risk score must move between two reads to make an event; null = never. Default 10. */
  readonly riskDelta?: number | null;
};

/** What `/v1/account` said when the token was last proven. */
export type AccountFacts = {
  readonly name: string | null;
  readonly type: string | null;
  readonly domains: readonly string[];
  readonly subscriptionLevel: string | null;
  readonly seats: number | null;
  readonly admins: number;
  readonly checkedAt: string;
  /** Words for the person who connected it: trial, anonymised, no seats … */
  readonly warnings: readonly string[];
};

export type Connection = {
  /** `con_` and 16 random characters. */
  readonly id: string;
  /** Unique, for people and the command line. */
  readonly name: string;
  /** The customer this connection belongs to: a label, not a boundary. */
  readonly tenant: string | null;
  readonly tags: readonly string[];
  readonly region: Region;
  readonly baseUrls: BaseUrls;
  readonly state: ConnectionState;
  readonly pausedAt: string | null;
  readonly lastError: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string | null;
    readonly at: string;
  } | null;
  readonly settings: ConnectionSettings;
  readonly account: AccountFacts | null;
  /** Region and a hash of the account's sorted domains: connections with one key share one request budget. */
  readonly accountKey: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** A connection as it may be shown: no secret, only what tells tokens apart. */
export type ConnectionView = Connection & {
  readonly tokens: readonly { readonly kind: TokenKind; readonly fingerprint: string; readonly createdAt: string }[];
};

/** @throws ForeknowError `conflict` for a step that the table of states does not have */
export function moveTo(connection: Connection, state: ConnectionState): Connection {
  if (connection.state === state || nextStates[connection.state].includes(state)) return { ...connection, state };
  throw new ForeknowError('conflict', {
    detail: `Connection ${connection.name} is ${connection.state} and cannot become ${state}.`,
  });
}
