import type { ChangeFields, ChangeKind, ChangeSubject } from '../model/change.ts';
import type { CompletenessProof } from '../wire/proof.ts';
import type { Day, Instant, RawRecord, RecordOf, RecordStream } from '../wire/records.ts';
import type { StreamName } from './streams.ts';

export type { ChangeKind, ChangeSubject };

/**
 * What a pass covers: the whole stream, or the rows of one campaign (`campaign:ID`), of one test (`test:KEY`) or of one
 * campaign type (`type:email`, `type:callback`). Absence is judged inside the scope only.
 */
export type Scope = 'all' | `campaign:${string}` | `test:${string}` | `type:${string}`;

export type StreamStatus = 'never' | 'running' | 'fresh' | 'partial' | 'failed' | 'parked' | 'held' | 'off';

/** Where a stream stands. One row for each connection and stream. */
export type StreamState = {
  readonly connectionId: string;
  readonly stream: StreamName;
  readonly status: StreamStatus;
  /** Set once the first complete pass over the whole stream has ended: from then on rows make changes. */
  readonly baselineAt: Instant | null;
  readonly lastStartedAt: Instant | null;
  /** End of the last complete pass over everything the stream holds: what "last seen" means. */
  readonly lastCompleteAt: Instant | null;
  /** End of the last pass that was complete for its scopes (open campaigns only, say). */
  readonly lastRefreshedAt: Instant | null;
  /** When a parked stream may go on. */
  readonly parkedUntil: Instant | null;
  readonly lastProof: CompletenessProof | null;
  readonly lastError: StoredError | null;
  /** Of the last complete pass over everything. */
  readonly rows: number | null;
};

export type StoredError = { readonly code: string; readonly detail: string; readonly hint: string | null };

/** One pass over one scope, from its first page to its proof. Survives the process: `checkpoint` is the resume position. */
export type Pass = {
  readonly id: string;
  readonly connectionId: string;
  readonly stream: StreamName;
  readonly scope: Scope;
  readonly runId: string;
  readonly startedAt: Instant;
  /** Position after the last committed page, as the client gave it; null before the first. */
  readonly checkpoint: string | null;
  readonly pages: number;
  readonly rows: number;
};

/** What is known of a stored row without reading it. */
export type StoredHead = {
  readonly key: string;
  /** Digest of the form last seen on the wire: equal means nothing to do. */
  readonly seenDigest: string;
  readonly deletedAt: Instant | null;
};

export type StoredRow = StoredHead & {
  readonly raw: RawRecord;
  readonly digest: string;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant | null;
  /** The risk score that was told last; null or none: it has not moved since the row was first seen. */
  readonly riskTold?: number | null;
};

/** A row to insert or replace. `raw` is what later readers get: the merged object in the modern spelling. */
export type RowWrite = {
  readonly key: string;
  readonly scope: Scope;
  readonly raw: RawRecord;
  /** `raw` as read: the store takes the columns that queries need from it (see `store/row-tables.ts`). */
  readonly record: RecordOf[RecordStream];
  /** Digest of the normalised record, embedded people by id: what two mirrors are compared by. */
  readonly digest: string;
  readonly seenDigest: string;
  /** True when the row differs in a way that is a change; false when only its seen form differs. */
  readonly changed: boolean;
  readonly riskTold?: number | null;
};

/** A change as the sync finds it. The store gives it its place in the log (`seq`) inside the page's transaction. */
export type NewChange = {
  readonly kind: ChangeKind;
  /** `connection`: what happened to the connection itself. */
  readonly stream: StreamName | 'connection';
  /** Key of the record; for membership changes the group's key. */
  readonly key: string;
  readonly at: Instant;
  /** Normalised fields: the whole record on `created`, the changed fields otherwise. */
  readonly current: Readonly<Record<string, unknown>> | null;
  /** Old values of the changed fields; the whole record on `deleted`; null on `created`. */
  readonly previous: Readonly<Record<string, unknown>> | null;
  /** Who and what it is about, in short, where the fields do not say so: what those who are told of it need to know. */
  readonly about?: ChangeFields | null;
};

export type Change = NewChange & {
  /** Position in the one ordered log of the store; grows, without meaning beyond order. */
  readonly seq: number;
  readonly connectionId: string;
  /** Empty where no run made it. */
  readonly runId: string;
};

export type Membership = { readonly groupId: string; readonly userId: string };

export type RiskPointWrite = {
  readonly subject: 'account' | 'user' | 'group';
  readonly id: string;
  readonly date: Day;
  readonly riskScore: number;
};

/** One page's work: all of it or nothing. Rows that did not change are only in `seenKeys`. */
export type PageCommit = {
  readonly connectionId: string;
  readonly runId: string;
  readonly passId: string;
  readonly stream: StreamName;
  readonly at: Instant;
  readonly rows: readonly RowWrite[];
  /** Every key of the page: kept for this pass, and taken out of the list of missed rows. */
  readonly seenKeys: readonly string[];
  readonly changes: readonly NewChange[];
  readonly membershipsAdded: readonly Membership[];
  readonly membershipsRemoved: readonly Membership[];
  readonly riskPoints: readonly RiskPointWrite[];
  readonly checkpoint: string | null;
  /** During a baseline per-person totals are rebuilt once at the end instead of page by page. */
  readonly baseline: boolean;
};

