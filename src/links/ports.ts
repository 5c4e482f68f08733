import type { Link, LinkKind } from './link.ts';

/** Hashes by which a link is found: of the secret in its address, and of its code and of the secret that the code gives. */
export type LinkHashes = {
  readonly secret: string;
  readonly code: string | null;
  readonly entry: string | null;
};

/** How often something may be tried in an hour, counted by all processes on the store together. */
export type Attempt = {
  /** The widest first. */
  readonly limits: readonly { readonly scope: string; readonly most: number }[];
  /** ms. */
  readonly at: number;
  /** Attempts before this time are forgotten. */
  readonly since: number;
};

export type LinkQuery = {
  readonly kind?: LinkKind | undefined;
  /** Made with this token; null = by anybody. */
  readonly makerId: string | null;
  readonly limit: number;
};

/** Storage of the room. Every function is one transaction. */
export type LinkStore = {
  createLink(link: Link, hashes: LinkHashes): Promise<void>;
  getLink(id: string): Promise<Link | null>;
  /** Newest first. */
  listLinks(query: LinkQuery): Promise<readonly Link[]>;
  /** By the secret of its address, by the one that its code gives, or by that of a reminder. */
  findLinkByHash(hash: string): Promise<Link | null>;
  /**
   * The link of a code that is open at that time. What finds none counts as an attempt, in the same transaction.
   * @param hashes of the code, under each key that codes may have been hashed with
   * @returns `limited` when there were too many attempts: then nothing was looked up
   */
  findLinkByCode(hashes: readonly string[], attempt: Attempt): Promise<Link | null | 'limited'>;
  /** Counts an attempt; false when there were too many, and this one does not count. */
  countAttempt(attempt: Attempt): Promise<boolean>;
  /** Other secrets for an open link, in the place of all that it had; false when it is not open any more. */
  renewLink(id: string, hashes: LinkHashes, at: string): Promise<boolean>;
  /** False when it was used or revoked already. */
  revokeLink(id: string, at: string): Promise<boolean>;
  /** Keeps the first time that it was opened. */
  noteLinkOpened(id: string, at: string): Promise<void>;
  noteLinkSent(id: string, at: string): Promise<void>;
  /** Takes open invitations that were mailed and expire before a time, each once, so that no other process reminds of them too. */
  takeForReminder(take: { readonly at: string; readonly expiresBefore: string }): Promise<readonly Link[]>;
  /** A further secret for the link, which the reminder carries. */
  addReminderSecret(id: string, hash: string): Promise<void>;
  /** The reminder could not be sent: it is taken again. */
  untakeReminder(id: string): Promise<void>;
  /** Removes links that were used, revoked or had expired before the time. @returns how many */
  dropLinks(endedBefore: string): Promise<number>;
};
