import type { FieldValues, ManagedField } from '../model/managed-field.ts';

/** A user as the store behind the road has it. */
export type RoadUser = {
  /** The store's own id, opaque. */
  readonly id: string;
  readonly externalId: string | null;
  readonly active: boolean;
  /** `manager_email` is not in it: see `managerId`. */
  readonly fields: FieldValues;
  /** The store's id of the manager. */
  readonly managerId: string | null;
  readonly version: string | null;
};

export type RoadGroup = {
  readonly id: string;
  readonly externalId: string | null;
  readonly name: string;
  /** Ids of users of the same store; null: not asked for, or the server may have cut the list. */
  readonly memberIds: readonly string[] | null;
};

/** What a write says: the store has taken it. It is at work only once KnowBe4 has run its own sync. */
export type Accepted<T> = {
  readonly resource: T;
  readonly requests: number;
  /** Fields that were sent and that the store shows otherwise after it took the write. Absent: none. */
  readonly notTaken?: readonly ManagedField[];
};

/**
 * The only way to change something at KnowBe4: SCIM. Every function may throw `ForeknowError`: `remote_rejected` (that object cannot be
 * written so), `remote_not_found` (the id is stale), `conflict` (the name is taken), `remote_rate_limited`, `remote_unavailable` (unknown whether it was
 * taken: ask first), `connection_unauthorized` (stop at once).
 */
export type Road = {
  readonly name: 'scim';
  /** Fields that it carries; others are told as what this road cannot do. */
  readonly carries: ReadonlySet<ManagedField>;
  /** Proven by a direct look-up, never by a list. */
  getUser(id: string): Promise<RoadUser | null>;
  findUsers(by: { readonly externalId: string } | { readonly userName: string }): Promise<readonly RoadUser[]>;
  /**
   * Creates once: asks by `externalId` and address before, and again where the answer is in doubt.
   * Somebody whom an earlier call made is brought to these values.
   * @param user `fields.email` is needed; `managerId` is the store's id of the manager, null: none yet, and one who is there stays
   */
  createUser(user: {
    readonly externalId: string | null;
    readonly active: boolean;
    readonly fields: FieldValues;
    readonly managerId: string | null;
  }): Promise<Accepted<RoadUser>>;
  /** Changes these fields alone, keeping all others of the resource. A mail change renames by id. `managerId` null = none. */
  updateUser(
    id: string,
    change: { readonly fields: FieldValues; readonly managerId?: string | null; readonly externalId?: string },
  ): Promise<Accepted<RoadUser>>;
  /** Travels alone, never with another change. */
  setActive(id: string, active: boolean): Promise<Accepted<RoadUser>>;
  findGroups(name: string): Promise<readonly RoadGroup[]>;
  createGroup(group: { readonly name: string; readonly externalId: string | null }): Promise<Accepted<RoadGroup>>;
  renameGroup(id: string, name: string): Promise<Accepted<RoadGroup>>;
  /**
   * In batches, never by replacing the whole list. Ids of users of the store. Whoever is a member already, or is none any more, is no error;
   * those that the store refused are named, the others are done.
   */
  changeMembers(
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<{
    readonly requests: number;
    readonly refused?: readonly { readonly id: string; readonly reason: string }[];
  }>;
  /** Asked for directly: lists of members are often cut. */
  isMember(id: string, userId: string): Promise<boolean>;
  /** Every user or group of the store, with a proof that the list was whole; used for adoption and for checks, never to prove absence of one. */
  readAll(
    kind: 'users',
    signal: AbortSignal,
  ): Promise<{ readonly resources: readonly RoadUser[]; readonly complete: boolean; readonly words: string }>;
  readAll(
    kind: 'groups',
    signal: AbortSignal,
  ): Promise<{ readonly resources: readonly RoadGroup[]; readonly complete: boolean; readonly words: string }>;
};
