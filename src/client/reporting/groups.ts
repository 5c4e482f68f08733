import type { GroupRecord, Open, Read, RiskPoint, UserRecord } from '../../wire/records.ts';
import { readGroup, readUser } from '../../wire/reporting/directory.ts';
import { type CallOptions, type ListOptions, type ListRead, readList } from '../read-list.ts';
import { type HistoryFilter, readHistory } from './account.ts';
import { type ApiDeps, type Id, readOne, segment } from './api.ts';

export type GroupFilter = { readonly status?: Open<'active' | 'archived'> };

export type GroupsApi = {
  list(filter?: GroupFilter, options?: ListOptions): ListRead<GroupRecord>;
  get(id: Id, options?: CallOptions): Promise<Read<GroupRecord>>;
  members(id: Id, options?: ListOptions): ListRead<UserRecord>;
  /** Some groups answer 500 for good. */
  riskScoreHistory(id: Id, filter?: HistoryFilter, options?: ListOptions): ListRead<RiskPoint>;
};

export const groupsApi = (api: ApiDeps): GroupsApi => ({
  list: (filter = {}, options) =>
    readList(
      api,
      {
        endpoint: '/v1/groups',
        path: '/v1/groups',
        query: { status: filter.status },
        read: readGroup,
        keyOf: (group) => group.id,
      },
      options,
    ),
  get: (id, options) =>
    readOne(api, { endpoint: '/v1/groups/{group_id}', path: `/v1/groups/${segment(id)}`, read: readGroup }, options),
  members: (id, options) =>
    readList(
      api,
      {
        endpoint: '/v1/groups/{group_id}/members',
        path: `/v1/groups/${segment(id)}/members`,
        query: {},
        read: readUser,
        keyOf: (user) => user.id,
      },
      options,
    ),
  riskScoreHistory: (id, filter, options) =>
    readHistory(
      api,
      '/v1/groups/{group_id}/risk_score_history',
      `/v1/groups/${segment(id)}/risk_score_history`,
      filter,
      options,
    ),
});
