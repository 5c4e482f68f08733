import type { AccountRecord } from '../wire/records.ts';
import type { Region } from '../wire/regions.ts';
import type { Connection, SecretKind } from './connection.ts';

/** A sealed secret as it is stored. `sealed` is the vault's envelope as text. */
export type SealedSecret = {
  readonly connectionId: string;
  readonly kind: SecretKind;
  readonly sealed: string;
  /** First 8 hex digits of the secret's SHA-256: tells two tokens apart without showing either. */
  readonly fingerprint: string;
  readonly createdAt: string;
};

/** Storage the room needs. Every function is one transaction. */
export type ConnectionStore = {
  /** @throws ForeknowError `conflict` when the name is taken */
  createConnection(connection: Connection, secrets: readonly SealedSecret[]): Promise<void>;
  saveConnection(connection: Connection): Promise<void>;
  getConnection(idOrName: string): Promise<Connection | null>;
  listConnections(): Promise<readonly Connection[]>;
  /** Removes the connection with its secrets; `purge` also removes everything mirrored, its runs and its changes. */
  deleteConnection(id: string, options: { readonly purge: boolean }): Promise<void>;
  saveSecret(secret: SealedSecret): Promise<void>;
  getSecret(connectionId: string, kind: SecretKind): Promise<SealedSecret | null>;
  listSecrets(): Promise<readonly SealedSecret[]>;
  /**
   * Erases one person from every table of the connection: rows, memberships, changes, risk points. Counts what went, and
   * keeps the mark, by which later syncs know whom to leave out.
   */
  erasePerson(erasure: {
    readonly connectionId: string;
    readonly userId: string;
    readonly mark: string;
    readonly at: string;
  }): Promise<{ readonly rows: number; readonly changes: number }>;
  /** Marks of the people who were erased. */
  erasedPeople(connectionId: string): Promise<readonly string[]>;
  /** Forgets a mark; false when there was none. */
  forgetErasure(connectionId: string, mark: string): Promise<boolean>;
  /** Takes the address, place, browser and system out of every recipient that is kept, and out of the log of changes. */
  dropRecipientClients(connectionId: string): Promise<void>;
};

/** A token and where it is to be tried. */
export type ProbeTarget = {
  readonly region: Region;
  readonly token: string;
  readonly baseUrl: string | null;
};

/** Asks KnowBe4 who the token belongs to: one request. */
export type ProbeAccount = (target: ProbeTarget) => Promise<AccountRecord>;

/** Whether the account's list of users has anybody in it: one request, one row. */
export type ProbeUsers = (target: ProbeTarget) => Promise<boolean>;
