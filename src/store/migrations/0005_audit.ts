import type { DialectWords } from './migration.ts';

/**
 * Who did what. Numbers come from a counter that is moved in the transaction of the entry, so that they have no gaps and
 * become visible in their order: a reader who goes on from one cannot skip a late one, and a missing one shows.
 */
export const audit = ({ appendOnly }: DialectWords): readonly string[] => [
  `create table audit_log (seq bigint primary key, at text not null, actor_kind text not null, actor_id text not null,
     actor_name text, door text not null, from_address text, request_id text, action text not null, target text,
     connection_id text, outcome text not null, error text, details text not null)`,
  'create index audit_log_connection on audit_log (connection_id, seq)',
  'create index audit_log_actor on audit_log (actor_id, seq)',
  ...appendOnly('audit_log'),
  'create table audit_head (id integer primary key, seq bigint not null)',
  'insert into audit_head (id, seq) values (1, 0)',
];
