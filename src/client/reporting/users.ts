import type { Open, Read, RiskPoint, UserRecord } from '../../wire/records.ts';
import { readUser } from '../../wire/reporting/directory.ts';
import { type CallOptions, type ListOptions, type ListRead, readList } from '../read-list.ts';
import { type HistoryFilter, readHistory } from './account.ts';
import { type ApiDeps, type Id, readOne, segment } from './api.ts';

export type UserFilter = {
  /** Without it active and archived people come, which is not documented. */
  readonly status?: Open<'active' | 'archived'>;
  readonly groupId?: Id;
  /** The raw object then has objects instead of ids in `groups`. */
  readonly expandGroups?: boolean;
};

export type UsersApi = {
  list(filter?: UserFilter, options?: ListOptions): ListRead<UserRecord>;
  get(id: Id, options?: CallOptions): Promise<Read<UserRecord>>;
  riskScoreHistory(id: Id, filter?: HistoryFilter, options?: ListOptions): ListRead<RiskPoint>;
};

export const usersApi = (api: ApiDeps): UsersApi => ({
  list: (filter = {}, options) =>
    readList(
      api,
      {
        endpoint: '/v1/users',
        path: '/v1/users',
        query: {
          status: filter.status,
          group_id: filter.groupId === undefined ? undefined : String(filter.groupId),
          expand: filter.expandGroups ? 'group' : undefined,
        },
        read: readUser,
        keyOf: (user) => user.id,
      },
      options,
    ),
  get: (id, options) =>
    readOne(api, { endpoint: '/v1/users/{user_id}', path: `/v1/users/${segment(id)}`, read: readUser }, options),
  riskScoreHistory: (id, filter, options) =>
    readHistory(
      api,
      '/v1/users/{user_id}/risk_score_history',
      `/v1/users/${segment(id)}/risk_score_history`,
      filter,
      options,
    ),
});
