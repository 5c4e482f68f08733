import { z } from 'zod';
import { unifiedCourse, unifiedCourseEnrollment, unifiedCourseItem, unifiedTrainee } from '../../model/training.ts';
import { account, answersOf, deleted, listFlags, paging, text, time } from './directory.ts';

export const courseQuery = z.object({
  ...account,
  id: text.describe('Id'),
  title: text.describe('Title'),
  type: text.describe('course (of the store) or other (a policy)'),
  status: text.describe('published, archived (retired), draft or unknown'),
  ...paging(['id']),
  ...listFlags,
});

export const courseItemQuery = z.object({
  ...account,
  id: text.describe('Id'),
  title: text.describe('Title'),
  type: text.describe('store_purchase or policy'),
  course_id: text.describe('Places of this course'),
  x_campaign_id: text.describe('What is in this campaign'),
  ...paging(['id']),
  ...listFlags,
});

export const enrollmentQuery = z.object({
  ...account,
  id: text.describe('Id'),
  user_id: text.describe('Of this person'),
  course_id: text.describe(
    'In this course. Looks through every enrollment: name a campaign as well where there are many',
  ),
  status: text.describe('assigned, in_progress, completed, passed, overdue or unknown'),
  enrolled_at: time.describe('A time, or an object with operators'),
  completed_at: time.describe('A time, or an object with operators'),
  x_campaign_id: text.describe('Of this training campaign'),
  x_deleted: deleted,
  ...paging(['id']),
  ...listFlags,
});

export const traineeQuery = z.object({
  ...account,
  id: text.describe('Id'),
  first_name: text.describe('First name'),
  last_name: text.describe('Last name'),
  name: text.describe('Whole name'),
  emails: text.describe('Address'),
  username: text.describe('The same as the address'),
  status: text.describe('active, inactive (archived in KnowBe4) or deleted'),
  created_at: time.describe('A time, or an object with operators'),
  updated_at: time.describe('A time, or an object with operators'),
  x_overdue: z.boolean().optional().describe('With overdue training, or without'),
  x_trained: z.boolean().optional().describe('Has completed a training at some time, or never has'),
  x_deleted: deleted,
  ...paging(['id', 'created_at', 'updated_at', 'emails', 'username', 'first_name', 'name', 'status', 'last_login_at']),
  ...listFlags,
});

export const courses = answersOf('Course', unifiedCourse);
export const courseItems = answersOf('CourseItem', unifiedCourseItem);
export const enrollments = answersOf('CourseEnrollment', unifiedCourseEnrollment);
export const trainees = answersOf('LmsUser', unifiedTrainee);
