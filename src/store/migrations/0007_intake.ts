import type { DialectWords } from './migration.ts';

/** Where KnowBe4's own webhooks may call. Times in ms; the secret is sealed among the others. */
export const intake = ({ clustered }: DialectWords): readonly string[] => [
  // `wake_*`: the newest wake-up. `spent*`: what runs that wake-ups brought have spent, at a time.
  `create table intakes (connection_id text primary key, in_query integer not null, created_at text not null,
     calls bigint not null, last_call_at bigint, wake_level text, wake_at bigint, spent double precision, spent_at bigint)`,
  // Digests of the bodies of the last minutes: the same call sent again wakes nobody twice.
  `create table intake_calls (connection_id text not null, digest text not null, at bigint not null,
     primary key (connection_id, digest)) ${clustered}`,
];
