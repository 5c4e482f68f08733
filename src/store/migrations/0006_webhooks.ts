import type { DialectWords } from './migration.ts';

/** Where events are pushed to, how far each lane is, and what was sent. Times are ISO text, or ms where they are numbers. */
export const webhooks = ({ clustered }: DialectWords): readonly string[] => [
  // `lost`: entries of the log that went by their age before the endpoint had them.
  // Lists are JSON; connections: null = all. Secrets are among the other secrets, under the endpoint's id.
  `create table webhook_endpoints (id text primary key, url text not null, description text, types text not null,
     connections text, families text not null, format text not null, names integer not null, state text not null,
     state_reason text, created_at text not null, updated_at text not null, previous_secret_until text,
     failing_since text, last_success_at text, last_failure_at text, slow_until bigint not null default 0,
     told integer not null default 0, lost bigint not null default 0, lost_told bigint not null default 0)`,
  // Up to `position` every event of the connection has been handled; of the change after it, up to `after_event`. `head_event`
  // failed and holds the lane up until `wait_until`. Who writes proves with `version` that nobody wrote meanwhile.
  `create table webhook_lanes (endpoint_id text not null, connection_id text not null, position bigint not null,
     after_event text, head_event text, wait_until bigint, version bigint not null, primary key (endpoint_id, connection_id))
     ${clustered}`,
  // `attempts` is JSON.
  `create table webhook_deliveries (endpoint_id text not null, event_id text not null, connection_id text not null,
     seq bigint not null, type text not null, state text not null, failures integer not null, first_at bigint not null,
     last_at bigint not null, next_at bigint, attempts text not null, primary key (endpoint_id, event_id))`,
  'create index webhook_deliveries_first on webhook_deliveries (endpoint_id, first_at, event_id)',
  "create index webhook_deliveries_next on webhook_deliveries (endpoint_id, connection_id, next_at) where state = 'retrying'",
  "create index webhook_deliveries_dead on webhook_deliveries (connection_id, last_at) where state = 'dead'",
];