/** What a complete pass did not see. Counts are of live rows inside the pass's scope. */
export type AbsenceReport = {
  readonly live: number;
  readonly absent: number;
  /** Absent rows that an earlier complete pass missed as well, with the time of the first miss. */
  readonly missedBefore: number;
};

export type AbsentRow = { readonly key: string; readonly scope: Scope; readonly firstMissedAt: Instant | null };

export type HoldKind = 'suspicious' | 'needs_person';
export type HoldState = 'open' | 'agreed' | 'confirmed' | 'dismissed';

/** Removals that were found and not made, and why. */
export type Hold = {
  readonly id: string;
  readonly connectionId: string;
  readonly stream: StreamName;
  readonly scope: Scope;
  readonly kind: HoldKind;
  readonly state: HoldState;
  readonly live: number;
  readonly absent: number;
  readonly firstPassAt: Instant;
  readonly createdAt: Instant;
  readonly decidedAt: Instant | null;
  /** Who decided, when a person did. */
  readonly decidedBy: string | null;
};

/**
 * The last complete read of one scope. `mark` is what its summary looked like then (the digest of the test's or campaign's
 * row): as long as it is the same, nothing has moved that the summary counts.
 */
export type ScopeRead = {
  readonly scope: Scope;
  readonly completedAt: Instant;
  readonly mark: string;
  readonly rows: number;
};

export type RunTrigger = 'manual' | 'schedule' | 'connect' | 'interactive';
/** `queued`: asked for, and waits for a process that begins it; `startedAt` is then when it was asked for. */
export type RunStatus = 'queued' | 'running' | 'done' | 'partial' | 'failed' | 'parked' | 'interrupted';

/** What one stream did in one run. */
export type StreamRun = {
  readonly stream: StreamName;
  readonly status: 'done' | 'skipped' | 'partial' | 'failed' | 'parked' | 'held';
  readonly passes: number;
  readonly pages: number;
  readonly requests: number;
  readonly rows: number;
  readonly badRows: number;
  readonly changes: number;
  readonly durationMs: number;
  readonly proof: CompletenessProof | null;
  readonly error: StoredError | null;
};

export type RunRecord = {
  readonly id: string;
  readonly connectionId: string;
  readonly trigger: RunTrigger;
  readonly level: 'directory' | 'refresh' | 'full';
  readonly status: RunStatus;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly streams: readonly StreamRun[];
  readonly requests: number;
  readonly pages: number;
  readonly rows: number;
  readonly changes: number;
  /** What the planner said before the run. */
  readonly estimate: { readonly requests: number; readonly durationMs: number } | null;
  readonly error: StoredError | null;
};

/** How far a run is. */
export type RunProgress = {
  readonly runId: string;
  readonly stream: StreamName;
  /** Of this stream. */
  readonly rows: number;
  /** Rows expected, where an earlier pass or a summary tells. */
  readonly expectedRows: number | null;
  /** Of the whole run. */
  readonly pages: number;
  readonly requests: number;
  readonly expectedRequests: number;
  readonly streamDone: boolean;
};

/** What a run hears when it says that it is alive: go on; end after the page it is at; the connection is not its own any more. */
export type Pulse = 'held' | 'stop' | 'lost';

/** Which runs are meant, the newest first. */
export type RunQuery = {
  /** null = of all connections. */
  readonly connectionIds: readonly string[] | null;
  /** Absent: whatever began them. */
  readonly trigger?: RunTrigger;
  readonly level?: RunRecord['level'];
  readonly statuses?: readonly RunStatus[];
  /** Runs from this time on. */
  readonly from: Instant;
  /** Older than this one; without an id: than this time. */
  readonly before: { readonly at: Instant; readonly id: string | null };
  readonly limit: number;
};

