import type { DialectWords } from './migration.ts';

/** The log's own counter, leases of runs, and facts about the whole store. */
export const log = ({ lastChange }: DialectWords): readonly string[] => [
  // One row: the newest number of the log. It is moved inside the transaction that writes the changes, so that numbers become
  // visible in their order and without gaps. `dropped_to`: up to here the log was cut by its retention.
  'create table log_head (id integer primary key, seq bigint not null, dropped_to bigint not null)',
  `insert into log_head (id, seq, dropped_to) select 1, ${lastChange}, 0`,
  // Null: until the run ends or the store is opened again.
  'alter table run_locks add column lease_until text',
  "create index runs_running on runs (id) where status = 'running'",
  'create table store_facts (name text primary key, value text not null)',
];
