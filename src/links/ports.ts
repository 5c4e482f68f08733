import type { Link, LinkState } from './link.ts';

/** Hashes by which a link is found: of the secret in its address, and of its code and of the secret that the code gives. */
export type LinkHashes = {
  readonly secret: string;
  readonly code: string | null;
  readonly entry: string | null;
};

/** How often something may be tried in an hour, counted by every process on the store together. */
export type AttemptLimit = { readonly scope: string; readonly most: number };

export type Attempt = {
  readonly limits: readonly AttemptLimit[];
  readonly at: string;
  /** Attempts before this one are forgotten. */
  readonly since: string;
};

export type LinkQuery = {
  readonly kind?: Link['kind'];
  /** Made with these tokens; null = by anybody. */
  readonly makerIds: readonly string[] | null;
  readonly limit: number;
};

/** Storage of the room. Every function is one transaction. */
export type LinkStore = {
  createLink(link: Link, hashes: LinkHashes): Promise<void>;
  getLink(id: string): Promise<Link | null>;
  /** Newest first. */
  listLinks(query: LinkQuery): Promise<readonly Link[]>;
  /** By the secret in its address, or by the one that its code gives. */
  findLinkByHash(hash: string): Promise<Link | null>;
  /**
   * The open link of a code. What finds none counts as an attempt, in the same transaction.
   * @param hashes of the code, under each key that codes may have been hashed with
   * @returns `limited` when there were too many attempts: then nothing was looked up
   */
  findLinkByCode(hashes: readonly string[], attempt: Attempt): Promise<Link | null | 'limited'>;
  /** Counts an attempt; false when there were too many, and this one does not count. */
  countAttempt(attempt: Attempt): Promise<boolean>;
  /** New secrets for an open link; false when it is not open any more. */
  renewLink(id: string, hashes: LinkHashes, at: string): Promise<boolean>;
  /** False when it was used or revoked already. */
  revokeLink(id: string, at: string): Promise<boolean>;
  /** Notes the first time that it was opened. */
  noteLinkOpened(id: string, at: string): Promise<void>;
  noteLinkSent(id: string, at: string): Promise<void>;
  /**
   * Takes invitations whose reminder is due, so that no other process sends it too.
   * @param expiresBefore those that expire before it
   */
  takeForReminder(take: { readonly at: string; readonly expiresBefore: string }): Promise<readonly Link[]>;
  /** Removes what ended before the time. @returns how many */
  dropLinks(endedBefore: string): Promise<number>;
};

/** What makes a connection uses a link up with it, in one transaction; a link that is not open any more stops the change. */
export type LinkUse = { readonly linkId: string; readonly at: string };

export type { LinkState };
