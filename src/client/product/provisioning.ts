import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { isObject } from '../../wire/reporting/read.ts';
import type { GraphqlClient, GraphqlOptions } from './graphql.ts';

/*
 * What GraphQL tells about provisioning, in the names of a public introspection of the console's schema (August 2023). Which of these a token of
 * the Product API may read is not documented: what it may not is null.
 */

type Open<Known extends string> = Known | (string & {});

export type UserProvisioning = {
  readonly enabled: boolean | null;
  readonly source: Open<'ADI' | 'SCIM' | 'SCIM_V2'> | null;
  /** A sync then only reports what it would do. */
  readonly testMode: boolean | null;
  readonly scimState: Open<'DISCONNECTED' | 'CONNECTED' | 'PROCESSING'> | null;
};

/** Of people, groups or memberships; null where KnowBe4 counts none. */
export type SyncCounts = {
  readonly archived: number | null;
  readonly changed: number | null;
  readonly claimed: number | null;
  readonly created: number | null;
  readonly deleted: number | null;
  readonly unarchived: number | null;
  readonly errors: number | null;
  readonly success: number | null;
};

/** One sync of the provisioning. `SKIPPED`: too soon after the one before. */
export type SyncReport = {
  readonly id: string;
  readonly source: UserProvisioning['source'];
  readonly status: Open<'PENDING' | 'PROCESSING' | 'COMPLETED' | 'SKIPPED'>;
  readonly testMode: boolean | null;
  readonly identityProvider: string | null;
  /** ISO */
  readonly createdAt: string | null;
  readonly completedAt: string | null;
  readonly users: SyncCounts;
  readonly groups: SyncCounts;
  readonly memberships: SyncCounts;
};

/** What a sync did to one person, group or membership, or in Test Mode would have done. */
export type SyncReportItem = {
  readonly id: string;
  readonly action: Open<'ARCHIVED' | 'CHANGED' | 'CLAIMED' | 'CREATED' | 'DELETED' | 'UNARCHIVED'>;
  readonly type: Open<'USER' | 'GROUP' | 'MEMBERSHIP'>;
  readonly status: Open<'SUCCESS' | 'ERROR'>;
  readonly email: string | null;
  readonly guid: string | null;
  readonly group: string | null;
  readonly message: string | null;
  readonly error: string | null;
};

export type SyncReportItems = {
  readonly items: readonly SyncReportItem[];
  /** All that the report counts were read. */
  readonly complete: boolean;
};

export type ProvisioningReads = {
  /** @returns null where the token may not read it, or the account has no such field */
  state(options?: ReadOptions): Promise<UserProvisioning | null>;
  /** The newest syncs, that first. @returns null as `state` */
  syncReports(options?: ReadOptions): Promise<readonly SyncReport[] | null>;
  /** Every row of a report. @returns null as `state` */
  syncReportItems(reportId: string, options?: ReadOptions): Promise<SyncReportItems | null>;
};
type ReadOptions = Pick<GraphqlOptions, 'signal' | 'withinMs'>;

const counts = '{ archived changed claimed created deleted unarchived errors success }';
const stateQuery = '{ account { userProvisioning { enabled source testMode scimStatus } } }';
const reportsQuery = `{ ldapSyncReports(per: 25, page: 1) { nodes {
  id source status testMode identityProvider createdAt completedAt
  userUpdates ${counts} groupUpdates ${counts} membershipUpdates ${counts}
} } }`;
const itemsQuery = `query Items($id: Int!, $page: Int!) {
  ldapSyncReportItems(ldapSyncReportId: $id, per: 500, page: $page) {
    nodes { id action type status email guid group message error } pagination { page pages totalCount }
  }
}`;

/** A report with more rows than that is not read to its end. */
const MOST_PAGES = 200;

export function provisioningReads(graphql: Pick<GraphqlClient, 'run'>): ProvisioningReads {
  const ask = async (query: string, variables: Readonly<Record<string, unknown>>, options: ReadOptions = {}) => {
    try {
      return await graphql.run({ query, variables }, { ...options, onlyReads: true });
    } catch (error) {
      if (isForeknowError(error) && error.code === 'remote_rejected' && error.remote?.status === 200) return null;
      throw error;
    }
  };
  return {
    async state(options) {
      const data = await ask(stateQuery, {}, options);
      const found = isObject(data?.account) ? data.account.userProvisioning : null;
      if (!isObject(found)) return null;
      return {
        enabled: flag(found.enabled),
        source: text(found.source),
        testMode: flag(found.testMode),
        scimState: text(found.scimStatus),
      };
    },

    async syncReports(options) {
      const data = await ask(reportsQuery, {}, options);
      if (data === null) return null;
      const reports = nodesOf(data.ldapSyncReports).map(reportOf);
      return reports.toSorted((one, other) => (other.createdAt ?? '').localeCompare(one.createdAt ?? ''));
    },

    async syncReportItems(reportId, options) {
      const items = new Map<string, SyncReportItem>();
      let total = 0;
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const data = await ask(itemsQuery, { id: Number(reportId), page }, options);
        if (data === null) return null;
        const rows = nodesOf(data.ldapSyncReportItems).map(itemOf);
        const { pagination } = data.ldapSyncReportItems as { readonly pagination?: unknown };
        for (const row of rows) items.set(row.id, row);
        total = isObject(pagination) && typeof pagination.totalCount === 'number' ? pagination.totalCount : -1;
        const pages = isObject(pagination) && typeof pagination.pages === 'number' ? pagination.pages : 1;
        if (rows.length === 0 || page >= pages) break;
      }
      return { items: [...items.values()], complete: items.size === total };
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function nodesOf(cursor: unknown): readonly Row[] {
  if (isObject(cursor) && Array.isArray(cursor.nodes)) return cursor.nodes.filter(isObject);
  throw new ForeknowError('remote_invalid', {
    detail: 'GraphQL answered with something that is no list where one was asked for.',
    hint: 'Try again; if it stays, compare with the guide of the Product API.',
  });
}

const reportOf = (row: Row): SyncReport => ({
  id: String(row.id),
  source: text(row.source),
  status: text(row.status) ?? '',
  testMode: flag(row.testMode),
  identityProvider: text(row.identityProvider),
  createdAt: text(row.createdAt),
  completedAt: text(row.completedAt),
  users: countsOf(row.userUpdates),
  groups: countsOf(row.groupUpdates),
  memberships: countsOf(row.membershipUpdates),
});

function countsOf(value: unknown): SyncCounts {
  const row = isObject(value) ? value : {};
  return {
    archived: number(row.archived),
    changed: number(row.changed),
    claimed: number(row.claimed),
    created: number(row.created),
    deleted: number(row.deleted),
    unarchived: number(row.unarchived),
    errors: number(row.errors),
    success: number(row.success),
  };
}

const itemOf = (row: Row): SyncReportItem => ({
  id: String(row.id),
  action: text(row.action) ?? '',
  type: text(row.type) ?? '',
  status: text(row.status) ?? '',
  email: text(row.email),
  guid: text(row.guid),
  group: text(row.group),
  message: text(row.message),
  error: text(row.error),
});

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const flag = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
