import type {
  CampaignTest,
  EmbeddedUser,
  Instant,
  PhishingCampaignRecord,
  RawRecord,
  RecipientRecord,
  SecurityTestCounts,
  SecurityTestRecord,
  TemplateRef,
} from '../records.ts';
import { groupRefsOf } from './directory.ts';
import {
  booleanOf,
  type Coercions,
  idOf,
  instantOf,
  isObject,
  listOf,
  numberOf,
  objectsOf,
  percentOfFraction,
  type RowReader,
  renamed,
  textOf,
} from './read.ts';

/** The phish-prone figure of campaigns and tests is a fraction on the wire (0.2 = 20 %). */
export const readPhishingCampaign: RowReader<PhishingCampaignRecord> = (raw, context) => {
  if (!isObject(raw)) return { bad: 'not_an_object', raw };
  const id = idOf(raw.campaign_id);
  if (id === null) return { bad: 'no_id', raw };
  const seen = context?.coercions;
  const record: PhishingCampaignRecord = {
    id,
    campaignType: context?.campaignType ?? 'email',
    name: textOf(raw.name, 'name', seen),
    groups: groupRefsOf(raw.groups, seen),
    lastPhishPronePercent: percentOfFraction(raw.last_phish_prone_percentage, 'last_phish_prone_percentage', seen),
    lastRun: instantOf(raw.last_run, 'last_run', seen),
    status: textOf(raw.status, 'status', seen),
    hidden: booleanOf(raw.hidden, 'hidden', seen),
    sendDuration: textOf(raw.send_duration, 'send_duration', seen),
    trackDuration: textOf(raw.track_duration, 'track_duration', seen),
    frequency: textOf(raw.frequency, 'frequency', seen),
    difficultyFilter: listOf(raw.difficulty_filter, 'difficulty_filter', seen).flatMap(
      (level) => numberOf(level, 'difficulty_filter', seen) ?? [],
    ),
    createDate: instantOf(raw.create_date, 'create_date', seen),
    testsCount: numberOf(raw.psts_count, 'psts_count', seen),
    tests: objectsOf(raw.psts, 'psts', seen).flatMap((test) => readCampaignTest(test, seen) ?? []),
  };
  return { record, raw };
};

function readCampaignTest(raw: RawRecord, seen: Coercions | undefined): CampaignTest | null {
  const id = idOf(raw.pst_id);
  if (id === null) return null;
  return {
    id,
    status: textOf(raw.status, 'psts.status', seen),
    startDate: instantOf(raw.start_date, 'psts.start_date', seen),
    usersCount: numberOf(raw.users_count, 'psts.users_count', seen),
    phishPronePercent: percentOfFraction(raw.phish_prone_percentage, 'psts.phish_prone_percentage', seen),
  };
}

export const readSecurityTest: RowReader<SecurityTestRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.pst_id);
  if (id === null) return { bad: 'no_id', raw: row };
  // The guide of 2025 prints the hyphen, recorded answers have the underscore.
  const raw = renamed(row, { 'landing-page': 'landing_page' });
  const seen = context?.coercions;
  const record: SecurityTestRecord = {
    id,
    campaignId: idOf(raw.campaign_id),
    campaignType: context?.campaignType ?? 'email',
    status: textOf(raw.status, 'status', seen),
    name: textOf(raw.name, 'name', seen),
    groups: groupRefsOf(raw.groups, seen),
    phishPronePercent: percentOfFraction(raw.phish_prone_percentage, 'phish_prone_percentage', seen),
    startedAt: instantOf(raw.started_at, 'started_at', seen),
    durationDays: numberOf(raw.duration, 'duration', seen),
    categories: objectsOf(raw.categories, 'categories', seen).map((category) => ({
      id: idOf(category.category_id),
      name: textOf(category.name, 'categories.name', seen),
    })),
    template: readTemplate(raw.template, seen),
    landingPage: isObject(raw.landing_page)
      ? { id: idOf(raw.landing_page.id), name: textOf(raw.landing_page.name, 'landing_page.name', seen) }
      : null,
    counts: readCounts(raw, seen),
  };
  return { record, raw };
};

const readCounts = (raw: RawRecord, seen: Coercions | undefined): SecurityTestCounts => ({
  scheduled: numberOf(raw.scheduled_count, 'scheduled_count', seen),
  delivered: numberOf(raw.delivered_count, 'delivered_count', seen),
  opened: numberOf(raw.opened_count, 'opened_count', seen),
  clicked: numberOf(raw.clicked_count, 'clicked_count', seen),
  replied: numberOf(raw.replied_count, 'replied_count', seen),
  attachmentOpened: numberOf(raw.attachment_open_count, 'attachment_open_count', seen),
  macroEnabled: numberOf(raw.macro_enabled_count, 'macro_enabled_count', seen),
  dataEntered: numberOf(raw.data_entered_count, 'data_entered_count', seen),
  qrCodeScanned: numberOf(raw.qr_code_scanned_count, 'qr_code_scanned_count', seen),
  reported: numberOf(raw.reported_count, 'reported_count', seen),
  bounced: numberOf(raw.bounced_count, 'bounced_count', seen),
});

