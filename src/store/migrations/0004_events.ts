import type { DialectWords } from './migration.ts';

/** What events need beside the change itself, alerts, and refusals that our own count does not explain. */
export const events = ({ clustered }: DialectWords): readonly string[] => [
  // JSON: who and what a change is about, in short, as they were called then.
  'alter table changes add column about text',
  // What happened to some records after a place in the log.
  'create index changes_key on changes (connection_id, stream, key, seq)',
  // An alert is open while `closed_at` is null; there is one at most for each subject.
  `create table alerts (id text primary key, connection_id text not null, kind text not null, subject text not null,
     detail text not null, opened_at text not null, closed_at text, mailed_at text)`,
  'create unique index alerts_open on alerts (connection_id, kind, subject) where closed_at is null',
  'create index alerts_opened on alerts (opened_at)',
  `create table unexpected_refusals (account_key text not null, at text not null, primary key (account_key, at)) ${clustered}`,
];
