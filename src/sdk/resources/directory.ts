import type { Answer, Body, CallOperation, OperationId, Query } from '../call.ts';
import type {
  Activity,
  Course,
  CourseEnrollment,
  CourseItem,
  Group,
  License,
  LmsUser,
  Organization,
  Role,
  RoleAssignment,
  User,
} from '../generated.ts';
import { cursorList, type List } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** What changes the shape of an answer is for `client.call`. */
type Reshaping = 'truto_key_by' | 'truto_exclude_fields' | 'truto_response_format' | 'next_cursor';
type ListId =
  | 'listUsers'
  | 'listGroups'
  | 'listRoles'
  | 'listRoleAssignments'
  | 'listOrganizations'
  | 'listLicenses'
  | 'listActivities'
  | 'listCourses'
  | 'listCourseItems'
  | 'listCourseEnrollments'
  | 'listLmsUsers';
type ListQuery<Id extends ListId> = Omit<Query<Id>, Reshaping>;
type WriteQuery = { readonly integrated_account_id?: string };
type GetQuery = { readonly integrated_account_id?: string; readonly truto_ignore_remote_data?: boolean };

/** A page of the unified directory. */
export type DirectoryPage<Row> = {
  readonly result: readonly Row[];
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  readonly result_count: number;
  /** KnowBe4 has more than the list can show. */
  readonly is_partial_response?: true;
  /** When the mirror was last complete, where the list is read from it. */
  readonly x_freshness?: { readonly source: string; readonly as_of: string | null };
};

/** The unified user directory, read from the mirror and changed through provisioning. `integrated_account_id` names the connection where a token has several. */
export function directoryOf(call: CallOperation) {
  const ask = <Id extends OperationId>(id: Id, input: object, options?: CallOptions): Promise<Answer<Id>> =>
    call(id, input as never, options);
  const collection = <Row, Id extends ListId>(list: Id, get: OperationId) => ({
    /** Records that pass the filters; `{ field: value }` or `{ field: { gt: … } }`. */
    list: (query: ListQuery<Id> = {} as ListQuery<Id>, options?: CallOptions): List<Row, DirectoryPage<Row>> =>
      cursorList<DirectoryPage<Row>>(
        (next_cursor) => ask(list, { query: { ...query, next_cursor } }, options) as never,
      ),
    /** @throws ApiError `not_found` */
    get: (id: string, query: GetQuery = {}, options?: CallOptions): Promise<Row> =>
      ask(get, { params: { id }, query }, options) as Promise<never>,
  });
  return {
    /** Changes become plans in the mode of the connection: `x_foreknow.state` says whether one waits for a person. */
    users: {
      ...collection<User, 'listUsers'>('listUsers', 'getUser'),
      create: (body: Body<'createUser'>, query: WriteQuery = {}, options?: CallOptions) =>
        call('createUser', { query, body }, options),
      update: (id: string, body: Body<'updateUser'>, query: WriteQuery = {}, options?: CallOptions) =>
        call('updateUser', { params: { id }, query, body }, options),
      archive: (id: string, query: WriteQuery = {}, options?: CallOptions) =>
        call('archiveUser', { params: { id }, query }, options),
    },
    groups: {
      ...collection<Group, 'listGroups'>('listGroups', 'getGroup'),
      create: (body: Body<'createGroup'>, query: WriteQuery = {}, options?: CallOptions) =>
        call('createGroup', { query, body }, options),
      update: (id: string, body: Body<'updateGroup'>, query: WriteQuery = {}, options?: CallOptions) =>
        call('updateGroup', { params: { id }, query, body }, options),
      addUser: (groupId: string, userId: string, query: WriteQuery = {}, options?: CallOptions) =>
        call('addGroupUser', { query, body: { group_id: groupId, user_id: userId } }, options),
      removeUser: (groupId: string, userId: string, query: WriteQuery = {}, options?: CallOptions) =>
        call('removeGroupUser', { query, body: { group_id: groupId, user_id: userId } }, options),
    },
    roles: collection<Role, 'listRoles'>('listRoles', 'getRole'),
    roleAssignments: collection<RoleAssignment, 'listRoleAssignments'>('listRoleAssignments', 'getRoleAssignment'),
    organizations: collection<Organization, 'listOrganizations'>('listOrganizations', 'getOrganization'),
    licenses: collection<License, 'listLicenses'>('listLicenses', 'getLicense'),
    /** Sign-ins and what syncs found changed, the newest first. */
    activities: collection<Activity, 'listActivities'>('listActivities', 'getActivity'),
    /** Training in the unified model of learning: content of the store and policies are courses. Reading. */
    lms: {
      courses: collection<Course, 'listCourses'>('listCourses', 'getCourse'),
      courseItems: collection<CourseItem, 'listCourseItems'>('listCourseItems', 'getCourseItem'),
      courseEnrollments: collection<CourseEnrollment, 'listCourseEnrollments'>(
        'listCourseEnrollments',
        'getCourseEnrollment',
      ),
      users: collection<LmsUser, 'listLmsUsers'>('listLmsUsers', 'getLmsUser'),
    },
    /** Whom the key of the connection stands for. */
    me: (query: Pick<GetQuery, 'integrated_account_id'> = {}, options?: CallOptions): Promise<User> =>
      call('getMe', { query }, options) as Promise<User>,
  };
}
