import type { HiddenField } from './field-policy.ts';

/** A key in the one spelling of the tables below: `x_manager_email`, `managerEmail` and `manager-email` are `manageremail`. */
export const plainKey = (key: string): string =>
  key
    .replace(/^x[_-]/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

const setOf = (...lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => line.split(/\s+/)).map(plainKey));

const fieldsByKey: readonly (readonly [fields: readonly HiddenField[], keys: string])[] = [
  [['email'], 'email emails email_address username user_name alias aliases email_aliases'],
  [['phone'], 'phone phones phone_number phone_numbers extension mobile mobile_phone mobile_phone_number'],
  [['name'], 'first_name last_name full_name display_name given_name family_name middle_name nick_name'],
  [['employee_number'], 'employee_number provisioning_guid adi_guid active_directory_guid external_id identifiers'],
  [['manager'], 'manager manager_id'],
  [['manager', 'name'], 'manager_name'],
  [['manager', 'email'], 'manager_email'],
  [['location'], 'location'],
  [['client'], 'ip ip_address ip_location browser browser_version os user_agent'],
  [
    ['custom'],
    `custom custom_fields custom_field_1 custom_field_2 custom_field_3 custom_field_4 custom_date_1 custom_date_2
     field_1 field_2 field_3 field_4 date_1 date_2 comment bio`,
  ],
];

const fields: ReadonlyMap<string, readonly HiddenField[]> = new Map(
  fieldsByKey.flatMap(([names, keys]) => [...setOf(keys.trim())].map((key) => [key, names] as const)),
);

/** The fields that stand under a key; none for what is not about a person. @param key in the plain spelling */
export const fieldsOf = (key: string): readonly HiddenField[] => fields.get(key) ?? [];

/**
 * Keys that tell nothing a policy could hide, of all our doors and of KnowBe4’s objects. Under a policy what stands under any other key is
 * left out, so that a field that KnowBe4 adds one day is not told by mistake.
 */
const told = setOf(
  // Envelopes
  `result results data payload errors next_cursor prev_cursor result_count is_partial_response freshness source as_of object
   debug request_url request_options response_headers is_looping is_empty_result method
   list_metadata before after next_after has_more sequence seq event event_type types context limit total count`,
  // People
  `id user user_id idp_id status state type title job_title organization organizations department division language languages
   organization_id directory directory_id group group_id group_ids groups role role_id roles slug employee_start_date
   employment_start_date joined_at joined_on last_sign_in last_sign_in_at last_login_at last_active_at archived_at deleted_at
   created_at updated_at first_seen_at provisioning_managed adi_manageable avatar timezone licenses workspaces workspace
   is_email_verified is_2fa_enabled is_primary primary member_count group_type risk_score current_risk_score risk
   phish_prone_percent phish_prone_percentage phish_prone_percent score points trend_90d previous_risk_score
   previous_phish_prone_percent remote_data raw_attributes custom_attributes department_name division_name external_key
   users members users_count kind seats label enrollments recipients`,
  // The account
  `account accounts account_type name domains admins subscription_level subscription_end_date number_of_seats pricing_plan`,
  // Training
  `training enrolled not_started in_progress completed overdue last_completed_at current module module_name content_type
   campaign campaigns campaign_id campaign_name enrollment enrollment_id enrollment_date start_date completion_date end_date
   enrolled_at started_at completed_at time_spent time_spent_seconds policy_acknowledged content modules store_purchase_id
   store_purchased_id policy_id auto_enroll allow_multiple_enrollments completion_percentage completion_percent duration
   duration_minutes duration_type relative_duration retired retirement_date publish_date publisher purchase_date policy_url
   minimum_time default_language published published_at description course course_id due_at assigned_at last_activity_at
   via_group applicable_in
   available_quantity assigned_quantity unit_amount currency is_paid products actor entity entity_type action
   code level duration_seconds urls tags is_mandatory assigned_by last_completed_at`,
  // Phishing
  `phishing delivered failed reported opened clicked replied attachment_opened macro_enabled data_entered qr_code_scanned bounced
   scheduled last_failed_at last_delivered_at last_tests test tests test_id pst_id psts psts_count tests_count campaign_type
   template landing_page categories category_id difficulty difficulty_filter delivered_at opened_at clicked_at replied_at
   attachment_opened_at macro_enabled_at data_entered_at qr_code_scanned_at reported_at bounced_at scheduled_at failed_at
   vishing_status create_date last_run last_phish_prone_percentage last_phish_prone_percent hidden send_duration track_duration
   frequency duration_days counts scheduled_count delivered_count opened_count clicked_count replied_count
   attachment_open_count macro_enabled_count data_entered_count qr_code_scanned_count reported_count bounced_count
   recipient_id recipients failure first withdrawn steps`,
  // Changes and events
  `connection connection_id run_id stream key at about previous attributes previous_attributes assignment_id subject threshold
   direction delta signed_in_at previous_signed_in_at rows digest last_refreshed_at hold level detail endpoint host
   sequence truncated cursor url date error code hint field issues reason retry remote request_id status_code message details
   failures category run was_queued trigger ended_at requests pages changes changed tenant`,
  // Tools of agents
  `people groups_total risky untrained failed_90d active risk_change_90d past_due passed other more region tags paused budget
   per_day used_last_day free_for_sync blocked_until open_holds open_alerts next_sync_at`,
);

/** @param key in the plain spelling */
export const isTold = (key: string): boolean => told.has(key);

const personParents = setOf(
  'user users manager managers admin admins owner account_owner account_owners member trainee person people',
);
const thingParents = setOf(
  `via_group course group groups organization organizations campaign campaigns module modules template test tests psts role roles license licenses
   connection connections content landing_page categories account directory token endpoint actor workspace workspaces hold
   capabilities integration environment`,
);
const personMarks = setOf('first_name last_name email emails username user_name given_name family_name');
const thingMarks = setOf(
  `group_type member_count campaign_id pst_id store_purchase_id policy_id region scopes subscription_level pricing_plan applicable_in
   difficulty lanes`,
);
const carriers = setOf('attributes previous_attributes current previous raw_attributes remote_data data payload about');

/** Whom or what a record is about: `name` says whether a person’s name stands there. */
export type Subject = 'person' | 'thing' | 'unknown';

/**
 * @param keys of the record, in the plain spelling
 * @param parent the key that it stands under
 * @param around what stands around it is about
 */
export function subjectOf(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  parent: string,
  around: Subject,
): Subject {
  if (personParents.has(parent) || keys.some((key) => personMarks.has(key))) return 'person';
  if (thingParents.has(parent) || keys.some((key) => thingMarks.has(key))) return 'thing';
  if (record.object === 'directory' || record.object === 'directory_group') return 'thing';
  return carriers.has(parent) ? around : 'unknown';
}

const peopleStreams: ReadonlySet<unknown> = new Set(['users', 'recipients', 'enrollments']);

/** What old and new values in a record are about: an event names its subject beside them, a change its stream. */
export function subjectInside(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  own: Subject,
): Subject {
  if (own !== 'unknown') return own;
  if (typeof record.stream === 'string') return peopleStreams.has(record.stream) ? 'person' : 'thing';
  if (keys.some((key) => personParents.has(key))) return 'person';
  return keys.some((key) => thingParents.has(key)) ? 'thing' : 'unknown';
}
