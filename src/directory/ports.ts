import type { Instant, RiskPoint } from '../wire/records.ts';

/** Where a row is, and what it looks like: while the stamp stays the same, so does everything that is shown of it. */
export type RowRef = {
  readonly connectionId: string;
  readonly key: string;
  readonly stamp: string;
};

/** A row as the directory reads it. */
export type DirectoryRow = RowRef & {
  /** The raw object as JSON text. */
  readonly raw: string;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant | null;
  readonly deletedAt: Instant | null;
};

export type UserRow = DirectoryRow & {
  /** When the person last completed a training. */
  readonly lastLearningAt: Instant | null;
};

/** Sort value, connection and key of a row: its place in a sorted list. Null sorts before everything. */
export type Position = readonly [value: string | number | null, connectionId: string, key: string];

export type Page<Row> = {
  readonly rows: readonly Row[];
  /** Places of the last and the first row, to go on from; null when the list ends there. */
  readonly next: Position | null;
  readonly previous: Position | null;
};

export type SortOrder = 'asc' | 'desc';

/** Keyset paging: rows strictly after (or before) the position, in sort order, the key last. */
export type Keyset = {
  readonly limit: number;
  readonly position: Position | null;
  readonly direction: 'forward' | 'backward';
  /** The row at the position itself belongs to the page (turning round at an end that has become empty). */
  readonly inclusive: boolean;
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
  /** The filter can match nothing, whatever the mirror holds. */
  readonly nothing?: boolean;
  readonly id?: Condition<string>;
  readonly email?: Condition<string>;
  readonly firstName?: Condition<string>;
  readonly lastName?: Condition<string>;
  readonly name?: Condition<string>;
  /** `active`, `inactive` (archived), `deleted`, or another word of the vendor's. */
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
  /** Failed this test: its key, `callback:ID` for a phone one. */
  readonly failedTest?: string;
  /** Has completed a training at some time, or never has. */
  readonly trained?: boolean;
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
  | 'last_active_at'
  | 'risk_score';

export type GroupFilter = {
  readonly connectionIds: readonly string[];
  /** The filter can match nothing, whatever the mirror holds. */
  readonly nothing?: boolean;
  readonly id?: Condition<string>;
  readonly name?: Condition<string>;
  readonly groupType?: Condition<string>;
  /** `active`, `archived`, or another word of the vendor's. */
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
  readonly connectionId: string;
  readonly userId: string;
  readonly training: TrainingTotals;
  readonly phishing: PhishingTotals;
};

/** A part of a short list, counted from its beginning. */
export type Slice = { readonly offset: number; readonly limit: number };
export type Sliced = { readonly rows: readonly DirectoryRow[]; readonly total: number };

/** Enrollments of a training campaign in one state. */
export type EnrollmentCount = { readonly campaignId: string; readonly status: string | null; readonly count: number };

export type EnrollmentFilter = {
  readonly connectionIds: readonly string[];
  /** The filter can match nothing, whatever the mirror holds. */
  readonly nothing?: boolean;
  readonly id?: Condition<string>;
  readonly userId?: Condition<string>;
  readonly campaignId?: Condition<string>;
  /** KnowBe4's own words. */
  readonly status?: Condition<string>;
  readonly enrolledAt?: Condition<Instant>;
  readonly completedAt?: Condition<Instant>;
  /** In one of these. A policy is named by its title alone. */
  readonly courses?: readonly ({ readonly purchaseId: string } | { readonly policyName: string })[];
  readonly deleted?: 'hide' | 'only' | 'show';
};

/** Streams of training whose rows are few. */
export type ContentStream = 'store_purchases' | 'policies' | 'training_campaigns';

/** What a list of one connection needs beside its rows. */
export type ConnectionStamp = {
  /** Grows whenever a group, the account record or its admins change: lets readers keep what they built. */
  readonly version: number;
  /** Time of the last complete pass by stream; a stream without one is left out. */
  readonly completeAt: Readonly<Record<string, Instant>>;
};

/** Reads of the mirror. Each is one query (or a fixed small number), whatever the size of the account. */
export type DirectoryStore = {
  /** Another value whenever anything at all may have been written since. */
  revision(): Promise<number | string>;
  listUsers(filter: UserFilter, sort: { by: UserSort; order: SortOrder }, keyset: Keyset): Promise<Page<RowRef>>;
  listGroups(filter: GroupFilter, sort: { by: GroupSort; order: SortOrder }, keyset: Keyset): Promise<Page<RowRef>>;
  /** Rows in any order; those that are not there (any more) are left out. */
  userRows(connectionIds: readonly string[], keys: readonly string[]): Promise<readonly UserRow[]>;
  groupRows(connectionIds: readonly string[], keys: readonly string[]): Promise<readonly DirectoryRow[]>;
  /** Null before the first sync. */
  accountRow(connectionId: string): Promise<DirectoryRow | null>;
  /** Names of live and archived groups by id, for showing a person's groups. */
  groupNames(connectionId: string): Promise<ReadonlyMap<string, string>>;
  stamp(connectionId: string): Promise<ConnectionStamp>;
  totals(connectionIds: readonly string[], userIds: readonly string[]): Promise<readonly PersonTotals[]>;
  /** Live rows, newest enrollment first. */
  enrollmentsOf(connectionId: string, userId: string): Promise<readonly DirectoryRow[]>;
  /** Live rows, last delivered first. */
  recipientsOf(connectionId: string, userId: string, limit: number): Promise<readonly DirectoryRow[]>;
  countUsers(filter: UserFilter): Promise<number>;
  countGroups(filter: GroupFilter): Promise<number>;
  /** By their keys. */
  listEnrollments(filter: EnrollmentFilter, order: SortOrder, keyset: Keyset): Promise<Page<RowRef>>;
  /** Rows in any order; those that are not there (any more) are left out. */
  enrollmentRows(connectionId: string, keys: readonly string[]): Promise<readonly DirectoryRow[]>;
  /** All rows of a stream, deleted ones too, or those with these keys. */
  contentRows(connectionId: string, stream: ContentStream, keys?: readonly string[]): Promise<readonly DirectoryRow[]>;
  /** Live ones, the last begun first. */
  trainingCampaigns(connectionId: string, slice: Slice): Promise<Sliced>;
  /** Live ones, the last begun first. */
  securityTests(connectionId: string, slice: Slice): Promise<Sliced>;
  enrollmentCounts(connectionId: string, campaignIds: readonly string[]): Promise<readonly EnrollmentCount[]>;
  /** Oldest first. */
  riskPoints(connectionId: string, subject: 'account' | 'user' | 'group', id: string): Promise<readonly RiskPoint[]>;
};
