import type {
  CampaignContent,
  EnrollmentRecord,
  Instant,
  PolicyRecord,
  StorePurchaseRecord,
  TrainingCampaignRecord,
  UserRecord,
} from '../wire/records.ts';
import { emailsOf, fullName, later, statusOf } from './from-wire.ts';
import type { UnifiedCourse, UnifiedCourseEnrollment, UnifiedCourseItem, UnifiedTrainee } from './training.ts';

type Seen = { readonly firstSeenAt: Instant; readonly changedAt: Instant | null; readonly deletedAt: Instant | null };

/** Store purchases and policies are numbered apart. */
const purchaseCourseId = (id: string): string => `store_purchase:${id}`;
const policyCourseId = (id: string): string => `policy:${id}`;

const seconds = (minutes: number | null): number | null => (minutes === null ? null : Math.round(minutes * 60));
const unknownOfCourses = { code: null, level: null, urls: [], tags: [] };

export const courseOfPurchase = (purchase: StorePurchaseRecord, seen: Seen): UnifiedCourse => ({
  id: purchaseCourseId(purchase.id),
  title: purchase.name,
  description: purchase.description,
  ...unknownOfCourses,
  type: 'course',
  status: purchase.retired === true ? 'archived' : 'published',
  language: null,
  duration_seconds: seconds(purchase.durationMinutes),
  categories: purchase.type === null ? [] : [{ id: purchase.type, name: purchase.type }],
  created_at: purchase.purchaseDate ?? seen.firstSeenAt,
  updated_at: seen.changedAt ?? seen.firstSeenAt,
  x_content_type: purchase.contentType,
  x_status: null,
  x_publisher: purchase.publisher,
  x_published_at: purchase.publishDate,
  x_retirement_date: purchase.retirementDate,
  x_minimum_time: null,
  x_deleted_at: seen.deletedAt,
});

const policyStatuses: Readonly<Record<string, UnifiedCourse['status']>> = {
  draft: 'draft',
  published: 'published',
  archived: 'archived',
};

export const courseOfPolicy = (policy: PolicyRecord, seen: Seen): UnifiedCourse => ({
  id: policyCourseId(policy.id),
  title: policy.name,
  description: null,
  ...unknownOfCourses,
  type: 'other',
  status: policyStatuses[policy.status?.toLowerCase() ?? ''] ?? 'unknown',
  language: policy.defaultLanguage,
  duration_seconds: null,
  categories: [],
  created_at: seen.firstSeenAt,
  updated_at: seen.changedAt ?? seen.firstSeenAt,
  x_content_type: policy.contentType,
  x_status: policy.status,
  x_publisher: null,
  x_published_at: null,
  x_retirement_date: null,
  x_minimum_time: policy.minimumTime,
  x_deleted_at: seen.deletedAt,
});

export function toCourseItem(
  content: CampaignContent,
  campaign: TrainingCampaignRecord,
  seen: Seen,
): UnifiedCourseItem {
  const { kind, id, name, durationMinutes } = content;
  const courseId = id === null ? null : kind === 'policy' ? policyCourseId(id) : purchaseCourseId(id);
  return {
    id: `${campaign.id}:${courseId ?? name ?? 'unknown'}`,
    course: { id: kind === 'unknown' ? null : courseId, title: name },
    title: name,
    type: kind,
    duration_seconds: seconds(durationMinutes),
    created_at: seen.firstSeenAt,
    updated_at: seen.changedAt ?? seen.firstSeenAt,
    x_campaign: {
      id: campaign.id,
      name: campaign.name,
      status: campaign.status,
      start_date: campaign.startDate,
      end_date: campaign.endDate,
    },
  };
}

const statusWords: Readonly<Record<string, string>> = {
  'Not Started': 'assigned',
  'In Progress': 'in_progress',
  Completed: 'completed',
  Passed: 'passed',
  'Past Due': 'overdue',
};

const enrollmentStatus = (status: string | null): string =>
  status === null ? 'unknown' : (statusWords[status] ?? status);

/** What KnowBe4 calls a status of ours; null: it has none, which is `unknown`. */
export function vendorStatus(word: string): string | null {
  if (word === 'unknown') return null;
  return Object.entries(statusWords).find(([, ours]) => ours === word)?.[0] ?? word;
}

/** @param policyId by the name of a policy: enrollments do not name it by its id */
export function toCourseEnrollment(
  enrollment: EnrollmentRecord,
  { campaign, policyId }: { readonly campaign: TrainingCampaignRecord | null; readonly policyId: string | null },
  seen: Seen,
): UnifiedCourseEnrollment {
  const { user, storePurchaseId, campaignId, campaignName } = enrollment;
  const courseId =
    storePurchaseId !== null ? purchaseCourseId(storePurchaseId) : policyId === null ? null : policyCourseId(policyId);
  const email = user?.email ?? null;
  return {
    id: enrollment.id,
    user:
      user === null
        ? null
        : {
            id: user.id,
            name: fullName(user),
            emails: email === null ? [] : [{ email, type: 'primary', is_primary: true }],
          },
    course: { id: courseId, title: enrollment.moduleName },
    status: enrollmentStatus(enrollment.status),
    assigned_at: enrollment.enrollmentDate,
    due_at: campaign?.durationType === 'Specific End Date' ? campaign.endDate : null,
    enrolled_at: enrollment.enrollmentDate,
    started_at: enrollment.startDate,
    last_activity_at: later(enrollment.startDate, enrollment.completionDate),
    completed_at: enrollment.completionDate,
    time_spent_seconds: enrollment.timeSpentSeconds,
    score: enrollment.score,
    is_mandatory: null,
    assigned_by: null,
    urls: [],
    created_at: enrollment.enrollmentDate ?? seen.firstSeenAt,
    updated_at: seen.changedAt ?? seen.firstSeenAt,
    x_status: enrollment.status,
    x_campaign: { id: campaignId, name: campaignName },
    x_policy_acknowledged: enrollment.policyAcknowledged,
    x_deleted_at: seen.deletedAt,
  };
}

type Totals = {
  readonly enrolled: number;
  readonly inProgress: number;
  readonly completed: number;
  readonly overdue: number;
  readonly lastCompletedAt: Instant | null;
};

/** @param totals of who was ever enrolled */
export const toTrainee = (user: UserRecord, totals: Totals | null, seen: Seen): UnifiedTrainee => ({
  id: user.id,
  first_name: user.firstName,
  last_name: user.lastName,
  name: fullName(user),
  username: user.email,
  emails: emailsOf(user),
  status: statusOf(user.status, seen.deletedAt),
  created_at: user.joinedOn,
  updated_at: seen.changedAt ?? user.joinedOn,
  last_login_at: user.lastSignIn,
  x_enrolled: totals?.enrolled ?? 0,
  x_in_progress: totals?.inProgress ?? 0,
  x_completed: totals?.completed ?? 0,
  x_overdue: totals?.overdue ?? 0,
  x_last_completed_at: totals?.lastCompletedAt ?? null,
  x_deleted_at: seen.deletedAt,
});