/** Storage the sync needs. Every function is one transaction. */
export type SyncStore = {
  /**
   * Takes the connection for one run, until `leaseUntil` unless it is renewed; null or none: until the run ends. A run whose
   * lease has lapsed by `run.startedAt` is interrupted and taken over.
   * @throws ForeknowError `conflict` when another run holds the connection
   */
  startRun(run: RunRecord, leaseUntil?: Instant | null): Promise<void>;
  /** @returns false when the run does not hold the connection any more */
  renewRun(runId: string, until: Instant): Promise<boolean>;
  /** Renews the lease, tells how far the run is (null = as before), and hears whether somebody asked it to end. */
  pulseRun(pulse: {
    readonly runId: string;
    readonly leaseUntil: Instant;
    readonly progress: RunProgress | null;
  }): Promise<Pulse>;
  /** How far the run is that holds the connection; null when none does, or none has told yet. */
  runProgress(connectionId: string, at: Instant): Promise<RunProgress | null>;
  /** Asks whoever holds the connection to end. @returns false when nobody does */
  askStop(connectionId: string, at: Instant): Promise<boolean>;
  /**
   * Takes the connection as a run does, so that none begins while it is changed. To be renewed with `renewRun`.
   * @returns false when somebody holds it
   */
  holdConnection(hold: {
    readonly connectionId: string;
    /** Names this hold; no run has the same id. */
    readonly holdId: string;
    readonly at: Instant;
    readonly leaseUntil: Instant;
  }): Promise<boolean>;
  releaseConnection(holdId: string): Promise<void>;
  /**
   * Keeps a run that is `queued`, and puts the job `run` that begins it.
   * @param streams only these; null = all of the level
   * @param dueAt ms
   * @throws ForeknowError `conflict` when a run of the connection is under way or queued
   */
  queueRun(run: RunRecord, streams: readonly StreamName[] | null, dueAt: number): Promise<void>;
  /** Takes back runs of the connection that have not begun (`interrupted`), and its jobs. */
  dropQueued(connectionId: string, at: Instant): Promise<void>;
  /** Ends runs whose lease has lapsed and gives them back, as `interrupted`; their passes can be resumed. */
  interruptLapsed(at: Instant): Promise<readonly RunRecord[]>;
  /** Writes the run; one that has ended gives the connection back and stays as it ended. */
  saveRun(run: RunRecord): Promise<void>;
  getRun(id: string): Promise<RunRecord | null>;
  listRuns(connectionId: string, limit: number): Promise<readonly RunRecord[]>;
  recentRuns(query: RunQuery): Promise<readonly RunRecord[]>;

  streamStates(connectionId: string): Promise<readonly StreamState[]>;
  /**
   * @param runId the run that writes it; without one nobody is asked whether the connection is held
   * @throws ForeknowError `conflict` when the run no longer holds the connection
   */
  saveStreamState(state: StreamState, runId?: string): Promise<void>;

  /** The unfinished pass over this scope, if any. */
  openPass(connectionId: string, stream: StreamName, scope: Scope): Promise<Pass | null>;
  /** @throws ForeknowError `conflict` when the pass's run no longer holds the connection, or a pass over the scope is open */
  beginPass(pass: Pass): Promise<void>;
  /** Drops an unfinished pass with the keys it saw (a restart from the first page). */
  dropPass(passId: string): Promise<void>;
  /** @throws ForeknowError `conflict` when the run no longer holds the connection */
  commitPage(page: PageCommit): Promise<void>;

  /** Heads of the stored rows among `keys`; rows that are not there are left out. */
  heads(connectionId: string, stream: RecordStream, keys: readonly string[]): Promise<readonly StoredHead[]>;
  rows(connectionId: string, stream: RecordStream, keys: readonly string[]): Promise<readonly StoredRow[]>;
  /** All live rows in key order, for planning and for digests; `after` is the last key of the page before. */
  liveRows(
    connectionId: string,
    stream: RecordStream,
    after: string | null,
    limit: number,
  ): Promise<readonly StoredRow[]>;

  absence(passId: string): Promise<AbsenceReport>;
  /** Absent rows of the pass in key order. */
  absentRows(passId: string, after: string | null, limit: number): Promise<readonly AbsentRow[]>;
  /** Notes a first miss at `at` for rows that have none yet. */
  noteMissed(passId: string, keys: readonly string[], at: Instant): Promise<void>;
  /** Marks rows deleted at `at` and writes the changes; memberships of deleted people and groups go too. */
  removeRows(removal: {
    readonly connectionId: string;
    readonly runId: string;
    readonly stream: StreamName;
    readonly at: Instant;
    readonly keys: readonly string[];
    readonly changes: readonly NewChange[];
    readonly membershipsRemoved: readonly Membership[];
  }): Promise<void>;
  /** Ends a pass: writes the stream's state, drops the keys seen, rebuilds totals after a baseline, adds the changes. */
  endPass(end: {
    readonly passId: string;
    readonly runId: string;
    readonly state: StreamState;
    readonly changes: readonly NewChange[];
    readonly scopeReads?: readonly ScopeRead[];
    readonly rebuildTotals: boolean;
  }): Promise<void>;
  /** What is known of the stream's scopes, to drill only into what moved. */
  scopeReads(connectionId: string, stream: StreamName): Promise<readonly ScopeRead[]>;
  /** Count and digest of a stream's live rows: sha-256 over `key digest` lines in key order. */
  contentDigest(connectionId: string, stream: RecordStream): Promise<{ rows: number; digest: string }>;

  memberships(connectionId: string, userIds: readonly string[]): Promise<readonly Membership[]>;

  holds(connectionId: string): Promise<readonly Hold[]>;
  /** A hold that was dismissed takes with it what its passes noted as missed: they were not believed. */
  saveHold(hold: Hold): Promise<void>;

  changes(query: {
    /** null = of all connections. */
    readonly connectionIds: readonly string[] | null;
    readonly after: number;
    readonly limit: number;
    readonly kinds?: readonly ChangeKind[];
  }): Promise<readonly Change[]>;
  lastChangeSeq(): Promise<number>;

  saveRiskPoints(connectionId: string, points: readonly RiskPointWrite[]): Promise<void>;
};
