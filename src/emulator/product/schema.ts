import { permissionNames } from './roles.ts';

/**
 * A small part of the console's GraphQL, in the names of public clients' queries and of a public introspection of
 * August 2023 (mkbabb/knowbe4-scripts); `role` and `emailAliases` as newer clients read them. All descriptions are ours.
 */
const listArguments = 'per: Int = 25, page: Int = 1, all: Boolean = false';

export const schemaText = /* GraphQL */ `
  scalar ISO8601DateTime
  scalar ISO8601Date

  type Query {
    account(id: Int): Account!
    users(
      ${listArguments}
      search: String
      searchTypes: [UserSearchTypes!]
      status: UserStatusFilters = ALL
      type: UserTypeFilters = ALL
      group: Int
      sortBy: UserSortFields
      sortDirection: SortDirections = ASCENDING
    ): UsersCursor!
    user(id: Int!): User!
    groups(${listArguments}, search: String, status: GroupStatuses = ACTIVE): GroupsCursor!
    group(id: Int!): Group!
    securityRoles(${listArguments}, search: String): SecurityRolesCursor!
    securityRole(id: Int!): SecurityRole!
    ldapSyncReports(${listArguments}, source: LdapSyncReportSourceFilters = ALL): LdapSyncReportsCursor!
    ldapSyncReport(id: Int!): LdapSyncReport!
    ldapSyncReportItems(
      ${listArguments}
      ldapSyncReportId: Int!
      action: LdapSyncReportItemActions
      type: LdapSyncReportItemTypes
      status: LdapSyncReportItemStatuses
    ): LdapSyncReportItemsCursor!
    apiTokens(${listArguments}): ApiTokensCursor!
    webhooks(${listArguments}): WebhooksCursor!
  }

  type Mutation {
    "Fails inside a good answer when the name is shorter than four characters or taken."
    groupCreate(attributes: GroupAttributes!): GroupsCreatePayload
    apiTokensCreate(attributes: ApiTokenAttributes!): ApiTokensCreatePayload
    "What the button of the console does. Too soon after the last sync its report is SKIPPED."
    forceSyncScim: ForceSyncScimPayload
    "Empties the store that SCIM writes to; the accounts stay until the next sync."
    purgeScimV2(type: ScimV2PurgeTypes!): PurgeScimV2Payload
  }

  enum SortDirections { ASCENDING DESCENDING }
  enum UserStatusFilters { ALL ACTIVE ARCHIVED }
  enum UserTypeFilters { ALL USER ADMIN }
  enum UserSearchTypes { ALL EMAIL EMAIL_ALIAS FIRST_NAME LAST_NAME FIRST_AND_LAST_NAME }
  enum UserSortFields { USER FIRST_NAME LAST_NAME RISK_SCORE CREATED_AT LAST_SIGN_IN_AT ARCHIVED_AT }
  enum GroupStatuses { ALL ACTIVE ARCHIVED }
  enum GroupTypes { CONSOLE SMART ADI_MANAGED }
  enum SecurityRoleScopeables { USERS TRAINING_CAMPAIGNS TRAINING_REPORTS PHISHING_CAMPAIGNS PHISHING_REPORTS }
  enum UserProvisioningSources { ADI SCIM SCIM_V2 }
  enum UserProvisioningScimStatuses { DISCONNECTED CONNECTED PROCESSING }
  enum LdapSyncReportSourceFilters { ALL ADI SCIM SCIM_V2 }
  enum LdapSyncReportStatuses { PENDING PROCESSING COMPLETED SKIPPED }
  enum LdapSyncReportItemActions { ARCHIVED CHANGED CLAIMED CREATED DELETED UNARCHIVED }
  enum LdapSyncReportItemTypes { USER GROUP MEMBERSHIP }
  enum LdapSyncReportItemStatuses { SUCCESS ERROR }
  enum ScimV2PurgeTypes { ALL GROUPS USERS }
  enum ApiScopes { kmsat phisher }

  type Pagination { page: Int! pages: Int! per: Int! totalCount: Int! }
  type Error { field: String placeholders: [String!] reason: String! recordId: String }

  type Account {
    id: Int!
    displayName: String!
    companyName: String
    domain: String!
    allowedDomains: [AllowedDomain!]!
    accountOwner: User
    accountOwners: [User!]!
    accountType: String
    numberOfSeats: String
    userCount: Int
    subscriptionLevel: String
    subscriptionEndDate: ISO8601Date
    latestRiskScore: Float
    userProvisioning: UserProvisioning!
    apiToken: String
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type AllowedDomain { id: Int! name: String! isPrimary: Boolean! }
  type UserProvisioning {
    enabled: Boolean
    source: UserProvisioningSources!
    testMode: Boolean
    scimStatus: UserProvisioningScimStatuses!
    scimV2TenantUrl: String!
    transientScimToken: String
  }

  type User {
    id: Int!
    email: String!
    emailAliases: [EmailAlias!]!
    firstName: String
    lastName: String
    jobTitle: String
    phoneNumber: String
    extension: String
    mobilePhoneNumber: String
    location: String
    division: String
    department: String
    organization: String
    managerName: String
    managerEmail: String
    employeeNumber: String
    employeeStartDate: ISO8601DateTime
    language: String
    comment: String
    customField1: String
    customField2: String
    customField3: String
    customField4: String
    customDate1: ISO8601Date
    customDate2: ISO8601Date
    riskScore: Float
    currentPpp: Float
    admin: Boolean!
    role: String!
    securityRoles: [SecurityRole!]!
    groupIds: [Int!]!
    groups: [Group!]!
    archived: Boolean
    archivedAt: ISO8601DateTime
    lastSignInAt: ISO8601DateTime
    mfaEnabled: Boolean!
    ldapEnabled: Boolean!
    ldapObjectGuid: String
    apiTokens: [ApiToken!]
    account: Account!
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type EmailAlias { email: String! primary: Boolean! }
  type UsersCursor { nodes: [User!]! pagination: Pagination! }

  type Group {
    id: Int!
    name: String!
    displayName: String!
    groupType: GroupTypes!
    status: GroupStatuses!
    memberCount: Int!
    riskScore: Float
    ldapObjectGuid: String
    securityRoles: [SecurityRole!]!
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type GroupsCursor { nodes: [Group!]! pagination: Pagination! }
  input GroupAttributes { name: String groupType: GroupTypes }
  type GroupsCreatePayload { errors: [Error!] node: Group }

  type SecurityRole {
    id: Int!
    name: String!
    groups: [Group!]!
    permissions: SecurityRolePermission!
    userCount: Int!
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type SecurityRolesCursor { nodes: [SecurityRole!]! pagination: Pagination! }
  type SecurityRolePermission {
    id: Int!
    ${permissionNames.map((name) => `${name}: Int!`).join(' ')}
    scopes: [SecurityRolePermissionScope!]!
  }
  type SecurityRolePermissionScope { id: Int! permission: SecurityRoleScopeables! groups: [Group!]! }

  type LdapSyncReport {
    id: Int!
    source: UserProvisioningSources!
    status: LdapSyncReportStatuses!
    testMode: Boolean!
    identityProvider: String
    completedAt: ISO8601DateTime
    userUpdates: LdapSyncReportUpdates!
    groupUpdates: LdapSyncReportUpdates!
    membershipUpdates: LdapSyncReportUpdates!
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type LdapSyncReportUpdates {
    archived: Int
    changed: Int
    claimed: Int
    created: Int
    deleted: Int
    unarchived: Int
    errors: Int!
    success: Int!
  }
  type LdapSyncReportsCursor { nodes: [LdapSyncReport!]! pagination: Pagination! }
  type LdapSyncReportItem {
    id: Int!
    action: LdapSyncReportItemActions!
    type: LdapSyncReportItemTypes!
    status: LdapSyncReportItemStatuses!
    "Whose account it is about; null for a group."
    email: String
    guid: String
    "The name of the group; null for a person."
    group: String
    manager: String
    message: String
    error: String
    createdAt: ISO8601DateTime!
  }
  type LdapSyncReportItemsCursor { nodes: [LdapSyncReportItem!]! pagination: Pagination! }
  type ForceSyncScimPayload { errors: [Error!] node: LdapSyncReport }
  type PurgeScimV2Payload { errors: [Error!] success: Boolean! }

  type ApiToken {
    id: Int!
    name: String!
    active: Boolean!
    scopes: [ApiScopes!]!
    jwt: String!
    user: User
    expiresOn: ISO8601DateTime
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type ApiTokensCursor { nodes: [ApiToken!]! pagination: Pagination! }
  input ApiTokenAttributes { name: String! userId: Int! scopes: [ApiScopes!] expiresOn: ISO8601Date }
  type ApiTokensCreatePayload { errors: [Error!] node: ApiToken }

  type Webhook {
    id: Int!
    name: String!
    url: String!
    status: String!
    bearerToken: String
    createdAt: ISO8601DateTime!
    updatedAt: ISO8601DateTime!
  }
  type WebhooksCursor { nodes: [Webhook!]! pagination: Pagination! }
`;
