import type { DialectWords } from './migration.ts';

/** People who approve, and their sessions. Seeds of one-time codes stand among the sealed secrets. Times are ISO text. */
export const operators = ({ clustered }: DialectWords): readonly string[] => [
  // `lookup` is the name in lower case; `hash` tells how it was made; `totp_step` is the last half minute whose code was used.
  `create table operators (id text primary key, name text not null, lookup text not null, hash text not null, has_totp integer not null,
     totp_step bigint, created_at text not null, changed_at text not null, disabled_at text)`,
  'create unique index operators_lookup on operators (lookup)',
  // By the hash of what a browser keeps.
  `create table operator_sessions (hash text primary key, operator_id text not null, created_at text not null, expires_at text not null)
     ${clustered}`,
  'create index operator_sessions_operator on operator_sessions (operator_id)',
];
