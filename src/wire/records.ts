/**
 * KnowBe4's Reporting API records after reading: one spelling, one unit, ids as strings, open enums.
 * `null` means "KnowBe4 says none" or that the key was left out; the raw object is always kept beside the record.
 * Dates: `…At`/`…On`/`…Date` fields of type `Instant` are ISO 8601 UTC, `Day` is `YYYY-MM-DD`.
 * Source of the fields: developer.knowbe4.com/rest/reporting (25 Sep 2025), recorded EU answers of 2021.
 */

/** A closed set that the vendor may widen: known members for completion, any string at run time. */
export type Open<Known extends string> = Known | (string & {});
export type Instant = string;
export type Day = string;
export type RawRecord = Readonly<Record<string, unknown>>;

/** A record with the object it was read from (in the modern spelling, unknown keys included). */
export type Read<R> = { readonly record: R; readonly raw: RawRecord };

export type RiskPoint = { readonly date: Day; readonly riskScore: number };
export type GroupRef = { readonly id: string | null; readonly name: string | null };

export type AccountAdmin = {
  readonly id: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
};

export type AccountRecord = {
  readonly name: string | null;
  readonly type: Open<'paid' | 'trial' | 'free'> | null;
  readonly domains: readonly string[];
  readonly admins: readonly AccountAdmin[];
  readonly subscriptionLevel: string | null;
  readonly subscriptionEndDate: Day | null;
  /** Licensed seats; null on a trial. It raises the daily request limit. */
  readonly seats: number | null;
  readonly riskScore: number | null;
};

export type UserRecord = {
  readonly id: string;
  readonly employeeNumber: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly jobTitle: string | null;
  readonly email: string | null;
  /** Percent; 100 can be exceeded. */
  readonly phishPronePercent: number | null;
  readonly phoneNumber: string | null;
  readonly extension: string | null;
  readonly mobilePhoneNumber: string | null;
  readonly location: string | null;
  readonly division: string | null;
  readonly managerName: string | null;
  readonly managerEmail: string | null;
  readonly provisioningManaged: boolean | null;
  readonly provisioningGuid: string | null;
  /** Ids of the groups the person is in; null when the answer did not carry the list. */
  readonly groupIds: readonly string[] | null;
  readonly riskScore: number | null;
  readonly aliases: readonly string[];
  readonly joinedOn: Instant | null;
  readonly lastSignIn: Instant | null;
  readonly status: Open<'active' | 'archived'> | null;
  readonly organization: string | null;
  readonly department: string | null;
  readonly language: string | null;
  readonly comment: string | null;
  readonly employeeStartDate: Instant | null;
  readonly archivedAt: Instant | null;
  readonly customField1: string | null;
  readonly customField2: string | null;
  readonly customField3: string | null;
  readonly customField4: string | null;
  readonly customDate1: Day | null;
  readonly customDate2: Day | null;
};

export type GroupRecord = {
  readonly id: string;
  readonly name: string | null;
  readonly groupType: Open<'console_group' | 'smart_group' | 'provisioning_managed_group'> | null;
  readonly provisioningGuid: string | null;
  readonly memberCount: number | null;
  readonly riskScore: number | null;
  readonly status: Open<'active' | 'archived'> | null;
};

/** `email` campaigns are the ordinary ones; `callback` ones are phone campaigns with an id space of their own. */
export type CampaignType = 'email' | 'callback';

export type CampaignTest = {
  readonly id: string;
  readonly status: string | null;
  readonly startDate: Instant | null;
  readonly usersCount: number | null;
  readonly phishPronePercent: number | null;
};

export type PhishingCampaignRecord = {
  readonly id: string;
  readonly campaignType: CampaignType;
  readonly name: string | null;
  readonly groups: readonly GroupRef[];
  /** Percent (the wire has a fraction). */
  readonly lastPhishPronePercent: number | null;
  readonly lastRun: Instant | null;
  readonly status: Open<'Active' | 'Closed' | 'Created' | 'Error'> | null;
  readonly hidden: boolean | null;
  readonly sendDuration: string | null;
  readonly trackDuration: string | null;
  readonly frequency: string | null;
  readonly difficultyFilter: readonly number[];
  readonly createDate: Instant | null;
  readonly testsCount: number | null;
  readonly tests: readonly CampaignTest[];
};

export type SecurityTestCounts = {
  readonly scheduled: number | null;
  readonly delivered: number | null;
  readonly opened: number | null;
  readonly clicked: number | null;
  readonly replied: number | null;
  readonly attachmentOpened: number | null;
  readonly macroEnabled: number | null;
  readonly dataEntered: number | null;
  readonly qrCodeScanned: number | null;
  readonly reported: number | null;
  readonly bounced: number | null;
};

