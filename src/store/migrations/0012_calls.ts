import type { DialectWords } from './migration.ts';

/** The call log, and answers that are given again to a call that is repeated. Times in ms. */
export const calls = ({ clustered }: DialectWords): readonly string[] => [
  // No query, no body, no id of a person.
  `create table call_log (at bigint not null, id text not null, type text not null, token_id text not null, request_id text not null,
     connection_id text, resource text, method text not null, verb text not null, status integer not null, error text,
     duration_ms double precision not null, upstream_ms double precision, result_count bigint, needs_reauth integer not null,
     tool text, client_name text, client_version text, primary key (at, id)) ${clustered}`,
  'create index call_log_connection on call_log (connection_id, at, id)',
  // `slot` and `digest` are digests; `answer` is sealed: null while there is none, empty when it is not kept any more.
  `create table kept_answers (token_id text not null, slot text not null, digest text not null, claimed_at bigint not null,
     answer text, primary key (token_id, slot)) ${clustered}`,
  'create index kept_answers_claimed on kept_answers (claimed_at)',
  // Runs of all connections by their time.
  'create index runs_started on runs (started_at, id)',
];
