import { listSecurityTests, listTrainingCampaigns, riskHistory } from './activity.ts';
import { getCourse, getCourseItem, listCourseItems, listCourses } from './courses.ts';
import { getEnrollment, listEnrollments } from './enrollments.ts';
import { asOf } from './freshness.ts';
import { countGroups, getGroup, listGroups } from './groups.ts';
import { getLicense, listLicenses } from './licenses.ts';
import { getOrganization, listOrganizations } from './organizations.ts';
import { createPageCache } from './page-cache.ts';
import { countPeople, getPerson, listPeople } from './people.ts';
import type { DirectoryStore } from './ports.ts';
import { getRole, getRoleAssignment, listRoleAssignments, listRoles } from './roles.ts';
import { createRowCache } from './row-cache.ts';
import { keepSurroundings } from './surroundings.ts';
import { getTrainee, listTrainees } from './trainees.ts';
import { getUser, listUsers, listUsersJson, me } from './users.ts';

export type DirectoryOptions = {
  readonly store: DirectoryStore;
  /** Secret of at least 32 bytes that cursors are authenticated with; the same after a restart. */
  readonly cursorKey: Uint8Array;
  readonly now: () => Date;
  /** Bytes of rendered rows that are kept, and a quarter of it for whole pages. Default 64 MiB: about 30,000 people. */
  readonly cacheBytes?: number;
};

const CACHE_BYTES = 64 * 1024 * 1024;

/** Every use case of the directory. */
export type Directory = ReturnType<typeof createDirectory>;

export function createDirectory({ store, cursorKey, now, cacheBytes = CACHE_BYTES }: DirectoryOptions) {
  const deps = {
    store,
    cursorKey,
    now,
    surroundings: keepSurroundings(store),
    rowCache: createRowCache(cacheBytes),
    pageCache: createPageCache(cacheBytes / 4),
  };
  return {
    asOf: asOf(store),
    listUsers: listUsers(deps),
    listUsersJson: listUsersJson(deps),
    getUser: getUser(deps),
    me: me(deps),
    listGroups: listGroups(deps),
    getGroup: getGroup(deps),
    listRoles: listRoles(deps),
    getRole: getRole(),
    listRoleAssignments: listRoleAssignments(deps),
    getRoleAssignment: getRoleAssignment(deps),
    listOrganizations: listOrganizations(deps),
    getOrganization: getOrganization(deps),
    listLicenses: listLicenses(deps),
    getLicense: getLicense(deps),
    lms: {
      listCourses: listCourses(deps),
      getCourse: getCourse(deps),
      listCourseItems: listCourseItems(deps),
      getCourseItem: getCourseItem(deps),
      listEnrollments: listEnrollments(deps),
      getEnrollment: getEnrollment(deps),
      listUsers: listTrainees(deps),
      getUser: getTrainee(deps),
    },
    listPeople: listPeople(deps),
    getPerson: getPerson(deps),
    countPeople: countPeople(deps),
    countGroups: countGroups(deps),
    listTrainingCampaigns: listTrainingCampaigns(deps),
    listSecurityTests: listSecurityTests(deps),
    riskHistory: riskHistory(deps),
  };
}
