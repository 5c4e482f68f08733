/**
 * Where KnowBe4's SCIM keeps what its users are known by: as the provisioning guides of Microsoft (Entra gallery tutorial) and of KnowBe4's help
 * centre say, read 2026. What is ours alone is marked so. No recorded answer of the service is public.
 */

/**
 * A place in a user. `plain`: an attribute, in an extension where one is named, and a part of it. `typed`: in the entry of a list that has
 * the type. `manager`: a reference to another user of the store.
 */
export type ScimPlace =
  | {
      readonly at: 'plain';
      readonly extension?: 'enterprise' | 'knowbe4';
      readonly name: string;
      readonly part?: string;
    }
  | {
      readonly at: 'typed';
      readonly list: 'phoneNumbers' | 'addresses';
      readonly type: 'work' | 'mobile';
      readonly key: 'value' | 'formatted';
    }
  | { readonly at: 'manager' };

export type ScimField = {
  readonly place: ScimPlace;
  /** `day`: a date there, a date with a time in SCIM. */
  readonly format: 'text' | 'day';
};

const plain = (name: string, part?: string): ScimField => ({
  place: { at: 'plain', name, ...(part === undefined ? {} : { part }) },
  format: 'text',
});
const extended = (extension: 'enterprise' | 'knowbe4', name: string, format: 'text' | 'day' = 'text'): ScimField => ({
  place: { at: 'plain', extension, name },
  format,
});
const typed = (
  list: 'phoneNumbers' | 'addresses',
  type: 'work' | 'mobile',
  key: 'value' | 'formatted' = 'value',
): ScimField => ({ place: { at: 'typed', list, type, key }, format: 'text' });

/** By the name that the Reporting API has for the field. */
export const scimFields: Readonly<Record<string, ScimField>> = {
  /** The address; `emails` is taken and decides nothing. */
  email: plain('userName'),
  first_name: plain('name', 'givenName'),
  last_name: plain('name', 'familyName'),
  job_title: plain('title'),
  /** KnowBe4's default mapping puts the name of the manager here, not that of the person. */
  manager_name: plain('displayName'),
  /** Follows from the reference, and only while the manager is in the store too. */
  manager_email: { place: { at: 'manager' }, format: 'text' },
  department: extended('enterprise', 'department'),
  employee_number: extended('enterprise', 'employeeNumber'),
  /** Division and organization are not mapped in an account by default. */
  division: extended('enterprise', 'division'),
  organization: extended('enterprise', 'organization'),
  location: typed('addresses', 'work', 'formatted'),
  phone_number: typed('phoneNumbers', 'work'),
  mobile_phone_number: typed('phoneNumbers', 'mobile'),
  custom_field_1: extended('knowbe4', 'customField1'),
  custom_field_2: extended('knowbe4', 'customField2'),
  custom_field_3: extended('knowbe4', 'customField3'),
  custom_field_4: extended('knowbe4', 'customField4'),
  custom_date_1: extended('knowbe4', 'customDate1', 'day'),
  custom_date_2: extended('knowbe4', 'customDate2', 'day'),
};

/** Fields that SCIM does not carry, and why: the guides say so of the first three. */
export const notThroughScim: Readonly<Record<string, string>> = {
  employee_start_date: 'KnowBe4’s SCIM has no employee start date.',
  extension: 'KnowBe4’s SCIM has no phone extension.',
  comment: 'KnowBe4’s SCIM has no comment.',
  language:
    'The extension has a language for training and one for phishing; that either is the language of the Reporting API is not documented.',
};

/** `2026-04-04` as the extension takes it. Noon is our choice: the same day in every time zone from -12 to +11. */
export const scimDateOf = (dayText: string): string => `${dayText}T12:00:00Z`;

/** The day of a date with a time, as it is written. Null where there is none. */
export const dayOfScimDate = (text: string): string | null => /^\d{4}-\d{2}-\d{2}(?=T|$)/.exec(text)?.[0] ?? null;
