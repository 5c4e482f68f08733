import type { ChangeFields, ChangeKind, LoggedChange } from '../model/change.ts';
import type { Instant, RawRecord } from '../wire/records.ts';
import type { Alert, AlertKind } from './alert.ts';
import type { LogGap } from './gaps.ts';

export type LogQuery = {
  /** null = of all connections. */
  readonly connectionIds: readonly string[] | null;
  readonly kinds?: readonly ChangeKind[];
  /** First and last number of the log to look at, both included. */
  readonly first: number;
  readonly last: number;
  /** Times of the entries: from this one on, before that one. */
  readonly from?: Instant;
  readonly until?: Instant;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
};

/** What happened to a connection itself, on its way into the log. */
export type ConnectionEntry = {
  readonly connectionId: string;
  readonly kind: ChangeKind;
  readonly key: string;
  readonly at: Instant;
  readonly current: ChangeFields;
};

/** A mirrored row that may be deleted. */
export type RowSeen = {
  readonly key: string;
  readonly raw: RawRecord;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant | null;
  readonly deletedAt: Instant | null;
};

/** Storage that reading the log needs. Every function is one transaction. */
export type LogStore = {
  logEntries(query: LogQuery): Promise<readonly LoggedChange[]>;
  /**
   * `head`: the newest number; every entry up to there can be read. `droppedTo`: entries up to there are gone, by their age.
   * `gaps`: numbers that no entry has, oldest first.
   */
  logBounds(): Promise<{ readonly head: number; readonly droppedTo: number; readonly gaps: readonly LogGap[] }>;
  /** Entries about some records after a place in the log, oldest first. */
  entriesOf(query: {
    readonly connectionId: string;
    readonly stream: string;
    readonly keys: readonly string[];
    readonly kinds: readonly ChangeKind[];
    readonly after: number;
  }): Promise<readonly LoggedChange[]>;
  /** Rows of people or groups in the order of their keys. */
  rowPage(query: {
    readonly connectionId: string;
    readonly stream: 'users' | 'groups';
    /** Keys after this one; with `order: 'desc'` before it. */
    readonly after: string | null;
    readonly order: 'asc' | 'desc';
    readonly limit: number;
    readonly deleted: boolean;
    /** People of this group, or groups of this person. */
    readonly memberOf?: string;
  }): Promise<readonly RowSeen[]>;
  rowsByKey(connectionId: string, stream: 'users' | 'groups', keys: readonly string[]): Promise<readonly RowSeen[]>;
  adminIds(connectionId: string): Promise<readonly string[]>;
  /** Writes an entry about a connection; what it is called is added. */
  appendEntry(entry: ConnectionEntry): Promise<void>;
  /**
   * Drops the oldest entries, at most `limit`, as long as they are older than `before`. Numbers are never given again.
   * @returns how many were dropped, and whether there may be more
   */
  dropEntries(drop: { readonly before: Instant; readonly limit: number }): Promise<{ dropped: number; more: boolean }>;
  /** Drops ended runs that began before a time, beyond the newest ones of each connection. */
  dropRuns(drop: { readonly before: Instant; readonly keep: number }): Promise<number>;
};

export type AlertQuery = {
  readonly connectionIds: readonly string[] | null;
  readonly open?: boolean;
  readonly limit: number;
};

/** Storage of alerts. Every function is one transaction. */
export type AlertStore = {
  /** Opens an alert and writes its entry into the log. False when one of this subject is open already. */
  openAlert(alert: Alert, entry: ConnectionEntry | null): Promise<boolean>;
  /** Closes the open alert of a subject and writes the entry. False when there is none. */
  closeAlert(
    alert: Pick<Alert, 'connectionId' | 'kind' | 'subject'>,
    at: Instant,
    entry: ConnectionEntry | null,
  ): Promise<boolean>;
  /** Newest first. */
  alerts(query: AlertQuery): Promise<readonly Alert[]>;
  /**
   * Takes the open alerts of a kind that nobody was mailed about, unless a mail about this kind went out since `notSince`.
   * What is taken counts as mailed at `at`.
   */
  takeForMail(take: {
    readonly connectionId: string;
    readonly kind: AlertKind;
    readonly at: Instant;
    readonly notSince: Instant;
  }): Promise<readonly Alert[]>;
  /** Gives back what could not be mailed. */
  untakeForMail(ids: readonly string[]): Promise<void>;
  /** Notes that KnowBe4 refused a request although our own count had room. */
  noteRefusal(accountKey: string, at: Instant): Promise<void>;
  refusalsSince(accountKey: string, since: Instant): Promise<number>;
};
