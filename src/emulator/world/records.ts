/**
 * Rows as the Reporting API prints them, in the modern spelling and with every key, in the order of the wire.
 * Source of the shapes: developer.knowbe4.com/rest/reporting, 25 Sep 2025, and the recorded EU answers of 2021.
 */
export type RiskPoint = { risk_score: number; date: string };
export type GroupRef = { group_id: number; name: string };

export type Account = {
  name: string;
  type: string;
  domains: string[];
  admins: { id: number; first_name: string; last_name: string; email: string }[];
  subscription_level: string;
  subscription_end_date: string;
  number_of_seats: number;
  current_risk_score: number;
};

export type User = {
  id: number;
  employee_number: string | null;
  first_name: string | null;
  last_name: string | null;
  job_title: string | null;
  email: string;
  phish_prone_percentage: number;
  phone_number: string | null;
  extension: string | null;
  mobile_phone_number: string | null;
  location: string | null;
  division: string | null;
  manager_name: string | null;
  manager_email: string | null;
  provisioning_managed: boolean;
  provisioning_guid: string | null;
  groups: number[];
  current_risk_score: number;
  aliases: string[];
  joined_on: string;
  last_sign_in: string | null;
  status: 'active' | 'archived';
  organization: string | null;
  department: string | null;
  language: string | null;
  comment: string | null;
  employee_start_date: string | null;
  archived_at: string | null;
  custom_field_1: string | null;
  custom_field_2: string | null;
  custom_field_3: string | null;
  custom_field_4: string | null;
  custom_date_1: string | null;
  custom_date_2: string | null;
};

export type Group = {
  id: number;
  name: string;
  group_type: 'console_group' | 'smart_group' | 'provisioning_managed_group';
  provisioning_guid: string | null;
  member_count: number;
  current_risk_score: number;
  status: 'active' | 'archived';
};

export type PhishingCampaign = {
  campaign_id: number;
  name: string;
  groups: GroupRef[];
  last_phish_prone_percentage: number;
  last_run: string | null;
  status: string;
  hidden: boolean;
  send_duration: string;
  track_duration: string;
  frequency: string;
  difficulty_filter: number[];
  create_date: string;
  psts_count: number;
  psts: {
    pst_id: number;
    status: string;
    start_date: string | null;
    users_count: number | null;
    phish_prone_percentage: number;
  }[];
};

export type SecurityTest = {
  campaign_id: number;
  pst_id: number;
  status: string;
  name: string;
  groups: GroupRef[];
  phish_prone_percentage: number;
  started_at: string | null;
  duration: number;
  categories: { category_id: number; name: string }[];
  template: { id: number | null; name: string | null; difficulty: number | null; type: string | null };
  landing_page: { id: number; name: string };
  scheduled_count: number | null;
  delivered_count: number;
  opened_count: number;
  clicked_count: number;
  replied_count: number;
  attachment_open_count: number;
  macro_enabled_count: number;
  data_entered_count: number;
  qr_code_scanned_count: number;
  reported_count: number;
  bounced_count: number;
};

export type Recipient = {
  recipient_id: number;
  pst_id: number;
  user: {
    id: number;
    provisioning_guid: string | null;
    first_name: string | null;
    last_name: string | null;
    email: string;
  };
  template: { id: number; name: string };
  scheduled_at: string | null;
  delivered_at: string | null;
  opened_at: string | null;
  clicked_at: string | null;
  replied_at: string | null;
  attachment_opened_at: string | null;
  macro_enabled_at: string | null;
  data_entered_at: string | null;
  qr_code_scanned: string | null;
  reported_at: string | null;
  bounced_at: string | null;
  ip: string | null;
  ip_location: string | null;
  browser: string | null;
  browser_version: string | null;
  os: string | null;
};

export type StorePurchase = {
  store_purchase_id: number;
  content_type: 'Store Purchase';
  name: string;
  description: string | null;
  type: string;
  duration: number | null;
  retired: boolean;
  retirement_date: string | null;
  publish_date: string | null;
  publisher: string | null;
  purchase_date: string;
  policy_url: string | null;
};

export type Policy = {
  policy_id: number;
  content_type: 'Uploaded Policy';
  name: string;
  minimum_time: number;
  default_language: string;
  status: number;
};

export type TrainingCampaign = {
  campaign_id: number;
  name: string;
  groups: GroupRef[];
  status: string;
  content: (StorePurchase | Omit<Policy, 'status'>)[];
  duration_type: string;
  start_date: string | null;
  end_date: string | null;
  relative_duration: string | null;
  auto_enroll: boolean;
  allow_multiple_enrollments: boolean;
  completion_percentage: number;
};

export type Enrollment = {
  enrollment_id: number;
  content_type: string;
  module_name: string;
  user: {
    id: number;
    first_name: string | null;
    last_name: string | null;
    email: string;
    employee_number: string | null;
  };
  campaign_name: string;
  campaign_id: number;
  store_purchase_id: number | null;
  enrollment_date: string;
  start_date: string | null;
  completion_date: string | null;
  status: string;
  time_spent: number;
  policy_acknowledged: boolean;
};

/** One thing that happened. Figures that follow from others (counts, percentages, a group's score) are not listed. */
export type Change = {
  seq: number;
  at: string;
  stream: ChangeStream;
  /** The record's id; of a recipient `pst_id/recipient_id`. */
  id: string;
  kind: 'created' | 'changed' | 'archived' | 'restored' | 'deleted' | 'member_added' | 'member_removed' | 'score';
  /** Field by field what was and what is. For memberships: the group. */
  changed?: Record<string, readonly [before: unknown, after: unknown]>;
  group_id?: number;
};

export type ChangeStream =
  | 'users'
  | 'groups'
  | 'phishing_campaigns'
  | 'security_tests'
  | 'recipients'
  | 'training_campaigns'
  | 'enrollments';
