import type { DialectWords } from './migration.ts';

/** Links that ask somebody to connect an account, and what was tried with codes and keys in the last hour. */
export const links = ({ clustered }: DialectWords): readonly string[] => [
  // Of the secret in the address, of the code, of the secret that the code gives and of the one in a reminder: hashes. Lists and
  // `context` are JSON.
  `create table connect_links (id text primary key, kind text not null, task text not null, maker_id text, requester text not null,
     tenant text, name text, tags text not null, connection_id text, keys text not null, region text, streams_off text not null,
     context text not null, redirect_uri text, origins text not null, address text, created_at text not null,
     expires_at text not null, opened_at text, used_at text, revoked_at text, result_connection_id text, sent_at text,
     reminded_at text, secret_hash text not null, code_hash text, entry_hash text, reminder_hash text)`,
  'create unique index connect_links_secret on connect_links (secret_hash)',
  'create unique index connect_links_code on connect_links (code_hash)',
  'create unique index connect_links_entry on connect_links (entry_hash)',
  'create unique index connect_links_reminder on connect_links (reminder_hash)',
  'create index connect_links_created on connect_links (created_at, id)',
  // `times` is a JSON list in ms; `last_at` the newest of them.
  `create table link_attempts (scope text primary key, times text not null, last_at bigint not null) ${clustered}`,
];
