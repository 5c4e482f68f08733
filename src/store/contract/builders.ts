import type { Connection } from '../../connections/connection.ts';
import type { SealedSecret } from '../../connections/ports.ts';
import type { NewChange, PageCommit, Pass, RowWrite, RunRecord, Scope, StreamState } from '../../sync/ports.ts';
import type { ApiToken } from '../../tokens/token.ts';
import type { CompletenessProof } from '../../wire/proof.ts';
import type {
  AccountRecord,
  EmbeddedUser,
  EnrollmentRecord,
  GroupRecord,
  RecipientRecord,
  UserRecord,
} from '../../wire/records.ts';

/** The connection of everything built here. */
export const con = 'con_aaaaaaaaaaaaaaaa';

/** Instants of the tests, in seconds after a fixed morning. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 2, 8, 0, seconds)).toISOString();

export const aConnection = (changes: Partial<Connection> = {}): Connection => ({
  id: con,
  name: 'example-foods',
  tenant: null,
  tags: [],
  region: 'eu',
  baseUrls: {},
  state: 'active',
  pausedAt: null,
  lastError: null,
  settings: {},
  account: null,
  accountKey: null,
  createdAt: at(0),
  updatedAt: at(0),
  ...changes,
});

export const aSecret = (changes: Partial<SealedSecret> = {}): SealedSecret => ({
  connectionId: con,
  kind: 'reporting',
  sealed: 'v1.sealed',
  fingerprint: '0123abcd',
  createdAt: at(0),
  ...changes,
});

export const aToken = (changes: Partial<ApiToken> = {}): ApiToken => ({
  id: 'tok_aaaaaaaaaaaaaaaa',
  kind: 'api',
  name: 'reports',
  scopes: ['directory'],
  connections: null,
  tags: null,
  fieldPolicy: null,
  parentId: null,
  settings: {},
  createdAt: at(0),
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  lastFour: 'wxyz',
  previousUntil: null,
  ...changes,
});

export const aRun = (changes: Partial<RunRecord> = {}): RunRecord => ({
  id: 'run_1',
  connectionId: con,
  trigger: 'manual',
  level: 'full',
  status: 'running',
  startedAt: at(0),
  endedAt: null,
  streams: [],
  requests: 0,
  pages: 0,
  rows: 0,
  changes: 0,
  estimate: null,
  error: null,
  ...changes,
});

export const aPass = (changes: Partial<Pass> = {}): Pass => ({
  id: 'pas_1',
  connectionId: con,
  stream: 'users',
  scope: 'all',
  runId: 'run_1',
  startedAt: at(0),
  checkpoint: null,
  pages: 0,
  rows: 0,
  ...changes,
});

export const aState = (changes: Partial<StreamState> = {}): StreamState => ({
  connectionId: con,
  stream: 'users',
  status: 'fresh',
  baselineAt: at(1),
  lastStartedAt: at(0),
  lastCompleteAt: at(1),
  lastRefreshedAt: at(1),
  parkedUntil: null,
  lastProof: aProof,
  lastError: null,
  rows: 3,
  ...changes,
});

const aProof: CompletenessProof = {
  complete: true,
  why: 'cursor_ended',
  detail: 'The last page named no next one.',
  mode: 'cursor',
  pages: 1,
  requests: 1,
  rows: 3,
  duplicates: 0,
  badRows: 0,
  fromFirstPage: true,
  startedAt: at(0),
  endedAt: at(1),
};

export const aPage = (changes: Partial<PageCommit> = {}): PageCommit => {
  const rows = changes.rows ?? [];
  return {
    connectionId: con,
    runId: 'run_1',
    passId: 'pas_1',
    stream: 'users',
    at: at(1),
    rows,
    seenKeys: rows.map((row) => row.key),
    changes: [],
    membershipsAdded: [],
    membershipsRemoved: [],
    riskPoints: [],
    checkpoint: 'page:2',
    baseline: false,
    ...changes,
  };
};

export const aChange = (changes: Partial<NewChange> = {}): NewChange => ({
  kind: 'user.updated',
  stream: 'users',
  key: '1',
  at: at(1),
  current: { jobTitle: 'Payroll Lead' },
  previous: { jobTitle: 'Clerk' },
  ...changes,
});

export const aUser = (id: string, changes: Partial<UserRecord> = {}): UserRecord => ({
  id,
  employeeNumber: null,
  firstName: 'Amara',
  lastName: `Lindqvist ${id}`,
  jobTitle: null,
  email: `Amara.${id}@example.com`,
  phishPronePercent: null,
  phoneNumber: null,
  extension: null,
  mobilePhoneNumber: null,
  location: null,
  division: null,
  managerName: null,
  managerEmail: null,
  provisioningManaged: null,
  provisioningGuid: null,
  groupIds: [],
  riskScore: null,
  aliases: [],
  joinedOn: null,
  lastSignIn: null,
  status: 'active',
  organization: null,
  department: null,
  language: null,
  comment: null,
  employeeStartDate: null,
  archivedAt: null,
  customField1: null,
  customField2: null,
  customField3: null,
  customField4: null,
  customDate1: null,
  customDate2: null,
  ...changes,
});

const aPerson = (id: string): EmbeddedUser => ({
  id,
  firstName: 'Amara',
  lastName: `Lindqvist ${id}`,
  email: `Amara.${id}@example.com`,
  employeeNumber: null,
  provisioningGuid: null,
});

export const anEnrollment = (
  id: string,
  userId: string,
  changes: Partial<EnrollmentRecord> = {},
): EnrollmentRecord => ({
  id,
  contentType: 'Store Purchase',
  moduleName: 'Passwords',
  user: aPerson(userId),
  campaignName: 'Yearly training',
  campaignId: '7',
  storePurchaseId: '70',
  enrollmentDate: at(0),
  startDate: null,
  completionDate: null,
  status: 'Not Started',
  timeSpentSeconds: null,
  policyAcknowledged: null,
  score: null,
  ...changes,
});

export const aRecipient = (id: string, userId: string, changes: Partial<RecipientRecord> = {}): RecipientRecord => ({
  id,
  testId: '9',
  campaignType: 'email',
  user: aPerson(userId),
  template: null,
  scheduledAt: at(0),
  deliveredAt: at(0),
  openedAt: null,
  clickedAt: null,
  repliedAt: null,
  attachmentOpenedAt: null,
  macroEnabledAt: null,
  dataEnteredAt: null,
  qrCodeScannedAt: null,
  reportedAt: null,
  bouncedAt: null,
  failedAt: null,
  ip: null,
  ipLocation: null,
  browser: null,
  browserVersion: null,
  os: null,
  ...changes,
});

export const aGroup = (id: string, changes: Partial<GroupRecord> = {}): GroupRecord => ({
  id,
  name: `Group ${id}`,
  groupType: 'console_group',
  provisioningGuid: null,
  memberCount: 0,
  riskScore: null,
  status: 'active',
  ...changes,
});

export const anAccount = (adminIds: readonly string[]): AccountRecord => ({
  name: 'Example Foods',
  type: 'paid',
  domains: ['example.com'],
  admins: adminIds.map((id) => ({
    id,
    firstName: 'Amara',
    lastName: `Lindqvist ${id}`,
    email: `Amara.${id}@example.com`,
  })),
  subscriptionLevel: 'Diamond',
  subscriptionEndDate: null,
  seats: 100,
  riskScore: null,
});

type Rowable = RowWrite['record'] & { readonly id?: string };

/** A row of the record: its raw form is the record itself, its digests follow from `version`. */
export const aRow = (record: Rowable, changes: Partial<RowWrite> & { version?: number } = {}): RowWrite => {
  const { version = 1, ...rest } = changes;
  const key = rest.key ?? record.id ?? 'account';
  return {
    key,
    scope: 'all' satisfies Scope,
    raw: record as Readonly<Record<string, unknown>>,
    record,
    digest: `digest-${key}-${version}`,
    seenDigest: `seen-${key}-${version}`,
    changed: false,
    ...rest,
  };
};
