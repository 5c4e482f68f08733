import type { Instant } from '../wire/records.ts';
import type { Delivery, DeliveryState, Endpoint, StoredEndpoint } from './endpoint.ts';

/** A sealed secret of an endpoint. `previous` is the one before the present one, signed with for a while after a change. */
export type EndpointSecret = {
  readonly slot: 'webhook' | 'webhook_previous';
  readonly sealed: string;
  readonly fingerprint: string;
  readonly createdAt: Instant;
};

/** The events of one connection on their way to one endpoint, in their order; or, with an empty id, those that belong to none. */
export type LaneKey = { readonly endpointId: string; readonly connectionId: string };

export type Lane = LaneKey & {
  /** Up to this number of the log everything has been handled. */
  readonly position: number;
  /** Of the change after it, events up to this one; null = none. */
  readonly afterEvent: string | null;
  /** The event that failed and holds the lane up. */
  readonly headEvent: string | null;
  /** Grows with every write. */
  readonly version: number;
};

/** What one or more attempts say about the endpoint. */
export type HealthNote = {
  readonly succeededAt: Instant | null;
  /** When the newest attempt failed, if it did. */
  readonly failedAt: Instant | null;
  /** ms; 0 = the receiver did not ask to slow down. */
  readonly slowUntil: number;
  /** Set when the endpoint is to be switched off: always, or only while it has been failing since then. */
  readonly off: { readonly reason: string; readonly ifFailingSince: Instant | null } | null;
};

export type LaneCommit = {
  /** As it was read, or as the last commit left it. */
  readonly lane: Lane;
  readonly position: number;
  readonly afterEvent: string | null;
  readonly headEvent: string | null;
  /** ms; the lane has nothing to do before. */
  readonly waitUntil: number | null;
  readonly deliveries: readonly Delivery[];
  readonly health: HealthNote;
  readonly at: Instant;
};

export type DeliveryQuery = {
  readonly endpointId: string;
  readonly state?: DeliveryState;
  readonly eventId?: string;
  /** Older than this one. */
  readonly before?: { readonly firstAt: number; readonly eventId: string };
  readonly limit: number;
};

/** Storage that pushing needs. Every function is one transaction; times in numbers are ms. */
export type WebhookStore = {
  /** Its lanes begin at the end of the log. */
  createEndpoint(endpoint: Endpoint, secret: EndpointSecret): Promise<void>;
  /**
   * Lanes of connections that it gained begin at the end of the log, those of connections that it left go. `forget` also takes
   * back that it fails. False when it is not there.
   */
  saveEndpoint(endpoint: Endpoint, options?: { readonly forget: boolean }): Promise<boolean>;
  /** Removes it with its secrets, lanes and deliveries; false when it is not there. */
  deleteEndpoint(id: string): Promise<boolean>;
  getEndpoint(id: string): Promise<StoredEndpoint | null>;
  listEndpoints(): Promise<readonly StoredEndpoint[]>;
  endpointSecrets(id: string): Promise<readonly EndpointSecret[]>;
  /** Replaces both secrets. */
  saveEndpointSecrets(change: {
    readonly id: string;
    readonly secrets: readonly EndpointSecret[];
    readonly previousUntil: Instant | null;
    readonly at: Instant;
  }): Promise<boolean>;
  /** Endpoints that have failed for a while and whose step of telling a person is below `step`; takes the step. */
  takeTold(id: string, step: number, failingSince: Instant): Promise<boolean>;

  /** Endpoints that lost entries of the log since this was last asked. */
  takeLost(): Promise<readonly { readonly id: string; readonly url: string; readonly lost: number }[]>;

  /** Gives endpoints of all connections a lane for each connection that came since. */
  addLanes(): Promise<void>;
  /** Whether one of them lacks a lane: what is asked each second. */
  lacksLanes(): Promise<boolean>;
  /**
   * Lanes of active endpoints with something to do now that have no job yet; a few of each endpoint at a time. `late`:
   * deliveries that are tried by themselves.
   */
  lanesDue(now: number, limit: number): Promise<readonly (LaneKey & { readonly late: boolean })[]>;
  getLane(key: LaneKey): Promise<Lane | null>;
  lanesOf(endpointId: string): Promise<readonly Lane[]>;
  /** @returns false, having written nothing, when somebody else wrote the lane meanwhile */
  commitLane(commit: LaneCommit): Promise<boolean>;
  /** Sets a lane back, so that what follows the position is sent again. False when it is before that already. */
  rewindLane(key: LaneKey, position: number): Promise<boolean>;

  getDelivery(endpointId: string, eventId: string): Promise<Delivery | null>;
  /** Newest first. */
  deliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Deliveries that are tried by themselves and due, the longest due first. */
  lateDeliveries(key: LaneKey, now: number, limit: number): Promise<readonly Delivery[]>;
  nextLate(key: LaneKey): Promise<number | null>;
  /** How many deliveries of a connection were given up since a time, by endpoint. */
  deadDeliveries(
    connectionId: string,
    since: number,
  ): Promise<readonly { readonly endpointId: string; readonly deliveries: number }[]>;
  /** Writes deliveries as they are now, whatever stood there, with what they say about the endpoint. */
  saveDeliveries(deliveries: readonly Delivery[], health: HealthNote, at: Instant): Promise<void>;
  /** Dead deliveries of an endpoint are tried again from the beginning, at once. @returns how many */
  replayDead(replay: {
    readonly endpointId: string;
    readonly connectionIds: readonly string[] | null;
    readonly now: number;
    readonly dryRun: boolean;
  }): Promise<number>;
  /** Drops what was delivered or given up before a time. @returns how many */
  dropDeliveries(drop: { readonly before: number; readonly limit: number }): Promise<number>;
};
