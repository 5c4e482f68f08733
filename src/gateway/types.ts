import type { ConnectInput, ConnectResult } from '../connections/connect.ts';
import type { ConnectionSettings, ConnectionView, KeyKind } from '../connections/connection.ts';
import type { IntakeView, ShownSecret } from '../connections/intake.ts';
import type { KeyInput, KeyResult } from '../connections/keys.ts';
import type { Capability } from '../connections/prove.ts';
import type { Alert } from '../events/alert.ts';
import type { LinkKey, LinkKind, LinkState, LinkTask } from '../links/link.ts';
import type { Invited, LinkView, LinkWithSecret } from '../links/links.ts';
import type { NewInvitation, NewLink } from '../links/new-link.ts';
import type {
  Change,
  ChangeKind,
  Hold,
  RunProgress,
  RunQuery,
  RunRecord,
  RunTrigger,
  StreamState,
} from '../sync/ports.ts';
import type { StreamName } from '../sync/streams.ts';
import type { DerivedToken, NewToken, TokenPatch } from '../tokens/new-token.ts';
import type { ApiToken } from '../tokens/token.ts';
import type { VerifiedToken, WithSecret } from '../tokens/tokens.ts';
import type { RiskPoint } from '../wire/records.ts';
import type { Region } from '../wire/regions.ts';

export type {
  ConnectInput,
  ConnectionView,
  ConnectResult,
  IntakeView,
  Invited,
  LinkView,
  LinkWithSecret,
  NewInvitation,
  NewLink,
  ShownSecret,
};

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
  /** `notes`: what goes on at KnowBe4 after it, and how to end that. */
  remove(connection: string, options: { purge: boolean }): Promise<{ id: string; notes?: readonly string[] }>;
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
  /** Runs of several connections, the newest first. */
  recentRuns(query: RunQuery): Promise<readonly RunRecord[]>;
  /**
   * Ends a run after the page it is at, or takes it back before it begins; what it has read stays. One that has ended stays as it is.
   * @returns the run as it is then
   */
  stop(id: string): Promise<RunRecord>;
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
  /** An account token or one for MCP, which does no more than its maker and dies with it. @param maker null = the operator */
  derive(input: DerivedToken, maker: VerifiedToken | null): Promise<WithSecret>;
  list(): Promise<readonly ApiToken[]>;
  /** As it may be used now. @throws ForeknowError `unauthenticated` */
  standing(id: string): Promise<VerifiedToken>;
  /** Changes an agent's token. */
  update(id: string, patch: TokenPatch, by: VerifiedToken): Promise<ApiToken>;
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

/** What whoever opens a link is told. */
export type LinkPage = {
  readonly id: string;
  readonly kind: LinkKind;
  readonly task: LinkTask;
  /** Only an `open` one takes keys. */
  readonly state: LinkState;
  readonly requester: string;
  readonly tenant: string | null;
  readonly name: string | null;
  /** Of the connection for a reconnect or a key, else the one proposed; null: to be asked for. */
  readonly region: Region | null;
  /** The connection that it is about; null for a new one. */
  readonly connection: {
    readonly id: string;
    readonly name: string;
    readonly region: Region;
    readonly accountName: string | null;
    readonly state: ConnectionView['state'];
  } | null;
  /** Keys that are asked for; beside `reporting` in a `new` or `reconnect` one they may be left out. */
  readonly keys: readonly LinkKey[];
  /** Names of the streams that will be read and kept. */
  readonly streams: readonly string[];
  /** Origins that may frame the page and are told how it ended. */
  readonly origins: readonly string[];
  readonly redirectUri: string | null;
  readonly expiresAt: string;
  /** Host of `server.public_url`; null where that is not set: the host of the request. */
  readonly gatewayHost: string | null;
  /** Whether connections of this server may read other addresses than KnowBe4's own. */
  readonly otherAddresses: boolean;
};

/** Who opened the page: they have no token, the link speaks for them. */
export type LinkCaller = {
  /** Network address. */
  readonly from: string;
  readonly requestId: string | null;
};

/** What was put into the page. */
export type LinkSubmission = {
  readonly name?: string;
  readonly tenant?: string;
  /** A region, or any address of the account that tells it. */
  readonly region?: string;
  /** Another address than KnowBe4's own for the Reporting API; only where the operator allows it. */
  readonly baseUrl?: string;
  readonly reporting?: string;
  readonly scim?: { readonly token: string; readonly url: string };
  readonly events?: string;
  readonly product?: string;
  /** Look in the other four regions when this one refuses the token: one request to each. */
  readonly probeRegions?: boolean;
};

/** What a key that was accepted can do. */
export type LinkCheck = {
  readonly region: Region;
  readonly account: {
    readonly name: string | null;
    readonly type: string | null;
    readonly subscriptionLevel: string | null;
    readonly seats: number | null;
  } | null;
  readonly capabilities: readonly Capability[];
  readonly warnings: readonly string[];
};

export type LinkResult = LinkCheck & { readonly link: LinkView; readonly connection: ConnectionView };

/**
 * Connect links. `maker` is the token that a caller uses; null = the operator. A token sees the links that were made with it;
 * one that reaches every connection sees all.
 */
export type LinkUseCases = {
  create(input: NewLink, maker: VerifiedToken | null): Promise<LinkWithSecret>;
  invite(input: NewInvitation, maker: VerifiedToken | null): Promise<Invited>;
  /** A new secret and a new code; the old ones end, the time of expiry stays. @throws ForeknowError `not_found`, `conflict` */
  resend(id: string, maker: VerifiedToken | null): Promise<Invited>;
  /** @throws ForeknowError `not_found`, `conflict` */
  revoke(id: string, maker: VerifiedToken | null): Promise<LinkView>;
  list(
    query: { readonly kind?: LinkKind; readonly state?: LinkState; readonly limit?: number },
    maker: VerifiedToken | null,
  ): Promise<readonly LinkView[]>;
  get(id: string, maker: VerifiedToken | null): Promise<LinkView>;
  /** What the page shows; consumes nothing. @throws ForeknowError `link_invalid` for a secret that opens none */
  open(secret: string): Promise<LinkPage>;
  /**
   * The secret that a code stands for, to go on with at `open`.
   * @throws ForeknowError `link_invalid` alike for a wrong, used, revoked and expired code, `too_many_attempts`
   */
  byCode(code: string, caller: LinkCaller): Promise<{ readonly secret: string }>;
  /**
   * Checks what was put in without keeping anything; counts as a submission.
   * @throws ForeknowError as `submit`
   */
  check(secret: string, submission: LinkSubmission, caller: LinkCaller): Promise<LinkCheck>;
  /**
   * Makes or changes the connection and uses the link up, in one transaction, which the audit log tells of the link. What is refused uses nothing up, but counts: 20
   * submissions an hour.
   * @throws ForeknowError `link_invalid`, `link_expired`, `link_used`, `link_revoked`, `too_many_attempts`, `different_account`,
   *   `wrong_product`, `wrong_region`, `connection_unauthorized`, `connection_forbidden`, `invalid_request` with `field`
   *   (`reporting`, `scim.url`, `name` …)
   */
  submit(secret: string, submission: LinkSubmission, caller: LinkCaller): Promise<LinkResult>;
};

export type VaultUseCases = { rotate(): Promise<{ resealed: number; keys: number }> };
