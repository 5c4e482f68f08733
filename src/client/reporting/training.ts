import type {
  EnrollmentRecord,
  PolicyRecord,
  Read,
  StorePurchaseRecord,
  TrainingCampaignRecord,
} from '../../wire/records.ts';
import { readEnrollment, readPolicy, readStorePurchase, readTrainingCampaign } from '../../wire/reporting/training.ts';
import { type CallOptions, type ListOptions, type ListRead, readList } from '../read-list.ts';
import { type ApiDeps, flag, type Id, readOne, segment } from './api.ts';

export type EnrollmentFilter = {
  readonly storePurchaseId?: Id;
  /** On a campaign that shows scores, the rows then have one. */
  readonly campaignId?: Id;
  readonly userId?: Id;
  readonly excludeArchivedUsers?: boolean;
  /** Ids of campaign and store purchase and the employee number come only when asked for; default: all of them. */
  readonly includeCampaignId?: boolean;
  readonly includeStorePurchaseId?: boolean;
  readonly includeEmployeeNumber?: boolean;
};

/** Percentages of all campaigns cost 10 rows a page instead of 500; a single campaign has its own anyway. */
export type TrainingCampaignFilter = { readonly withPercentages?: boolean };

export type TrainingApi = {
  readonly storePurchases: {
    list(options?: ListOptions): ListRead<StorePurchaseRecord>;
    get(id: Id, options?: CallOptions): Promise<Read<StorePurchaseRecord>>;
  };
  readonly policies: {
    list(options?: ListOptions): ListRead<PolicyRecord>;
    get(id: Id, options?: CallOptions): Promise<Read<PolicyRecord>>;
  };
  readonly campaigns: {
    list(filter?: TrainingCampaignFilter, options?: ListOptions): ListRead<TrainingCampaignRecord>;
    get(id: Id, options?: CallOptions): Promise<Read<TrainingCampaignRecord>>;
  };
  readonly enrollments: {
    list(filter?: EnrollmentFilter, options?: ListOptions): ListRead<EnrollmentRecord>;
    get(id: Id, options?: CallOptions): Promise<Read<EnrollmentRecord>>;
  };
};

const PURCHASES = '/v1/training/store_purchases';
const POLICIES = '/v1/training/policies';
const CAMPAIGNS = '/v1/training/campaigns';
const ENROLLMENTS = '/v1/training/enrollments';

const text = (id: Id | undefined) => (id === undefined ? undefined : String(id));

export const trainingApi = (api: ApiDeps): TrainingApi => ({
  storePurchases: {
    list: (options) =>
      readList(
        api,
        { endpoint: PURCHASES, path: PURCHASES, query: {}, read: readStorePurchase, keyOf: (purchase) => purchase.id },
        options,
      ),
    get: (id, options) =>
      readOne(
        api,
        {
          endpoint: `${PURCHASES}/{store_purchase_id}`,
          path: `${PURCHASES}/${segment(id)}`,
          read: readStorePurchase,
        },
        options,
      ),
  },
  policies: {
    list: (options) =>
      readList(
        api,
        { endpoint: POLICIES, path: POLICIES, query: {}, read: readPolicy, keyOf: (policy) => policy.id },
        options,
      ),
    get: (id, options) =>
      readOne(
        api,
        { endpoint: `${POLICIES}/{policy_id}`, path: `${POLICIES}/${segment(id)}`, read: readPolicy },
        options,
      ),
  },
  campaigns: {
    list: (filter = {}, options) =>
      readList(
        api,
        {
          endpoint: CAMPAIGNS,
          path: CAMPAIGNS,
          query: { exclude_percentages: flag(!filter.withPercentages) },
          read: readTrainingCampaign,
          keyOf: (campaign) => campaign.id,
        },
        options,
      ),
    get: (id, options) =>
      readOne(
        api,
        { endpoint: `${CAMPAIGNS}/{campaign_id}`, path: `${CAMPAIGNS}/${segment(id)}`, read: readTrainingCampaign },
        options,
      ),
  },
  enrollments: {
    list: (filter = {}, options) =>
      readList(
        api,
        {
          endpoint: ENROLLMENTS,
          path: ENROLLMENTS,
          query: {
            store_purchase_id: text(filter.storePurchaseId),
            campaign_id: text(filter.campaignId),
            user_id: text(filter.userId),
            exclude_archived_users: flag(filter.excludeArchivedUsers),
            include_campaign_id: flag(filter.includeCampaignId ?? true),
            include_store_purchase_id: flag(filter.includeStorePurchaseId ?? true),
            include_employee_number: flag(filter.includeEmployeeNumber ?? true),
          },
          read: readEnrollment,
          keyOf: (enrollment) => enrollment.id,
        },
        options,
      ),
    get: (id, options) =>
      readOne(
        api,
        {
          endpoint: `${ENROLLMENTS}/{enrollment_id}`,
          path: `${ENROLLMENTS}/${segment(id)}`,
          query: { include_campaign_id: 'true' },
          read: readEnrollment,
        },
        options,
      ),
  },
});
