/** Who did something, and how they came in. */
export type Actor = {
  readonly kind: 'token' | 'operator' | 'person' | 'system' | 'link';
  /** Id of the API token, of the person who approves (`operators`), or of the connect link that somebody opened; the operating system's user for a command; `scheduler` and the like for what happens by itself. */
  readonly id: string;
  readonly name: string | null;
  readonly door: 'http' | 'cli' | 'internal';
  /** Network address of the caller; null where there is none. */
  readonly from: string | null;
  readonly requestId: string | null;
};

/** An administrative act. Holds no secret. */
export type AuditEntry = {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly actor: Actor;
  /** `connection.removed`, `token.created`, say. */
  readonly action: string;
  /** What it was done to: an id. */
  readonly target: string | null;
  readonly connectionId: string | null;
  /** `begun`: an act that takes several steps, or that reaches beyond the store; a further entry says how it ended. */
  readonly outcome: 'begun' | 'done' | 'refused' | 'failed';
  /** Code of the error when it was not done. */
  readonly error: string | null;
  /** What was changed, without values that are secret. */
  readonly details: Readonly<Record<string, unknown>>;
};

export type StoredAuditEntry = AuditEntry & { readonly seq: number };

/** What a write tells of the act that it is part of. */
export type Told = Partial<Pick<AuditEntry, 'target' | 'connectionId' | 'details'>> & {
  /** Names under which the write's result stands in the details: the keys of an object, or the one name of anything else. */
  readonly results?: readonly string[];
};

/** Writes of the store that take the entry of an act along, by the store's own names. */
export type ActWrites = Readonly<Record<string, (args: never) => Told>>;

/** Append-only: there is no way to change or remove an entry, and the database itself refuses one. */
export type AuditStore = {
  appendAudit(entry: AuditEntry): Promise<void>;
  /**
   * Does the work of an act. The first of the named writes in it that changes something takes the act's entry along in its own
   * transaction: both are there, or neither.
   * @returns `isWritten`: the entry stands in the log. Otherwise nothing was changed by these writes.
   */
  noting<T>(
    note: { readonly writes: ActWrites; entry(told: Told): AuditEntry },
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly isWritten: boolean }>;
  auditEntries(query: {
    readonly after: number;
    readonly limit: number;
    readonly from?: string;
    readonly until?: string;
    readonly connectionIds: readonly string[] | null;
    readonly actions?: readonly string[];
    readonly actorIds?: readonly string[];
  }): Promise<readonly StoredAuditEntry[]>;
};
