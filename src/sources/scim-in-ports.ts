import type { ScimResource } from '../scim/json.ts';
import type { ResourceName } from '../scim/schema.ts';

/** A token with which one provider pushes to one source. The secret is shown once and never stored. */
export type ScimInToken = {
  /** `stk_` and random characters. */
  readonly id: string;
  readonly source: string;
  /** SHA-256 of the secret, hex: the secret has 256 random bits. */
  readonly hash: string;
  readonly lastFour: string;
  readonly createdAt: string;
  /** Null: it works until another takes its place. */
  readonly endsAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
};

/** A user or a group as the provider left it. */
export type ScimInObject = {
  readonly source: string;
  readonly kind: ResourceName;
  readonly id: string;
  /** Counts changes, from 1. */
  readonly version: number;
  /** In small letters, to be found by; null where there is none, and of a group. */
  readonly userName: string | null;
  readonly externalId: string | null;
  /** In small letters; of a group. */
  readonly displayName: string | null;
  /** Without `id`, `meta`, `members` and `groups`. */
  readonly body: ScimResource;
  readonly createdAt: string;
  readonly changedAt: string;
  /** Of a user that the provider deleted: they stay known as one who has left. */
  readonly deletedAt: string | null;
};

export type ScimInMember = { readonly groupId: string; readonly memberId: string; readonly type: string | null };

/** A change of one object, with the members that come and go. */
export type ScimInWrite = {
  readonly object: ScimInObject;
  /** The version that it was made of; null: it is new, or one that was deleted comes back. */
  readonly expected: number | null;
  readonly add: readonly { readonly memberId: string; readonly type: string | null }[];
  readonly remove: readonly string[];
  /**
   * Of somebody who was erased and is pushed anew: no read shows this id, and the log says so. `known` is the mark by which they were known again. Null:
   * of everybody else.
   */
  readonly keepOut: { readonly mark: string; readonly known: string; readonly at: string } | null;
};

/** `moved`: somebody changed it meanwhile, or it is gone. `taken`: another user has this name. */
export type ScimInOutcome = 'saved' | 'moved' | 'taken';

/** By which an object is looked up without reading others; values in small letters. */
export type ScimInKey = 'userName' | 'externalId' | 'displayName';

/** Storage of inbound SCIM. Every function is one transaction. Deleted objects are given only where it is said. */
export type ScimInStore = {
  /** @param othersEndAt when the other tokens of the source end; null: now, they are dropped */
  saveScimInToken(token: ScimInToken, othersEndAt: string | null): Promise<void>;
  scimInTokens(source: string): Promise<readonly ScimInToken[]>;
  touchScimInToken(id: string, at: string): Promise<void>;
  saveScimInObject(write: ScimInWrite): Promise<ScimInOutcome>;
  /** A user stays as deleted, out of every group; a group goes. @returns false when there is none of this version (null: of any) */
  deleteScimInObject(deletion: {
    readonly source: string;
    readonly kind: ResourceName;
    readonly id: string;
    readonly at: string;
    readonly version: number | null;
  }): Promise<boolean>;
  /** Deleted or not. */
  getScimInObject(source: string, kind: ResourceName, id: string): Promise<ScimInObject | null>;
  findScimInObjects(
    source: string,
    kind: ResourceName,
    key: ScimInKey,
    value: string,
  ): Promise<readonly ScimInObject[]>;
  /** The user who was deleted with this external id and this name, the last one. */
  formerScimInUser(source: string, externalId: string, userName: string): Promise<ScimInObject | null>;
  /** The oldest first. */
  listScimInObjects(
    source: string,
    kind: ResourceName,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<readonly ScimInObject[]>;
  countScimInObjects(source: string, kind: ResourceName): Promise<number>;
  /** Users, deleted ones too, in the order of their ids. @param after id of the last one before, or null */
  walkScimInUsers(source: string, after: string | null, limit: number): Promise<readonly ScimInObject[]>;
  scimInObjects(source: string, kind: ResourceName, ids: readonly string[]): Promise<readonly ScimInObject[]>;
  /** Of these groups, in the order of their ids. */
  scimInMembers(source: string, groupIds: readonly string[]): Promise<readonly ScimInMember[]>;
  /** The groups that these members are in, directly. */
  scimInGroups(
    source: string,
    memberIds: readonly string[],
  ): Promise<readonly { readonly memberId: string; readonly groupId: string; readonly displayName: string }[]>;
  /** Removes everything that was pushed to a source, and its tokens. @returns users and groups */
  dropScimIn(source: string): Promise<number>;
  /** Forgets users that were deleted before. ISO. @returns users */
  dropDeletedScimIn(before: string): Promise<number>;
};
