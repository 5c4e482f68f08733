import type { Door } from '../door.ts';
import * as schemas from '../schemas/training.ts';
import { unifiedResources } from './unified-resource.ts';

const model = { root: '/unified/lms', tag: 'Unified LMS', scope: 'training' } as const;

/** Courses, where campaigns use them, enrollments and their people, in the wire format of Truto’s unified LMS API. */
export function lmsRoutes(door: Door): void {
  const { directory } = door.gateway;
  const { resource } = unifiedResources(door, model);
  resource({
    path: 'courses',
    singular: 'course',
    Plural: 'Courses',
    Singular: 'Course',
    query: schemas.courseQuery,
    answers: schemas.courses,
    list: (input) => directory.lms.listCourses(input),
    get: (input, id) => directory.lms.getCourse(input, id),
    stream: 'store_purchases',
  });
  resource({
    path: 'course-items',
    singular: 'course item',
    Plural: 'CourseItems',
    Singular: 'CourseItem',
    query: schemas.courseItemQuery,
    answers: schemas.courseItems,
    list: (input) => directory.lms.listCourseItems(input),
    get: (input, id) => directory.lms.getCourseItem(input, id),
    stream: 'training_campaigns',
  });
  resource({
    path: 'course-enrollments',
    singular: 'course enrollment',
    Plural: 'CourseEnrollments',
    Singular: 'CourseEnrollment',
    query: schemas.enrollmentQuery,
    answers: schemas.enrollments,
    list: (input) => directory.lms.listEnrollments(input),
    get: (input, id) => directory.lms.getEnrollment(input, id),
    stream: 'enrollments',
  });
  resource({
    path: 'users',
    singular: 'person with their training',
    Plural: 'LmsUsers',
    Singular: 'LmsUser',
    query: schemas.traineeQuery,
    answers: schemas.trainees,
    list: (input) => directory.lms.listUsers(input),
    get: (input, id) => directory.lms.getUser(input, id),
    stream: 'users',
  });
}
