import type { Instant, RawRecord, RiskPoint } from '../wire/records.ts';

/** A row as the directory reads it. */
export type DirectoryRow = {
  readonly connectionId: string;
  readonly key: string;
  readonly raw: RawRecord;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant | null;
  readonly deletedAt: Instant | null;
};

export type Page<Row> = {
  readonly rows: readonly Row[];
  /** Sort values of the last and first row, to build cursors from; null when the list ends there. */
  readonly next: readonly (string | number | null)[] | null;
  readonly previous: readonly (string | number | null)[] | null;
};

export type SortOrder = 'asc' | 'desc';

/** Keyset paging: rows strictly after (or before) the position, in sort order, the key last. */
export type Keyset = {
  readonly limit: number;
  readonly position: readonly (string | number | null)[] | null;
  readonly direction: 'forward' | 'backward';
};

/** `eq`, `in` for everything; `gt`, `gte`, `lt`, `lte` for times and numbers; `like` is a case-insensitive substring. */
export type Condition<T> = {
  readonly eq?: T | null;
  readonly in?: readonly T[];
  readonly gt?: T;
  readonly gte?: T;
  readonly lt?: T;
  readonly lte?: T;
  readonly like?: string;
};

export type UserFilter = {
  readonly connectionIds: readonly string[];
  readonly id?: Condition<string>;
  readonly email?: Condition<string>;
  readonly firstName?: Condition<string>;
  readonly lastName?: Condition<string>;
  /** `active`, `archived`, or another word of the vendor's. */
  readonly status?: Condition<string>;
  readonly createdAt?: Condition<Instant>;
  readonly updatedAt?: Condition<Instant>;
  readonly groupId?: Condition<string>;
  /** Only, or all but, the account's admins. */
  readonly admin?: boolean;
  readonly department?: Condition<string>;
  readonly division?: Condition<string>;
  readonly location?: Condition<string>;
  readonly managerEmail?: Condition<string>;
  readonly riskScore?: Condition<number>;
  readonly phishPronePercent?: Condition<number>;
  /** At least one enrollment is past due. */
  readonly overdue?: boolean;
  /** Failed a phishing test at or after this time. */
  readonly failedSince?: Instant;
  /** Matches name, address or employee number. */
  readonly search?: string;
  readonly deleted?: 'hide' | 'only' | 'show';
};
export type UserSort =
  | 'id'
  | 'created_at'
  | 'updated_at'
  | 'email'
  | 'first_name'
  | 'name'
  | 'status'
  | 'last_login_at'
  | 'risk_score';

export type GroupFilter = {
  readonly connectionIds: readonly string[];
  readonly id?: Condition<string>;
  readonly name?: Condition<string>;
  readonly groupType?: Condition<string>;
  readonly status?: Condition<string>;
  readonly createdAt?: Condition<Instant>;
  readonly updatedAt?: Condition<Instant>;
  /** Groups this person is in. */
  readonly userId?: Condition<string>;
  readonly deleted?: 'hide' | 'only' | 'show';
};
export type GroupSort = 'id' | 'name' | 'created_at' | 'updated_at';

export type TrainingTotals = {
  readonly enrolled: number;
  readonly notStarted: number;
  readonly inProgress: number;
  readonly completed: number;
  readonly overdue: number;
  readonly lastCompletedAt: Instant | null;
};
export type PhishingTotals = {
  readonly delivered: number;
  readonly failed: number;
  readonly reported: number;
  readonly lastFailedAt: Instant | null;
  readonly lastDeliveredAt: Instant | null;
};
export type PersonTotals = {
  readonly userId: string;
  readonly training: TrainingTotals;
  readonly phishing: PhishingTotals;
};

/** Reads of the mirror. Each is one query (or a fixed small number), whatever the size of the account. */
export type DirectoryStore = {
  listUsers(filter: UserFilter, sort: { by: UserSort; order: SortOrder }, keyset: Keyset): Promise<Page<DirectoryRow>>;
  listGroups(
    filter: GroupFilter,
    sort: { by: GroupSort; order: SortOrder },
    keyset: Keyset,
  ): Promise<Page<DirectoryRow>>;
  getRow(
    connectionIds: readonly string[],
    stream: 'users' | 'groups' | 'account',
    key: string,
  ): Promise<readonly DirectoryRow[]>;
  /** Names of live and archived groups by id, for showing a person's groups. */
  groupNames(connectionId: string): Promise<ReadonlyMap<string, string>>;
  /** Grows whenever a group, the account record or its admins change: lets readers keep what they built. */
  directoryVersion(connectionId: string): Promise<string>;
  totals(connectionId: string, userIds: readonly string[]): Promise<readonly PersonTotals[]>;
  enrollmentsOf(connectionId: string, userId: string): Promise<readonly DirectoryRow[]>;
  recipientsOf(connectionId: string, userId: string): Promise<readonly DirectoryRow[]>;
  riskPoints(connectionId: string, subject: 'account' | 'user' | 'group', id: string): Promise<readonly RiskPoint[]>;
  /** `lastCompleteAt` by stream, for freshness. */
  freshness(connectionId: string): Promise<Readonly<Record<string, Instant | null>>>;
};
