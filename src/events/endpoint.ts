import type { FieldPolicy } from '../model/field-policy.ts';
import type { Instant } from '../wire/records.ts';
import type { EventFamily } from './catalog.ts';

/** `plain`: our JSON with the fields of Standard Webhooks and of Truto's webhooks. `cloudevents`: CloudEvents 1.0, structured. `truto`: the
 * events, names and bodies of Truto's webhooks alone. */
export const endpointFormats = ['plain', 'cloudevents', 'truto'] as const;
export type EndpointFormat = (typeof endpointFormats)[number];

/** `paused`: by a person. `off`: by itself, because the receiver said it is gone or failed for days. */
export const endpointStates = ['active', 'paused', 'off'] as const;
export type EndpointState = (typeof endpointStates)[number];

/** An address that events are sent to. Its secret is kept apart, sealed. */
export type Endpoint = {
  /** `whk_` and 16 random characters. */
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** Types of events, `user.*` for all that begin so, `*` for all; with the format `truto` Truto's names, `record:*`. */
  readonly types: readonly string[];
  /** Ids; null = all, also those that come later. */
  readonly connections: readonly string[] | null;
  /** What whoever made it may read: events of other families are not sent. */
  readonly families: readonly EventFamily[];
  /** What whoever made it is not told of people, and so what is not sent; null = nothing. */
  readonly fieldPolicy: FieldPolicy | null;
  readonly format: EndpointFormat;
  /** Whether phishing events name the person. */
  readonly names: boolean;
  readonly state: EndpointState;
  /** Why it is paused or off, for people; null while it is active. */
  readonly stateReason: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Until when deliveries are also signed with the secret before the present one. */
  readonly previousSecretUntil: Instant | null;
};

/** How an endpoint answers; kept with every delivery. */
export type EndpointHealth = {
  /** Since when no attempt has succeeded; null when the last one did. */
  readonly failingSince: Instant | null;
  readonly lastSuccessAt: Instant | null;
  readonly lastFailureAt: Instant | null;
  /** ms; until then nothing is sent, because the receiver asked to slow down. */
  readonly slowUntil: number;
  /** Entries of the log that were dropped by their age before they were handled. */
  readonly lost: number;
};

export type StoredEndpoint = Endpoint & EndpointHealth;

/**
 * `waiting`: failed once or twice and holds its lane up. `retrying`: failed more often and is tried by itself while others pass.
 * `dead`: given up.
 */
export const deliveryStates = ['waiting', 'retrying', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One event on its way to one endpoint. */
export type Delivery = {
  readonly endpointId: string;
  readonly eventId: string;
  /** Empty for a test event, and for what is about no connection. */
  readonly connectionId: string;
  /** Place in the log of the change that it tells of; 0 for a test event. */
  readonly seq: number;
  readonly type: string;
  readonly state: DeliveryState;
  /** Failures since it was first sent or last replayed. */
  readonly failures: number;
  /** ms */
  readonly firstAt: number;
  /** ms */
  readonly lastAt: number;
  /** ms; null when it is not tried again. */
  readonly nextAt: number | null;
  /** The newest, oldest first. */
  readonly attempts: readonly Attempt[];
};

/** One request and what came of it. */
export type Attempt = {
  readonly at: Instant;
  /** Headers as sent, without signatures; size in bytes and digest (SHA-256, hex) of the body. */
  readonly request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly bytes: number;
    readonly digest: string;
  };
  /** null when no answer came. */
  readonly status: number | null;
  /** The first kB of the answer. */
  readonly answer: string | null;
  readonly durationMs: number;
  /** Why it counts as failed; null when it was delivered. */
  readonly error: string | null;
  readonly nextAt: Instant | null;
};

/** Kept of each delivery; older attempts of one that was replayed again and again go. */
export const ATTEMPTS_KEPT = 20;
