/** Clients for KnowBe4's APIs, first of all the Reporting API. Runs wherever the Web platform's APIs are. Not affiliated with KnowBe4. */
export { type ErrorCode, errorCatalog, type Retry } from '../errors/catalog.ts';
export { type ErrorFields, ForeknowError, type Issue, isForeknowError, type RemoteAnswer } from '../errors/errors.ts';
export type { Sleep } from '../lib/sleep.ts';
export {
  documentedLimits,
  type Limits,
  maxPerPage,
  perSeatLimits,
  safeLimits,
  scimLimits,
  scimPace,
} from '../wire/limits.ts';
export type { CompletenessProof, ProofReason } from '../wire/proof.ts';
export type * from '../wire/records.ts';
export { eventsUrl, graphqlUrl, type Region, regionOfAddress, regions, reportingUrl } from '../wire/regions.ts';
export type { BadRow } from '../wire/reporting/read.ts';
export { createReportingClient, noLimits, type ReportingClient, type ReportingClientOptions } from './client.ts';
export {
  createUserEventsClient,
  type NewUserEvent,
  type UserEventFilter,
  type UserEventsClient,
} from './events/user-events.ts';
export type { Pagination, Position } from './pagination.ts';
export {
  createGraphqlClient,
  type GraphqlClient,
  type GraphqlOptions,
  type GraphqlRequest,
} from './product/graphql.ts';
export {
  type ProvisioningReads,
  provisioningReads,
  type SyncCounts,
  type SyncReport,
  type SyncReportItem,
  type SyncReportItems,
  type UserProvisioning,
} from './product/provisioning.ts';
export { createRawClient, type RawAnswer, type RawCall, type RawClient, type RawClientOptions } from './raw.ts';
export type { CallOptions, ListOptions, ListPage, ListRead } from './read-list.ts';
export type { AccountApi, HistoryFilter } from './reporting/account.ts';
export type { Id } from './reporting/api.ts';
export type { GroupFilter, GroupsApi } from './reporting/groups.ts';
export type { CampaignTypeFilter, PhishingApi } from './reporting/phishing.ts';
export type { EnrollmentFilter, TrainingApi, TrainingCampaignFilter } from './reporting/training.ts';
export type { UserFilter, UsersApi } from './reporting/users.ts';
export {
  type ScimCallOptions,
  type ScimClientOptions,
  type ScimRefusal,
  scimRefusalOf,
} from './scim/ask.ts';
export type { ScimOperation } from './scim/change.ts';
export { checkScim } from './scim/check.ts';
export { createScimClient, type ScimClient, type ScimGroups, type ScimUsers } from './scim/client.ts';
export type { ScimCreated } from './scim/create.ts';
export type { ScimDiscovery } from './scim/discovery.ts';
export type { ScimListOptions, ScimListProof, ScimListRead, ScimListReason } from './scim/list.ts';
export type { MemberChange, RefusedMember } from './scim/members.ts';
export { learningLimiter, type Pace } from './scim/pace.ts';
export type { ScimRecord } from './scim/resource.ts';
export {
  type Budget,
  type BudgetAsk,
  type BudgetState,
  emptyBudget,
  memoryBudget,
  takeFrom,
  usedInDay,
  type Verdict,
  type Window,
} from './transport/budget.ts';
export { createLimiter, type Limiter, type LimiterOptions, type Usage } from './transport/limiter.ts';
export type { RetryOptions } from './transport/retry.ts';
export type { SurfaceName } from './transport/surface.ts';
export { type TokenFacts, tokenFacts } from './transport/token.ts';
export type { CallKind, Fetch, Method, RequestEvent } from './transport/types.ts';
