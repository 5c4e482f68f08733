import type {
  CampaignType,
  PhishingCampaignRecord,
  Read,
  RecipientRecord,
  SecurityTestRecord,
} from '../../wire/records.ts';
import { readPhishingCampaign, readRecipient, readSecurityTest } from '../../wire/reporting/phishing.ts';
import { type CallOptions, type ListOptions, type ListRead, readList } from '../read-list.ts';
import { type ApiDeps, type Id, readOne, segment } from './api.ts';

/** E-mail campaigns unless `callback` is asked for: those are phone campaigns, with ids of their own. */
export type CampaignTypeFilter = { readonly campaignType?: CampaignType };

export type PhishingApi = {
  readonly campaigns: {
    list(filter?: CampaignTypeFilter, options?: ListOptions): ListRead<PhishingCampaignRecord>;
    get(id: Id, filter?: CampaignTypeFilter, options?: CallOptions): Promise<Read<PhishingCampaignRecord>>;
    /** The security tests of one campaign. */
    securityTests(id: Id, filter?: CampaignTypeFilter, options?: ListOptions): ListRead<SecurityTestRecord>;
  };
  readonly securityTests: {
    list(filter?: CampaignTypeFilter, options?: ListOptions): ListRead<SecurityTestRecord>;
    get(id: Id, filter?: CampaignTypeFilter, options?: CallOptions): Promise<Read<SecurityTestRecord>>;
  };
  readonly recipients: {
    list(testId: Id, filter?: CampaignTypeFilter, options?: ListOptions): ListRead<RecipientRecord>;
    get(testId: Id, id: Id, filter?: CampaignTypeFilter, options?: CallOptions): Promise<Read<RecipientRecord>>;
  };
};

const CAMPAIGNS = '/v1/phishing/campaigns';
const TESTS = '/v1/phishing/security_tests';

const ofType = ({ campaignType = 'email' }: CampaignTypeFilter = {}) => ({
  query: { campaign_type: campaignType === 'callback' ? 'callback' : undefined },
  context: { campaignType },
});

const ofTest = (testId: Id, filter: CampaignTypeFilter | undefined) => {
  const { query, context } = ofType(filter);
  return { query, context: { ...context, testId: segment(testId) } };
};

const tests = { read: readSecurityTest, keyOf: (test: SecurityTestRecord) => test.id };

export const phishingApi = (api: ApiDeps): PhishingApi => ({
  campaigns: {
    list: (filter, options) =>
      readList(
        api,
        {
          ...ofType(filter),
          endpoint: CAMPAIGNS,
          path: CAMPAIGNS,
          read: readPhishingCampaign,
          keyOf: (campaign) => campaign.id,
        },
        options,
      ),
    get: (id, filter, options) =>
      readOne(
        api,
        {
          ...ofType(filter),
          endpoint: `${CAMPAIGNS}/{campaign_id}`,
          path: `${CAMPAIGNS}/${segment(id)}`,
          read: readPhishingCampaign,
        },
        options,
      ),
    securityTests: (id, filter, options) =>
      readList(
        api,
        {
          ...ofType(filter),
          ...tests,
          endpoint: `${CAMPAIGNS}/{campaign_id}/security_tests`,
          path: `${CAMPAIGNS}/${segment(id)}/security_tests`,
        },
        options,
      ),
  },
  securityTests: {
    list: (filter, options) => readList(api, { ...ofType(filter), ...tests, endpoint: TESTS, path: TESTS }, options),
    get: (id, filter, options) =>
      readOne(
        api,
        {
          ...ofType(filter),
          endpoint: `${TESTS}/{pst_id}`,
          path: `${TESTS}/${segment(id)}`,
          read: readSecurityTest,
        },
        options,
      ),
  },
  recipients: {
    list: (testId, filter, options) =>
      readList(
        api,
        {
          ...ofTest(testId, filter),
          endpoint: `${TESTS}/{pst_id}/recipients`,
          path: `${TESTS}/${segment(testId)}/recipients`,
          read: readRecipient,
          keyOf: (recipient) => recipient.id,
        },
        options,
      ),
    get: (testId, id, filter, options) =>
      readOne(
        api,
        {
          ...ofTest(testId, filter),
          endpoint: `${TESTS}/{pst_id}/recipients/{recipient_id}`,
          path: `${TESTS}/${segment(testId)}/recipients/${segment(id)}`,
          read: readRecipient,
        },
        options,
      ),
  },
});
