import type { AccountRecord } from '../wire/records.ts';
import type { Region } from '../wire/regions.ts';
import type { Connection, KeyKind, SecretKind } from './connection.ts';

/** A sealed secret as it is stored. `sealed` is the vault's envelope as text. */
export type SealedSecret = {
  readonly connectionId: string;
  readonly kind: SecretKind;
  readonly sealed: string;
  /** First 8 hex digits of the secret's SHA-256: tells two tokens apart without showing either. */
  readonly fingerprint: string;
  readonly createdAt: string;
};

/** Where KnowBe4's own webhooks may call for a connection, and what came of it. Times in ms unless they are text. */
export type Intake = {
  readonly connectionId: string;
  /** Whether the secret may also come in the query. */
  readonly inQuery: boolean;
  readonly createdAt: string;
  readonly calls: number;
  readonly lastCallAt: number | null;
  /** The newest wake-up that no run has begun for. */
  readonly wakeUp: { readonly level: 'directory' | 'refresh'; readonly at: number } | null;
  /** What runs that wake-ups brought have spent of the requests, at a time. */
  readonly spent: { readonly requests: number; readonly at: number } | null;
};

export type IntakeCall = {
  readonly connectionId: string;
  /** Of the body: the same one is told once. */
  readonly digest: string;
  /** How much may have changed. */
  readonly level: 'directory' | 'refresh';
  readonly at: number;
  /** Bodies that came before may come again. */
  readonly forgetBefore: number;
};

export type IntakeSpend = { readonly connectionId: string; readonly requests: number; readonly at: number };

/** Storage for the intake of webhooks. */
export type IntakeStore = {
  saveIntake(intake: Pick<Intake, 'connectionId' | 'inQuery' | 'createdAt'>, secret: SealedSecret): Promise<void>;
  getIntake(connectionId: string): Promise<Intake | null>;
  /** Takes the address out of use, with its secret; false when it was not in use. */
  dropIntake(connectionId: string): Promise<boolean>;
  /** Counts a call and, if it is new, keeps its wake-up. */
  noteIntakeCall(call: IntakeCall): Promise<'new' | 'repeated' | 'off'>;
  /** A run begins because of the wake-up. */
  spendWakeUp(spend: IntakeSpend): Promise<void>;
};

/** The connect link that asked for a change: with it the link is used up, in the same transaction. */
export type ConnectLink = { readonly linkId: string; readonly at: string };

/** Storage the room needs. Every function is one transaction. */
export type ConnectionStore = IntakeStore & {
  /**
   * @param link one that is not open any more stops the change
   * @throws ForeknowError `conflict` when the name is taken, `link_used` and the like
   */
  createConnection(connection: Connection, secrets: readonly SealedSecret[], link?: ConnectLink): Promise<void>;
  /**
   * @param before what the caller read and changed
   * @param secrets put in the place of those that it had
   * @param gone secrets that it loses
   * @param link one that is not open any more stops the change
   * @returns false, having done nothing, when the stored one is not `before` any more
   * @throws ForeknowError `conflict` when the name is taken, `not_found`, `link_used` and the like
   */
  saveConnection(
    connection: Connection,
    before?: Connection,
    secrets?: readonly SealedSecret[],
    gone?: readonly KeyKind[],
    link?: ConnectLink,
  ): Promise<boolean>;
  /** How many of the ids are people in the mirror, gone ones among them; null while the mirror has nobody. */
  knownPeople(connectionId: string, userIds: readonly string[]): Promise<number | null>;
  getConnection(idOrName: string): Promise<Connection | null>;
  listConnections(): Promise<readonly Connection[]>;
  /** Whether a connection that was removed has left a mirror or runs behind. */
  hasLeftovers(connectionId: string): Promise<boolean>;
  /** Removes the connection with its secrets; `purge` also removes everything mirrored, its runs and its changes. */
  deleteConnection(id: string, options: { readonly purge: boolean; readonly at: string }): Promise<void>;
  saveSecret(secret: SealedSecret): Promise<void>;
  /**
   * Puts another envelope around a secret that still stands in the one that was read.
   * @returns false, having done nothing, when it was replaced or removed meanwhile
   */
  resealSecret(read: SealedSecret, sealed: string): Promise<boolean>;
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

/** Ids of people of the account: one request, one page. */
export type ProbeUsers = (target: ProbeTarget) => Promise<readonly string[]>;
