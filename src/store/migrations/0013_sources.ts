import type { DialectWords } from './migration.ts';

/** Sources of people: what they showed, what of it is kept, and what waits. Lists and objects are JSON. */
export const sources = ({ clustered }: DialectWords): readonly string[] => [
  // `reading_until` in ms: after it the read counts as left by a dead process.
  `create table source_heads (source text primary key, reading_id text, reading_until bigint, last_started_at text,
     last_kept_id text, last_kept_at text, last_complete_at text) ${clustered}`,
  // `counted`: 1 when its absences have counted; `delivery` tells two reads of one file.
  `create table source_reads (id text primary key, source text not null, state text not null, started_at text not null,
     ended_at text, delivery text, counted integer not null, body text not null)`,
  'create index source_reads_started on source_reads (source, started_at, id)',
  'create index source_reads_delivery on source_reads (source, delivery)',
  // What a read shows, until it is kept or dropped. `doubled`: 1 when the source shows the person twice with different values.
  `create table source_staging (read_id text not null, source_id text not null, digest text not null, active integer not null,
     doubled integer not null, attributes text not null, group_names text not null, primary key (read_id, source_id)) ${clustered}`,
  // What is known: the last good values, also of people whom the last `absent_reads` complete reads did not show.
  `create table source_people (source text not null, source_id text not null, digest text not null, active integer not null,
     absent_reads integer not null, absent_since text, first_seen_at text not null, changed_at text not null,
     attributes text not null, group_names text not null, primary key (source, source_id)) ${clustered}`,
  // Who was erased, as a keyed hash: later reads keep them out.
  `create table erased_source_people (source text not null, mark text not null, erased_at text not null,
     primary key (source, mark)) ${clustered}`,
];
