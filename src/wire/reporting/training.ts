import type {
  CampaignContent,
  EnrollmentRecord,
  PolicyRecord,
  RawRecord,
  StorePurchaseRecord,
  TrainingCampaignRecord,
} from '../records.ts';
import { groupRefsOf } from './directory.ts';
import { readEmbeddedUser, withModernUser } from './phishing.ts';
import {
  booleanOf,
  type Coercions,
  idOf,
  instantOf,
  isObject,
  numberOf,
  objectsOf,
  type RowReader,
  renamed,
  textOf,
} from './read.ts';

/** The guide's sample misspells the key; live answers have `store_purchase_id`. */
const modernPurchase = { store_purchased_id: 'store_purchase_id' };

export const readStorePurchase: RowReader<StorePurchaseRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const raw = renamed(row, modernPurchase);
  const id = idOf(raw.store_purchase_id);
  if (id === null) return { bad: 'no_id', raw: row };
  const seen = context?.coercions;
  const record: StorePurchaseRecord = {
    id,
    contentType: textOf(raw.content_type, 'content_type', seen),
    name: textOf(raw.name, 'name', seen),
    description: textOf(raw.description, 'description', seen),
    type: textOf(raw.type, 'type', seen),
    durationMinutes: numberOf(raw.duration, 'duration', seen),
    retired: booleanOf(raw.retired, 'retired', seen),
    retirementDate: instantOf(raw.retirement_date, 'retirement_date', seen),
    publishDate: instantOf(raw.publish_date, 'publish_date', seen),
    publisher: textOf(raw.publisher, 'publisher', seen),
    purchaseDate: instantOf(raw.purchase_date, 'purchase_date', seen),
    policyUrl: textOf(raw.policy_url, 'policy_url', seen),
  };
  return { record, raw };
};

export const readPolicy: RowReader<PolicyRecord> = (raw, context) => {
  if (!isObject(raw)) return { bad: 'not_an_object', raw };
  const id = idOf(raw.policy_id);
  if (id === null) return { bad: 'no_id', raw };
  const seen = context?.coercions;
  const record: PolicyRecord = {
    id,
    contentType: textOf(raw.content_type, 'content_type', seen),
    name: textOf(raw.name, 'name', seen),
    minimumTime: numberOf(raw.minimum_time, 'minimum_time', seen),
    defaultLanguage: textOf(raw.default_language, 'default_language', seen),
    // The guide's sample is a number, others saw a word: both are normal, so neither is counted.
    status: typeof raw.status === 'number' ? String(raw.status) : textOf(raw.status, 'status', seen),
  };
  return { record, raw };
};

/** `completion_percentage` is percent; −1 when there are too many enrollments to compute it. */
export const readTrainingCampaign: RowReader<TrainingCampaignRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.campaign_id);
  if (id === null) return { bad: 'no_id', raw: row };
  const raw = modernCampaign(row);
  const seen = context?.coercions;
  const completion = numberOf(raw.completion_percentage, 'completion_percentage', seen);
  const record: TrainingCampaignRecord = {
    id,
    name: textOf(raw.name, 'name', seen),
    groups: groupRefsOf(raw.groups, seen),
    status: textOf(raw.status, 'status', seen),
    content: objectsOf(raw.content, 'content', seen).map((item) => readContent(item, seen)),
    durationType: textOf(raw.duration_type, 'duration_type', seen),
    startDate: instantOf(raw.start_date, 'start_date', seen),
    endDate: instantOf(raw.end_date, 'end_date', seen),
    relativeDuration: textOf(raw.relative_duration, 'relative_duration', seen),
    autoEnroll: booleanOf(raw.auto_enroll, 'auto_enroll', seen),
    allowMultipleEnrollments: booleanOf(raw.allow_multiple_enrollments, 'allow_multiple_enrollments', seen),
    completionPercent: completion !== null && completion >= 0 ? completion : null,
  };
  return { record, raw };
};

/** `modules` is the old name of `content`; the guide's sample nests the items twice. */
function modernCampaign(row: RawRecord): RawRecord {
  const raw = renamed(row, { modules: 'content' });
  if (!Array.isArray(raw.content)) return raw;
  const isOld = (item: unknown) => Array.isArray(item) || (isObject(item) && item.store_purchased_id !== undefined);
  if (!raw.content.some(isOld)) return raw;
  const items: readonly unknown[] = raw.content.flat();
  return { ...raw, content: items.map((item) => (isObject(item) ? renamed(item, modernPurchase) : item)) };
}

function readContent(raw: RawRecord, seen: Coercions | undefined): CampaignContent {
  const purchaseId = idOf(raw.store_purchase_id);
  const policyId = idOf(raw.policy_id);
  const isPolicy = policyId !== null || raw.content_type === 'Uploaded Policy';
  const isPurchase = purchaseId !== null || raw.content_type === 'Store Purchase';
  return {
    kind: isPurchase ? 'store_purchase' : isPolicy ? 'policy' : 'unknown',
    id: purchaseId ?? policyId,
    name: textOf(raw.name, 'content.name', seen),
    durationMinutes: numberOf(raw.duration, 'content.duration', seen),
  };
}

export const readEnrollment: RowReader<EnrollmentRecord> = (row, context) => {
  if (!isObject(row)) return { bad: 'not_an_object', raw: row };
  const id = idOf(row.enrollment_id);
  if (id === null) return { bad: 'no_id', raw: row };
  const raw = withModernUser(row.store_purchased_id === undefined ? row : renamed(row, modernPurchase));
  const seen = context?.coercions;
  const record: EnrollmentRecord = {
    id,
    contentType: textOf(raw.content_type, 'content_type', seen),
    moduleName: textOf(raw.module_name, 'module_name', seen),
    user: readEmbeddedUser(raw.user, seen),
    campaignName: textOf(raw.campaign_name, 'campaign_name', seen),
    campaignId: idOf(raw.campaign_id),
    storePurchaseId: idOf(raw.store_purchase_id),
    enrollmentDate: instantOf(raw.enrollment_date, 'enrollment_date', seen),
    startDate: instantOf(raw.start_date, 'start_date', seen),
    completionDate: instantOf(raw.completion_date, 'completion_date', seen),
    status: textOf(raw.status, 'status', seen),
    timeSpentSeconds: numberOf(raw.time_spent, 'time_spent', seen),
    policyAcknowledged: booleanOf(raw.policy_acknowledged, 'policy_acknowledged', seen),
    // Only rows asked for by campaign carry it; its name is not documented, `score` is what we expect.
    score: numberOf(raw.score, 'score', seen),
  };
  return { record, raw };
};
