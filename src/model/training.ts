import { z } from 'zod';
import { ref, remoteData } from './ref.ts';

/*
 * Training in the shapes of Truto's unified LMS API (truto.one/docs/api-reference/unified-lms-api). Fields under `x_` are our own additions; `null`
 * means that KnowBe4 says none, or does not tell.
 */

const courseRef = z.object({ id: z.string().nullable(), title: z.string().nullable() });

/** A module of the store or an uploaded policy: whatever a campaign can ask people to do. */
export const unifiedCourse = z.object({
  /** `store_purchase:ID` or `policy:ID`: KnowBe4 numbers them apart. */
  id: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  code: z.string().nullable(),
  type: z.enum(['course', 'other']),
  status: z.enum(['draft', 'published', 'archived', 'unknown']),
  language: z.string().nullable(),
  duration_seconds: z.number().nullable(),
  level: z.string().nullable(),
  urls: z.array(z.object({ url: z.string(), type: z.string() })),
  tags: z.array(ref),
  categories: z.array(ref),
  /** When it was purchased, else first seen. */
  created_at: z.string(),
  updated_at: z.string(),
  x_content_type: z.string().nullable(),
  x_status: z.string().nullable(),
  x_publisher: z.string().nullable(),
  x_published_at: z.string().nullable(),
  x_retirement_date: z.string().nullable(),
  /** Of a policy, as KnowBe4 has it: its unit is not documented. */
  x_minimum_time: z.number().nullable(),
  x_deleted_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedCourse = z.infer<typeof unifiedCourse>;

/** A course in its place in a training campaign. What is inside of a module KnowBe4 does not tell. */
export const unifiedCourseItem = z.object({
  /** `CAMPAIGN_ID:COURSE_ID`. */
  id: z.string(),
  course: courseRef,
  title: z.string().nullable(),
  type: z.enum(['store_purchase', 'policy', 'unknown']),
  duration_seconds: z.number().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  x_campaign: z.object({
    id: z.string(),
    name: z.string().nullable(),
    status: z.string().nullable(),
    start_date: z.string().nullable(),
    end_date: z.string().nullable(),
  }),
  remote_data: remoteData,
});
export type UnifiedCourseItem = z.infer<typeof unifiedCourseItem>;

/** One person’s record of one course. */
export const unifiedCourseEnrollment = z.object({
  id: z.string(),
  user: z
    .object({
      id: z.string().nullable(),
      name: z.string().nullable(),
      emails: z.array(z.object({ email: z.string(), type: z.literal('primary'), is_primary: z.literal(true) })),
    })
    .nullable(),
  course: courseRef,
  /** `assigned`, `in_progress`, `completed`, `passed`, `overdue`, `unknown`, or another word of the vendor's. */
  status: z.string(),
  assigned_at: z.string().nullable(),
  /** The end of a campaign that ends on a day for all. */
  due_at: z.string().nullable(),
  enrolled_at: z.string().nullable(),
  started_at: z.string().nullable(),
  /** The later of begin and end: KnowBe4 tells nothing in between. */
  last_activity_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  time_spent_seconds: z.number().nullable(),
  score: z.number().nullable(),
  is_mandatory: z.boolean().nullable(),
  assigned_by: ref.nullable(),
  urls: z.array(z.object({ url: z.string(), type: z.string() })),
  created_at: z.string(),
  updated_at: z.string(),
  /** KnowBe4’s own word. */
  x_status: z.string().nullable(),
  x_campaign: z.object({ id: z.string().nullable(), name: z.string().nullable() }),
  x_policy_acknowledged: z.boolean().nullable(),
  x_deleted_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedCourseEnrollment = z.infer<typeof unifiedCourseEnrollment>;

/** A person as far as training needs them: who may read training is told no more of anybody. */
export const unifiedTrainee = z.object({
  id: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  name: z.string().nullable(),
  username: z.string().nullable(),
  emails: z.array(z.object({ email: z.string(), type: z.enum(['primary', 'alias']), is_primary: z.boolean() })),
  /** `active`, `inactive` (archived in KnowBe4), `deleted`, or another word of the vendor's. */
  status: z.string().nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  last_login_at: z.string().nullable(),
  x_enrolled: z.number(),
  x_in_progress: z.number(),
  x_completed: z.number(),
  x_overdue: z.number(),
  x_last_completed_at: z.string().nullable(),
  x_deleted_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedTrainee = z.infer<typeof unifiedTrainee>;
