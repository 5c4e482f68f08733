import type { DialectWords } from './migration.ts';

/** Work that is due at a time, leased by one process while it is done. Times in ms. */
export const jobs = (_words: DialectWords): readonly string[] => [
  `create table jobs (kind text not null, key text not null, due_at bigint not null, payload text not null, attempts integer not null,
     put_at bigint not null, again_at bigint, holder text, token text, lease_until bigint, primary key (kind, key))`,
  'create index jobs_due on jobs (due_at)',
];
