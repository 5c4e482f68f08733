import type { DialectWords } from './migration.ts';

/**
 * Work that is due at a time, leased by one process while it is done. Times in ms. `again_…` is what was put while the job was
 * being done. A run's lock holds what other processes ask of it and are told.
 */
export const jobs = (_words: DialectWords): readonly string[] => [
  `create table jobs (kind text not null, key text not null, due_at bigint not null, payload text not null, attempts integer not null,
     again_at bigint, again_payload text, holder text, token text, lease_until bigint, primary key (kind, key))`,
  'create index jobs_due on jobs (due_at)',
  // JSON: how far the run is.
  'alter table run_locks add column progress text',
  'alter table run_locks add column stop_asked_at text',
  "create index runs_queued on runs (connection_id) where status = 'queued'",
];
