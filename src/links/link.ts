import { ForeknowError } from '../errors/errors.ts';
import type { Region } from '../wire/regions.ts';

/**
 * A connect link asks somebody to connect one KnowBe4 account. `link_token`: a program made it and opens the page for its own
 * user. `invitation`: it was sent to a co-worker, who may also type its code.
 */
export const linkKinds = ['link_token', 'invitation'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** `new`: a connection is made. `reconnect`: one gets a new Reporting token. `add_key`: one gets keys for more APIs. */
export const linkTasks = ['new', 'reconnect', 'add_key'] as const;
export type LinkTask = (typeof linkTasks)[number];

/** Keys that a link may ask for. */
export const linkKeys = ['reporting', 'scim', 'events', 'product'] as const;
export type LinkKey = (typeof linkKeys)[number];

/** `ended`: its maker's token was revoked or has expired, or the connection that it is about is gone. */
export const linkStates = ['open', 'used', 'revoked', 'expired', 'ended'] as const;
export type LinkState = (typeof linkStates)[number];

/** What a link asks for, as it is kept. No secret: of the secret and the code there are hashes only. */
export type Link = {
  /** `lnk_` and 16 random characters. */
  readonly id: string;
  readonly kind: LinkKind;
  readonly task: LinkTask;
  /** The token it was made with, with which it dies; null = the operator. */
  readonly makerId: string | null;
  /** Who asks, in words for the person who is asked. */
  readonly requester: string;
  readonly tenant: string | null;
  /** Proposed for the connection. */
  readonly name: string | null;
  /** Put on the connection that is made. */
  readonly tags: readonly string[];
  /** The connection to reconnect or to add a key to; null for a new one. */
  readonly connectionId: string | null;
  /** `new` and `reconnect` always ask for `reporting`; what stands besides may be left out by whoever connects. */
  readonly keys: readonly LinkKey[];
  /** Proposed for the connection; null = KnowBe4's region is asked for. */
  readonly region: Region | null;
  /** Streams that the connection will not mirror. */
  readonly streamsOff: readonly string[];
  /** What the maker wants to have back with the account: plain values, never a host or a token. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly redirectUri: string | null;
  /** Origins that may frame the page and are told how it ended. */
  readonly origins: readonly string[];
  /** Whom the invitation is for. */
  readonly address: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly openedAt: string | null;
  readonly usedAt: string | null;
  readonly revokedAt: string | null;
  /** The connection that it made or changed. */
  readonly resultConnectionId: string | null;
  /** When the mail last went out; null: the link was handed over. */
  readonly sentAt: string | null;
  readonly remindedAt: string | null;
};

/** What can be told of a link by itself; whether its maker and its connection are still there is looked up besides. */
export function stateOf({ usedAt, revokedAt, expiresAt }: Link, now: Date): Exclude<LinkState, 'ended'> {
  if (usedAt !== null) return 'used';
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) <= now.getTime() ? 'expired' : 'open';
}

/** Why a link takes no key any more, for the person who opened it. */
export function notOpen({ requester }: Pick<Link, 'requester'>, state: Exclude<LinkState, 'open'>): ForeknowError {
  const { code, detail } = refusals[state];
  return new ForeknowError(code, { detail, hint: `Ask ${requester} for a new one.` });
}

const refusals = {
  used: { code: 'link_used', detail: 'The link was used already.' },
  revoked: { code: 'link_revoked', detail: 'The link was withdrawn.' },
  expired: { code: 'link_expired', detail: 'The link has expired.' },
  ended: { code: 'link_revoked', detail: 'What the link was made with is not there any more.' },
} as const;