export type SecurityTestRecord = {
  readonly id: string;
  readonly campaignId: string | null;
  readonly campaignType: CampaignType;
  readonly status: Open<'Active' | 'Closed' | 'Created' | 'Error' | 'Open'> | null;
  readonly name: string | null;
  readonly groups: readonly GroupRef[];
  /** Percent (the wire has a fraction). */
  readonly phishPronePercent: number | null;
  readonly startedAt: Instant | null;
  readonly durationDays: number | null;
  readonly categories: readonly { readonly id: string | null; readonly name: string | null }[];
  readonly template: TemplateRef | null;
  readonly landingPage: { readonly id: string | null; readonly name: string | null } | null;
  readonly counts: SecurityTestCounts;
};

export type TemplateRef = {
  readonly id: string | null;
  readonly name: string | null;
  readonly difficulty: number | null;
  readonly type: string | null;
};

/** The person inside an enrollment or a recipient. They may be archived or gone by now. */
export type EmbeddedUser = {
  readonly id: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly employeeNumber: string | null;
  readonly provisioningGuid: string | null;
};

export type RecipientRecord = {
  readonly id: string;
  readonly testId: string;
  readonly campaignType: CampaignType;
  readonly user: EmbeddedUser | null;
  readonly template: TemplateRef | null;
  readonly scheduledAt: Instant | null;
  readonly deliveredAt: Instant | null;
  readonly openedAt: Instant | null;
  readonly clickedAt: Instant | null;
  readonly repliedAt: Instant | null;
  readonly attachmentOpenedAt: Instant | null;
  readonly macroEnabledAt: Instant | null;
  readonly dataEnteredAt: Instant | null;
  readonly qrCodeScannedAt: Instant | null;
  readonly reportedAt: Instant | null;
  readonly bouncedAt: Instant | null;
  /** Earliest of clicked, replied, attachment opened, macro enabled, data entered, QR code scanned; null = not failed. */
  readonly failedAt: Instant | null;
  readonly ip: string | null;
  readonly ipLocation: string | null;
  readonly browser: string | null;
  readonly browserVersion: string | null;
  readonly os: string | null;
};

export type StorePurchaseRecord = {
  readonly id: string;
  readonly contentType: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly type: string | null;
  readonly durationMinutes: number | null;
  readonly retired: boolean | null;
  readonly retirementDate: Instant | null;
  readonly publishDate: Instant | null;
  readonly publisher: string | null;
  readonly purchaseDate: Instant | null;
  readonly policyUrl: string | null;
};

export type PolicyRecord = {
  readonly id: string;
  readonly contentType: string | null;
  readonly name: string | null;
  readonly minimumTime: number | null;
  readonly defaultLanguage: string | null;
  /** KnowBe4 sends an integer or a word; kept as text. */
  readonly status: string | null;
};

export type CampaignContent = {
  readonly kind: 'store_purchase' | 'policy' | 'unknown';
  readonly id: string | null;
  readonly name: string | null;
  readonly durationMinutes: number | null;
};

export type TrainingCampaignRecord = {
  readonly id: string;
  readonly name: string | null;
  readonly groups: readonly GroupRef[];
  readonly status: Open<'Created' | 'Enrolling' | 'In Progress' | 'Completed' | 'Cancelled' | 'Closed'> | null;
  readonly content: readonly CampaignContent[];
  readonly durationType: Open<'Specific End Date' | 'Relative End Date' | 'Relative Duration' | 'No End Date'> | null;
  readonly startDate: Instant | null;
  readonly endDate: Instant | null;
  readonly relativeDuration: string | null;
  readonly autoEnroll: boolean | null;
  readonly allowMultipleEnrollments: boolean | null;
  /** Percent; null when not sent, when KnowBe4 could not compute it (−1 on the wire), or not asked for. */
  readonly completionPercent: number | null;
};

export type EnrollmentRecord = {
  readonly id: string;
  readonly contentType: Open<'Store Purchase' | 'Uploaded Policy'> | null;
  readonly moduleName: string | null;
  readonly user: EmbeddedUser | null;
  readonly campaignName: string | null;
  readonly campaignId: string | null;
  readonly storePurchaseId: string | null;
  readonly enrollmentDate: Instant | null;
  readonly startDate: Instant | null;
  readonly completionDate: Instant | null;
  readonly status: Open<'Not Started' | 'In Progress' | 'Completed' | 'Passed' | 'Past Due'> | null;
  readonly timeSpentSeconds: number | null;
  readonly policyAcknowledged: boolean | null;
  readonly score: number | null;
};

/** Record type by stream: the kinds of rows that are mirrored. */
export type RecordOf = {
  account: AccountRecord;
  users: UserRecord;
  groups: GroupRecord;
  phishing_campaigns: PhishingCampaignRecord;
  security_tests: SecurityTestRecord;
  recipients: RecipientRecord;
  training_campaigns: TrainingCampaignRecord;
  enrollments: EnrollmentRecord;
  store_purchases: StorePurchaseRecord;
  policies: PolicyRecord;
};
export type RecordStream = keyof RecordOf;
