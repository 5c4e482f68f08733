import { z } from 'zod';
import { ref } from './ref.ts';

const trainingTotals = z.object({
  enrolled: z.number(),
  not_started: z.number(),
  in_progress: z.number(),
  completed: z.number(),
  overdue: z.number(),
  last_completed_at: z.string().nullable(),
});

const phishingTotals = z.object({
  delivered: z.number(),
  failed: z.number(),
  reported: z.number(),
  last_failed_at: z.string().nullable(),
  last_delivered_at: z.string().nullable(),
});

const risk = z.object({
  score: z.number().nullable(),
  /** Percent; 100 can be exceeded. */
  phish_prone_percent: z.number().nullable(),
});

/** When the parts of a record were last read whole; null = not yet. */
const freshness = z.object({
  source: z.literal('mirror'),
  users: z.string().nullable(),
  enrollments: z.string().nullable(),
  recipients: z.string().nullable(),
});

/**
 * A person as an IT admin wants to see them: who, where, what they may, and how they do. `risk`, `training` and `phishing`
 * are there only for callers that may see them.
 */
export const person = z.object({
  id: z.string(),
  connection_id: z.string(),
  name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable(),
  aliases: z.array(z.string()),
  /** `active`, `inactive` (archived in KnowBe4), `deleted`, or another word of the vendor's. */
  status: z.string().nullable(),
  employee_number: z.string().nullable(),
  provisioning_guid: z.string().nullable(),
  provisioning_managed: z.boolean().nullable(),
  job_title: z.string().nullable(),
  organization: z.string().nullable(),
  department: z.string().nullable(),
  division: z.string().nullable(),
  location: z.string().nullable(),
  manager: z.object({ name: z.string().nullable(), email: z.string().nullable() }).nullable(),
  phones: z.array(
    z.object({ number: z.string(), extension: z.string().nullable(), type: z.enum(['phone', 'mobile']) }),
  ),
  language: z.string().nullable(),
  comment: z.string().nullable(),
  custom: z.object({
    field_1: z.string().nullable(),
    field_2: z.string().nullable(),
    field_3: z.string().nullable(),
    field_4: z.string().nullable(),
    date_1: z.string().nullable(),
    date_2: z.string().nullable(),
  }),
  employee_start_date: z.string().nullable(),
  joined_at: z.string().nullable(),
  last_sign_in_at: z.string().nullable(),
  archived_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  first_seen_at: z.string(),
  groups: z.array(ref),
  roles: z.array(ref),
  risk: risk.optional(),
  training: trainingTotals.optional(),
  phishing: phishingTotals.optional(),
});
export type Person = z.infer<typeof person>;

const enrollment = z.object({
  id: z.string(),
  module: z.string().nullable(),
  campaign: z.object({ id: z.string().nullable(), name: z.string().nullable() }),
  status: z.string().nullable(),
  overdue: z.boolean(),
  enrolled_at: z.string().nullable(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
});
export type PersonEnrollment = z.infer<typeof enrollment>;

const phishingTest = z.object({
  test_id: z.string(),
  campaign_type: z.enum(['email', 'callback']),
  template: z.string().nullable(),
  delivered_at: z.string().nullable(),
  opened_at: z.string().nullable(),
  clicked_at: z.string().nullable(),
  failed_at: z.string().nullable(),
  reported_at: z.string().nullable(),
});
export type PersonTest = z.infer<typeof phishingTest>;

/** One person with what lists leave out. */
export const personDetail = person.extend({
  risk: risk
    .extend({
      /** Newest score less the oldest one of the last 90 days; null when there are not two. */
      trend_90d: z.number().nullable(),
      /** Points of the last 90 days, oldest first. */
      points: z.array(z.object({ date: z.string(), score: z.number() })),
    })
    .optional(),
  training: trainingTotals
    .extend({
      /** Enrollments that are not completed, newest first. */
      current: z.array(enrollment),
    })
    .optional(),
  phishing: phishingTotals
    .extend({
      /** The last ten tests that reached the person, newest first. */
      last_tests: z.array(phishingTest),
    })
    .optional(),
  freshness,
});
export type PersonDetail = z.infer<typeof personDetail>;
