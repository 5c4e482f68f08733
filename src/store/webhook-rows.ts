import type { Delivery, StoredEndpoint } from '../events/endpoint.ts';
import type { EndpointSecret, Lane } from '../events/endpoint-ports.ts';
import type { Cell } from './session.ts';

/** What an endpoint that reaches everything has lanes for: every connection, and what belongs to none. */
export const everyLane = `(select id from connections union all select '')`;

export type EndpointRow = {
  id: string;
  url: string;
  description: string | null;
  types: string;
  connections: string | null;
  families: string;
  field_policy: string | null;
  format: StoredEndpoint['format'];
  names: number;
  state: StoredEndpoint['state'];
  state_reason: string | null;
  created_at: string;
  updated_at: string;
  previous_secret_until: string | null;
  failing_since: string | null;
  last_success_at: string | null;
  last_failure_at: string | null;
  slow_until: number;
  lost: number;
};

export const toEndpoint = (row: EndpointRow): StoredEndpoint => ({
  id: row.id,
  url: row.url,
  description: row.description,
  types: JSON.parse(row.types) as StoredEndpoint['types'],
  connections: row.connections === null ? null : (JSON.parse(row.connections) as readonly string[]),
  families: JSON.parse(row.families) as StoredEndpoint['families'],
  fieldPolicy: row.field_policy === null ? null : (JSON.parse(row.field_policy) as StoredEndpoint['fieldPolicy']),
  format: row.format,
  names: row.names === 1,
  state: row.state,
  stateReason: row.state_reason,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  previousSecretUntil: row.previous_secret_until,
  failingSince: row.failing_since,
  lastSuccessAt: row.last_success_at,
  lastFailureAt: row.last_failure_at,
  slowUntil: row.slow_until,
  lost: row.lost,
});

export type LaneRow = {
  endpoint_id: string;
  connection_id: string;
  position: number;
  after_event: string | null;
  head_event: string | null;
  version: number;
};

export const toLane = (row: LaneRow): Lane => ({
  endpointId: row.endpoint_id,
  connectionId: row.connection_id,
  position: row.position,
  afterEvent: row.after_event,
  headEvent: row.head_event,
  version: row.version,
});

export type DeliveryRow = {
  endpoint_id: string;
  event_id: string;
  connection_id: string;
  seq: number;
  type: string;
  state: Delivery['state'];
  failures: number;
  first_at: number;
  last_at: number;
  next_at: number | null;
  attempts: string;
};

export const toDelivery = (row: DeliveryRow): Delivery => ({
  endpointId: row.endpoint_id,
  eventId: row.event_id,
  connectionId: row.connection_id,
  seq: row.seq,
  type: row.type,
  state: row.state,
  failures: row.failures,
  firstAt: row.first_at,
  lastAt: row.last_at,
  nextAt: row.next_at,
  attempts: JSON.parse(row.attempts) as Delivery['attempts'],
});

/** In the order of the columns of `deliveryInsert`. */
export const deliveryCells = (delivery: Delivery): readonly Cell[] => [
  delivery.endpointId,
  delivery.eventId,
  delivery.connectionId,
  delivery.seq,
  delivery.type,
  delivery.state,
  delivery.failures,
  delivery.firstAt,
  delivery.lastAt,
  delivery.nextAt,
  JSON.stringify(delivery.attempts),
];

export const toEndpointSecret = (row: {
  kind: EndpointSecret['slot'];
  sealed: string;
  fingerprint: string;
  created_at: string;
}): EndpointSecret => ({
  slot: row.kind,
  sealed: row.sealed,
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
});
