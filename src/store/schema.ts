import type { Generated } from 'kysely';

/** The tables as Kysely sees them. Times are ISO 8601 UTC text; columns that hold JSON say so. */

export type RowHead = {
  connection_id: string;
  key: string;
  scope: string;
  digest: string;
  seen_digest: string;
  first_seen_at: string;
  changed_at: string | null;
  deleted_at: string | null;
  /** JSON: the record in KnowBe4's modern spelling. */
  raw: string;
};

type UserRows = RowHead & {
  /** Lower case. */
  email: string | null;
  employee_number: string | null;
  first_name: string | null;
  last_name: string | null;
  /** First and last name, else the address. */
  name: string | null;
  status: string | null;
  department: string | null;
  division: string | null;
  location: string | null;
  /** Lower case. */
  manager_email: string | null;
  risk_score: number | null;
  phish_prone_percent: number | null;
  joined_on: string | null;
  last_sign_in: string | null;
  archived_at: string | null;
};

type GroupRows = RowHead & {
  name: string | null;
  group_type: string | null;
  status: string | null;
  risk_score: number | null;
};

type SecurityTestRows = RowHead & { campaign_key: string | null; status: string | null; started_at: string | null };

type RecipientRows = RowHead & {
  user_id: string | null;
  delivered_at: string | null;
  failed_at: string | null;
  reported_at: string | null;
};

type TrainingCampaignRows = RowHead & { status: string | null; start_date: string | null; end_date: string | null };

type EnrollmentRows = RowHead & {
  user_id: string | null;
  campaign_id: string | null;
  status: string | null;
  enrollment_date: string | null;
  completion_date: string | null;
};

export type PersonTotalsTable = {
  connection_id: string;
  user_id: string;
  enrolled: number;
  not_started: number;
  in_progress: number;
  completed: number;
  overdue: number;
  last_completed_at: string | null;
  delivered: number;
  failed: number;
  reported: number;
  last_failed_at: string | null;
  last_delivered_at: string | null;
};

type ChangesTable = {
  seq: Generated<number>;
  connection_id: string;
  run_id: string;
  kind: string;
  stream: string;
  key: string;
  at: string;
  /** JSON. */
  current: string | null;
  /** JSON. */
  previous: string | null;
  /** JSON. */
  about: string | null;
};

type StreamStatesTable = {
  connection_id: string;
  stream: string;
  status: string;
  baseline_at: string | null;
  last_started_at: string | null;
  last_complete_at: string | null;
  last_refreshed_at: string | null;
  parked_until: string | null;
  /** JSON. */
  last_proof: string | null;
  /** JSON. */
  last_error: string | null;
  row_count: number | null;
};

type ScopeReadsTable = {
  connection_id: string;
  stream: string;
  scope: string;
  completed_at: string;
};

/** What readers outside the store's own driver may query. */
export type Database = {
  account_rows: RowHead;
  user_rows: UserRows;
  group_rows: GroupRows;
  phishing_campaign_rows: RowHead & { status: string | null };
  security_test_rows: SecurityTestRows;
  recipient_rows: RecipientRows;
  training_campaign_rows: TrainingCampaignRows;
  enrollment_rows: EnrollmentRows;
  store_purchase_rows: RowHead;
  policy_rows: RowHead;
  memberships: { connection_id: string; group_id: string; user_id: string };
  admins: { connection_id: string; user_id: string };
  directory_versions: { connection_id: string; version: number };
  risk_points: {
    connection_id: string;
    subject: 'account' | 'user' | 'group';
    subject_id: string;
    date: string;
    risk_score: number;
  };
  person_totals: PersonTotalsTable;
  stream_states: StreamStatesTable;
  scope_reads: ScopeReadsTable;
  changes: ChangesTable;
};
