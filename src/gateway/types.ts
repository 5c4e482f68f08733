import type { ConnectInput, ConnectResult } from '../connections/connect.ts';
import type { ConnectionSettings, ConnectionView, KeyKind } from '../connections/connection.ts';
import type { IntakeView, ShownSecret } from '../connections/intake.ts';
import type { KeyInput, KeyResult } from '../connections/keys.ts';
import type { Alert } from '../events/alert.ts';
import type { Change, ChangeKind, Hold, RunProgress, RunRecord, RunTrigger, StreamState } from '../sync/ports.ts';
import type { StreamName } from '../sync/streams.ts';
import type { DerivedToken, NewToken } from '../tokens/new-token.ts';
import type { ApiToken } from '../tokens/token.ts';
import type { VerifiedToken, WithSecret } from '../tokens/tokens.ts';
import type { RiskPoint } from '../wire/records.ts';
import type { Region } from '../wire/regions.ts';

export type { ConnectInput, ConnectionView, ConnectResult, IntakeView, ShownSecret };

export type SyncLevel = 'directory' | 'refresh' | 'full';

export type SyncInput = {
  /** Default `refresh`; the first sync is always `full`. */
  readonly level?: SyncLevel;
  readonly streams?: readonly StreamName[];
  readonly trigger?: RunTrigger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
};

export type SyncEstimate = {
  readonly level: SyncLevel;
  readonly requests: number;
  readonly durationMs: number;
  readonly endsAt: string;
  readonly byStream: readonly { readonly stream: StreamName; readonly requests: number }[];
};

export type { RunProgress as SyncProgress } from '../sync/ports.ts';

export type BudgetView = {
  readonly accountKey: string | null;
  readonly limits: {
    readonly perSecond: number | null;
    readonly perMinute: number | null;
    readonly perDay: number | null;
  };
  readonly usedLastMinute: number;
  readonly usedLastDay: number;
  /** Kept for interactive calls. */
  readonly reserve: number;
  /** What a scheduled sync may still use now. */
  readonly freeForSync: number | null;
  /** Set while KnowBe4 asked to wait or the day is spent. */
  readonly blockedUntil: string | null;
  /** Times in the last day that KnowBe4 said 429 although our own count had room: another tool shares the quota. */
  readonly unexpected429: number;
};

export type ConnectionStatus = {
  readonly connection: ConnectionView;
  readonly streams: readonly StreamState[];
  readonly budget: BudgetView;
  readonly openHolds: readonly Hold[];
  readonly openAlerts: readonly Alert[];
  readonly running: RunProgress | null;
  readonly lastRun: RunRecord | null;
  readonly nextSyncAt: string | null;
};

/** Every use case outside the directory. Connections are named by id or name. */
export type ConnectionUseCases = {
  connect(input: ConnectInput): Promise<ConnectResult>;
  list(): Promise<readonly ConnectionView[]>;
  get(connection: string): Promise<ConnectionView>;
  update(
    connection: string,
    patch: { name?: string; tenant?: string | null; tags?: readonly string[]; settings?: ConnectionSettings },
  ): Promise<ConnectionView>;
  replaceToken(connection: string, input: { reportingToken: string; region?: Region }): Promise<ConnectResult>;
  /** Proves the stored token again. */
  check(connection: string): Promise<ConnectResult>;
  /** Proves a key for another API of the account and keeps it; one of the same kind is replaced. */
  addKey(connection: string, kind: KeyKind, input: KeyInput): Promise<KeyResult>;
  removeKey(connection: string, kind: KeyKind): Promise<ConnectionView>;
  pause(connection: string): Promise<ConnectionView>;
  resume(connection: string): Promise<ConnectionView>;
  remove(connection: string, options: { purge: boolean }): Promise<{ id: string }>;
  /** Erases a person from everything kept, and keeps them out of later syncs. */
  erasePerson(connection: string, userId: string): Promise<{ rows: number; changes: number }>;
  /** Lets an erased person in again, with the next sync that reads them. */
  readmitPerson(connection: string, userId: string): Promise<{ readmitted: boolean }>;
};

export type SyncUseCases = {
  estimate(connection: string, input?: SyncInput): Promise<SyncEstimate>;
  /** Syncs in this process; resolves when the run has ended. */
  run(connection: string, input?: SyncInput): Promise<RunRecord>;
  /**
   * Asks for a sync, which a process that does the work begins at once: the run as it is queued.
   * @throws ForeknowError `conflict` when one is under way
   */
  start(connection: string, input?: Pick<SyncInput, 'level' | 'streams' | 'trigger'>): Promise<RunRecord>;
  status(connection: string): Promise<ConnectionStatus>;
  runs(connection: string, limit: number): Promise<readonly RunRecord[]>;
  getRun(id: string): Promise<RunRecord>;
  holds(connection: string): Promise<readonly Hold[]>;
  decideHold(holdId: string, decision: 'confirm' | 'dismiss', by: string): Promise<Hold>;
  changes(query: {
    connectionIds: readonly string[] | null;
    after: number;
    limit: number;
    kinds?: readonly ChangeKind[];
  }): Promise<readonly Change[]>;
  /** One person's risk history from KnowBe4 (one request), kept for later. */
  fetchRiskHistory(connection: string, userId: string): Promise<readonly RiskPoint[]>;
};

export type TokenUseCases = {
  /** @param maker whose token it is made with; absent = the operator */
  create(input: NewToken, maker?: VerifiedToken | null): Promise<WithSecret>;
  /** An account token or one for MCP, which does no more than its maker and dies with it. */
  derive(input: DerivedToken, maker: VerifiedToken): Promise<WithSecret>;
  list(): Promise<readonly ApiToken[]>;
  /** As it may be used now. @throws ForeknowError `unauthenticated` */
  standing(id: string): Promise<VerifiedToken>;
  /** A new secret; the old one goes on for a while. */
  rotate(id: string, overlapSeconds?: number): Promise<WithSecret>;
  revoke(id: string): Promise<void>;
  /** @throws ForeknowError `unauthenticated` */
  verify(secret: string): Promise<VerifiedToken>;
};

export type IntakeUseCases = {
  show(connection: string): Promise<IntakeView>;
  /** Takes it into use, or gives it another secret. */
  renew(
    connection: string,
    options?: { readonly inQuery?: boolean },
  ): Promise<IntakeView & { /** Shown once. */ readonly secret: string }>;
  disable(connection: string): Promise<IntakeView>;
  /** Id of the connection whose intake one of the secrets opens; null when none does. */
  admit(connection: string, secrets: readonly ShownSecret[]): Promise<string | null>;
  /** Takes a call of somebody who was admitted. */
  accept(connectionId: string, body: Uint8Array): Promise<'new' | 'repeated' | 'off'>;
};

export type VaultUseCases = { rotate(): Promise<{ resealed: number; keys: number }> };
