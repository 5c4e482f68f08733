/** Who did something, and how they came in. */
export type Actor = {
  readonly kind: 'token' | 'operator' | 'system';
  /** Id of the API token; the operating system's user for a command; `scheduler` and the like for what happens by itself. */
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
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Code of the error when it was not done. */
  readonly error: string | null;
  /** What was changed, without values that are secret. */
  readonly details: Readonly<Record<string, unknown>>;
};

export type StoredAuditEntry = AuditEntry & { readonly seq: number };

/** Append-only: there is no way to change or remove an entry, and the database itself refuses one. */
export type AuditStore = {
  appendAudit(entry: AuditEntry): Promise<void>;
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