/** Both parts are null when a test picks its templates at random. */
function readTemplate(value: unknown, seen: Coercions | undefined): TemplateRef | null {
  if (!isObject(value)) return null;
  return {
    id: idOf(value.id),
    name: textOf(value.name, 'template.name', seen),
    difficulty: numberOf(value.difficulty, 'template.difficulty', seen),
    type: textOf(value.type, 'template.type', seen),
  };
}

/** `recipient_id` is unique only inside its test, so a row that names no test is of no use. */
export const readRecipient: RowReader<RecipientRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.recipient_id);
  const testId = idOf(row.pst_id) ?? context?.testId;
  if (id === null || testId === undefined) return { bad: 'no_id', raw: row };
  const raw = modernRecipient(row);
  const seen = context?.coercions;
  const clickedAt = instantOf(raw.clicked_at, 'clicked_at', seen);
  const repliedAt = instantOf(raw.replied_at, 'replied_at', seen);
  const attachmentOpenedAt = instantOf(raw.attachment_opened_at, 'attachment_opened_at', seen);
  const macroEnabledAt = instantOf(raw.macro_enabled_at, 'macro_enabled_at', seen);
  const dataEnteredAt = instantOf(raw.data_entered_at, 'data_entered_at', seen);
  const qrCodeScannedAt = instantOf(raw.qr_code_scanned, 'qr_code_scanned', seen);
  const record: RecipientRecord = {
    id,
    testId,
    campaignType: context?.campaignType ?? 'email',
    user: readEmbeddedUser(raw.user, seen),
    template: readTemplate(raw.template, seen),
    scheduledAt: instantOf(raw.scheduled_at, 'scheduled_at', seen),
    deliveredAt: instantOf(raw.delivered_at, 'delivered_at', seen),
    openedAt: instantOf(raw.opened_at, 'opened_at', seen),
    clickedAt,
    repliedAt,
    attachmentOpenedAt,
    macroEnabledAt,
    dataEnteredAt,
    qrCodeScannedAt,
    reportedAt: instantOf(raw.reported_at, 'reported_at', seen),
    bouncedAt: instantOf(raw.bounced_at, 'bounced_at', seen),
    failedAt: earliest(clickedAt, repliedAt, attachmentOpenedAt, macroEnabledAt, dataEnteredAt, qrCodeScannedAt),
    ip: textOf(raw.ip, 'ip', seen),
    ipLocation: textOf(raw.ip_location, 'ip_location', seen),
    browser: textOf(raw.browser, 'browser', seen),
    browserVersion: textOf(raw.browser_version, 'browser_version', seen),
    os: textOf(raw.os, 'os', seen),
  };
  return { record, raw };
};

function modernRecipient(row: RawRecord): RawRecord {
  const raw = row.qr_code_scanned_at === undefined ? row : renamed(row, { qr_code_scanned_at: 'qr_code_scanned' });
  return withModernUser(raw);
}

/** Instants of one spelling sort as text. */
function earliest(...instants: readonly (Instant | null)[]): Instant | null {
  let first: Instant | null = null;
  for (const instant of instants) if (instant !== null && (first === null || instant < first)) first = instant;
  return first;
}

/** The person inside an enrollment or a recipient in the modern spelling. */
export function withModernUser(raw: RawRecord): RawRecord {
  const { user } = raw;
  if (!isObject(user) || (user.active_directory_guid === undefined && user.adi_guid === undefined)) return raw;
  const modern = renamed(user, { active_directory_guid: 'provisioning_guid', adi_guid: 'provisioning_guid' });
  return { ...raw, user: modern };
}

export function readEmbeddedUser(value: unknown, seen: Coercions | undefined): EmbeddedUser | null {
  if (!isObject(value)) return null;
  return {
    id: idOf(value.id),
    firstName: textOf(value.first_name, 'user.first_name', seen),
    lastName: textOf(value.last_name, 'user.last_name', seen),
    email: textOf(value.email, 'user.email', seen),
    employeeNumber: textOf(value.employee_number, 'user.employee_number', seen),
    provisioningGuid: textOf(value.provisioning_guid, 'user.provisioning_guid', seen),
  };
}
