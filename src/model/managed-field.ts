/**
 * What can be known of a person at KnowBe4 that provisioning may set, in KnowBe4's own words. A value is text; `null` = KnowBe4 has none.
 * `custom_date_*` and `employee_start_date` are days (`YYYY-MM-DD`).
 */
export const managedFields = [
  'email',
  'first_name',
  'last_name',
  'job_title',
  'manager_name',
  'manager_email',
  'department',
  'division',
  'organization',
  'location',
  'phone_number',
  'mobile_phone_number',
  'employee_number',
  'language',
  'custom_field_1',
  'custom_field_2',
  'custom_field_3',
  'custom_field_4',
  'custom_date_1',
  'custom_date_2',
  'employee_start_date',
  'extension',
  'comment',
] as const;
export type ManagedField = (typeof managedFields)[number];

export const isManagedField = (name: string): name is ManagedField =>
  (managedFields as readonly string[]).includes(name);

/** Values of a person's fields; a field that is absent is not managed, `null` is to be empty. */
export type FieldValues = { readonly [Field in ManagedField]?: string | null };
