import { init } from './0001_init.ts';
import { jobs } from './0002_jobs.ts';
import { log } from './0003_log.ts';
import { events } from './0004_events.ts';
import { audit } from './0005_audit.ts';
import { webhooks } from './0006_webhooks.ts';
import { intake } from './0007_intake.ts';
import { riskTold } from './0008_risk_told.ts';
import { logGaps } from './0009_log_gaps.ts';
import { tokens } from './0010_tokens.ts';
import { links } from './0011_links.ts';
import { calls } from './0012_calls.ts';
import { sources } from './0013_sources.ts';
import { scimIn } from './0014_scim_in.ts';
import { provisioning } from './0015_provisioning.ts';
import { operators } from './0016_operators.ts';
import { refusedSteps } from './0017_refused_steps.ts';
import { erasedNames } from './0018_erased_names.ts';

/** What SQL dialects say differently in a table's definition. */
export type DialectWords = {
  /** Follows a table whose small rows are best kept in its primary key; empty where the dialect has no such thing. */
  readonly clustered: string;
  /** Type of a number that only grows and is never given twice. */
  readonly identity: string;
  /** The last number that the identity of `changes` has given, as an expression. */
  readonly lastChange: string;
  /** Statements that make a table with the key `seq` append-only (`append-only.ts`). */
  readonly appendOnly: (table: string) => readonly string[];
};

/** Migrations are numbered from 1 without gaps; what has been released is never edited. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly statements: (words: DialectWords) => readonly string[];
};

export const migrations: readonly Migration[] = [
  { version: 1, name: 'init', statements: init },
  { version: 2, name: 'jobs', statements: jobs },
  { version: 3, name: 'log', statements: log },
  { version: 4, name: 'events', statements: events },
  { version: 5, name: 'audit', statements: audit },
  { version: 6, name: 'webhooks', statements: webhooks },
  { version: 7, name: 'intake', statements: intake },
  { version: 8, name: 'risk told', statements: riskTold },
  { version: 9, name: 'log gaps', statements: logGaps },
  { version: 10, name: 'tokens', statements: tokens },
  { version: 11, name: 'links', statements: links },
  { version: 12, name: 'calls', statements: calls },
  { version: 13, name: 'sources', statements: sources },
  { version: 14, name: 'inbound scim', statements: scimIn },
  { version: 15, name: 'provisioning', statements: provisioning },
  { version: 16, name: 'operators', statements: operators },
  { version: 17, name: 'refused steps', statements: refusedSteps },
  { version: 18, name: 'erased names', statements: erasedNames },
];
