import type { DialectWords } from './migration.ts';

/**
 * The first schema. Times are ISO 8601 UTC text, JSON is text. Tables of mirrored rows share one head; the columns after it
 * are what queries filter and sort by (`row-tables.ts` fills them). `raw` stands last, so that reading the small columns
 * never touches its pages.
 */
const head = `connection_id text not null, key text not null, scope text not null, digest text not null,
  seen_digest text not null, first_seen_at text not null, changed_at text, deleted_at text`;

const rows = (name: string, columns: readonly string[] = []): string =>
  `create table ${name} (${[head, ...columns, 'raw text not null'].join(', ')}, primary key (connection_id, key))`;

export const init = ({ clustered, identity }: DialectWords): readonly string[] => [
  `create table connections (id text primary key, name text not null unique, tenant text, tags text not null, region text not null,
     base_urls text not null, state text not null, paused_at text, last_error text, settings text not null, account text,
     account_key text, created_at text not null, updated_at text not null)`,
  `create table secrets (connection_id text not null, kind text not null, sealed text not null, fingerprint text not null,
     created_at text not null, primary key (connection_id, kind))`,
  // Who was erased, as a keyed hash of their id: a sync keeps them out.
  `create table erased_people (connection_id text not null, mark text not null, erased_at text not null,
     primary key (connection_id, mark)) ${clustered}`,
  `create table api_tokens (id text primary key, name text not null, hash text not null unique, last_four text not null,
     scopes text not null, connections text, created_at text not null, expires_at text, last_used_at text, revoked_at text)`,

  rows('account_rows'),
  rows('user_rows', [
    'email text', // lower case
    'employee_number text',
    'first_name text',
    'last_name text',
    'name text', // first and last name, else the address
    'status text',
    'department text',
    'division text',
    'location text',
    'manager_email text', // lower case
    'risk_score double precision',
    'phish_prone_percent double precision',
    'joined_on text',
    'last_sign_in text',
    'archived_at text',
  ]),
  // One for each sort of the directory's lists, the key last, so that a page costs the same wherever it is.
  'create index user_rows_email on user_rows (connection_id, email, key)',
  'create index user_rows_name on user_rows (connection_id, name, key)',
  'create index user_rows_first_name on user_rows (connection_id, first_name, key)',
  'create index user_rows_joined_on on user_rows (connection_id, joined_on, key)',
  'create index user_rows_updated_at on user_rows (connection_id, coalesce(changed_at, joined_on), key)',
  'create index user_rows_last_sign_in on user_rows (connection_id, last_sign_in, key)',
  'create index user_rows_risk_score on user_rows (connection_id, risk_score, key)',
  rows('group_rows', ['name text', 'group_type text', 'status text', 'risk_score double precision']),
  rows('phishing_campaign_rows', ['status text']),
  rows('security_test_rows', ['campaign_key text', 'status text', 'started_at text']),
  rows('recipient_rows', ['user_id text', 'delivered_at text', 'failed_at text', 'reported_at text']),
  'create index recipient_rows_user on recipient_rows (connection_id, user_id)',
  'create index recipient_rows_scope on recipient_rows (connection_id, scope)',
  rows('training_campaign_rows', ['status text', 'start_date text', 'end_date text']),
  rows('enrollment_rows', [
    'user_id text',
    'campaign_id text',
    'status text',
    'enrollment_date text',
    'completion_date text',
  ]),
  'create index enrollment_rows_user on enrollment_rows (connection_id, user_id)',
  'create index enrollment_rows_scope on enrollment_rows (connection_id, scope)',
  rows('store_purchase_rows'),
  rows('policy_rows'),

  `create table memberships (connection_id text not null, group_id text not null, user_id text not null,
     primary key (connection_id, group_id, user_id)) ${clustered}`,
  'create index memberships_user on memberships (connection_id, user_id)',
  // The account's admins by user id, kept with the account row, so that lists can filter by type.
  `create table admins (connection_id text not null, user_id text not null, primary key (connection_id, user_id)) ${clustered}`,
  // Grows whenever a group, the account record or its admins change.
  'create table directory_versions (connection_id text primary key, version bigint not null)',
  `create table risk_points (connection_id text not null, subject text not null, subject_id text not null, date text not null,
     risk_score double precision not null, primary key (connection_id, subject, subject_id, date)) ${clustered}`,
  `create table person_totals (connection_id text not null, user_id text not null,
     enrolled integer not null default 0, not_started integer not null default 0, in_progress integer not null default 0,
     completed integer not null default 0, overdue integer not null default 0, last_completed_at text,
     delivered integer not null default 0, failed integer not null default 0, reported integer not null default 0,
     last_failed_at text, last_delivered_at text, primary key (connection_id, user_id)) ${clustered}`,

  `create table stream_states (connection_id text not null, stream text not null, status text not null, baseline_at text,
     last_started_at text, last_complete_at text, last_refreshed_at text, parked_until text, last_proof text, last_error text,
     row_count integer, primary key (connection_id, stream))`,
  // The last complete read of each campaign, test or whole stream, and the digest its summary had then.
  `create table scope_reads (connection_id text not null, stream text not null, scope text not null, completed_at text not null,
     mark text not null, row_count integer not null, primary key (connection_id, stream, scope)) ${clustered}`,
  `create table passes (id text primary key, connection_id text not null, stream text not null, scope text not null,
     run_id text not null, started_at text not null, checkpoint text, pages integer not null, row_count integer not null,
     unique (connection_id, stream, scope))`,
  // The keys of one page as a JSON array: one small insert a page instead of five hundred.
  `create table pass_pages (pass_id text not null, page integer not null, keys text not null, primary key (pass_id, page))
     ${clustered}`,
  // Rows that a complete pass did not see, until they are seen again or removed.
  `create table missed_rows (connection_id text not null, stream text not null, key text not null, first_missed_at text not null,
     primary key (connection_id, stream, key)) ${clustered}`,
  `create table holds (id text primary key, connection_id text not null, stream text not null, scope text not null,
     kind text not null, state text not null, live integer not null, absent integer not null, first_pass_at text not null,
     created_at text not null, decided_at text, decided_by text)`,
  'create index holds_connection on holds (connection_id, created_at)',
  `create table runs (id text primary key, connection_id text not null, run_trigger text not null, level text not null,
     status text not null, started_at text not null, ended_at text, body text not null)`,
  'create index runs_connection on runs (connection_id, started_at)',
  // Who is syncing a connection now. A run of a process that is gone is taken over.
  'create table run_locks (connection_id text primary key, run_id text not null, holder text not null, taken_at text not null)',
  `create table changes (seq ${identity}, connection_id text not null, run_id text not null, kind text not null,
     stream text not null, key text not null, at text not null, current text, previous text)`,
  'create index changes_connection on changes (connection_id, seq)',

  // Requests in each minute of an account; the newest ones also by their time in ms.
  `create table budget_minutes (account_key text not null, minute bigint not null, requests integer not null,
     primary key (account_key, minute)) ${clustered}`,
  'create table budget_recent (account_key text primary key, times text not null, paused_until bigint not null)',
];
