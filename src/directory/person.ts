import { fullName, groupsOf, phonesOf, type Surroundings, statusOf } from '../model/from-wire.ts';
import type { Person, PersonEnrollment, PersonTest } from '../model/person.ts';
import { adminRole, userRole } from '../model/role.ts';
import type { EnrollmentRecord, RecipientRecord, RiskPoint, UserRecord } from '../wire/records.ts';
import type { DirectoryRow, PersonTotals } from './ports.ts';

/** Parts of a person that have a scope of their own. */
export type PersonPart = 'training' | 'phishing' | 'risk';

export function toPerson(
  user: UserRecord,
  row: DirectoryRow,
  around: Surroundings,
  totals: PersonTotals | undefined,
  parts: ReadonlySet<PersonPart>,
): Person {
  return {
    id: user.id,
    connection_id: row.connectionId,
    name: fullName(user),
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    aliases: [...user.aliases],
    status: statusOf(user.status, row.deletedAt),
    employee_number: user.employeeNumber,
    provisioning_guid: user.provisioningGuid,
    provisioning_managed: user.provisioningManaged,
    job_title: user.jobTitle,
    organization: user.organization,
    department: user.department,
    division: user.division,
    location: user.location,
    manager:
      user.managerName === null && user.managerEmail === null
        ? null
        : { name: user.managerName, email: user.managerEmail },
    phones: phonesOf(user),
    language: user.language,
    comment: user.comment,
    custom: {
      field_1: user.customField1,
      field_2: user.customField2,
      field_3: user.customField3,
      field_4: user.customField4,
      date_1: user.customDate1,
      date_2: user.customDate2,
    },
    employee_start_date: user.employeeStartDate,
    joined_at: user.joinedOn,
    last_sign_in_at: user.lastSignIn,
    archived_at: user.archivedAt,
    deleted_at: row.deletedAt,
    updated_at: row.changedAt ?? user.joinedOn,
    first_seen_at: row.firstSeenAt,
    groups: groupsOf(user, around),
    roles: [around.adminIds.has(user.id) ? adminRole : userRole],
    ...(parts.has('risk') ? { risk: { score: user.riskScore, phish_prone_percent: user.phishPronePercent } } : {}),
    ...(parts.has('training') ? { training: trainingOf(totals) } : {}),
    ...(parts.has('phishing') ? { phishing: phishingOf(totals) } : {}),
  };
}

/** Nobody without totals was ever enrolled or tested. */
function trainingOf(totals: PersonTotals | undefined): NonNullable<Person['training']> {
  const training = totals?.training;
  return {
    enrolled: training?.enrolled ?? 0,
    not_started: training?.notStarted ?? 0,
    in_progress: training?.inProgress ?? 0,
    completed: training?.completed ?? 0,
    overdue: training?.overdue ?? 0,
    last_completed_at: training?.lastCompletedAt ?? null,
  };
}

function phishingOf(totals: PersonTotals | undefined): NonNullable<Person['phishing']> {
  const phishing = totals?.phishing;
  return {
    delivered: phishing?.delivered ?? 0,
    failed: phishing?.failed ?? 0,
    reported: phishing?.reported ?? 0,
    last_failed_at: phishing?.lastFailedAt ?? null,
    last_delivered_at: phishing?.lastDeliveredAt ?? null,
  };
}

export const toPersonEnrollment = (enrollment: EnrollmentRecord): PersonEnrollment => ({
  id: enrollment.id,
  module: enrollment.moduleName,
  campaign: { id: enrollment.campaignId, name: enrollment.campaignName },
  status: enrollment.status,
  overdue: enrollment.status === 'Past Due',
  enrolled_at: enrollment.enrollmentDate,
  started_at: enrollment.startDate,
  completed_at: enrollment.completionDate,
});

export const toPersonTest = (recipient: RecipientRecord): PersonTest => ({
  test_id: recipient.testId,
  campaign_type: recipient.campaignType,
  template: recipient.template?.name ?? null,
  delivered_at: recipient.deliveredAt,
  opened_at: recipient.openedAt,
  clicked_at: recipient.clickedAt,
  failed_at: recipient.failedAt,
  reported_at: recipient.reportedAt,
});

const TREND_DAYS = 90;

/** Points of the last 90 days. */
export function withoutOld(points: readonly RiskPoint[], now: Date): readonly RiskPoint[] {
  const first = new Date(now.getTime() - TREND_DAYS * 86_400_000).toISOString().slice(0, 10);
  return points.filter(({ date }) => date >= first);
}

/** Newest less oldest, to two decimals; null when there are not two points. */
export function trendOf(points: readonly RiskPoint[]): number | null {
  const [oldest, newest] = [points[0], points.at(-1)];
  if (oldest === undefined || newest === undefined || points.length < 2) return null;
  return Math.round((newest.riskScore - oldest.riskScore) * 100) / 100;
}
