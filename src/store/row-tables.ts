import { testKey } from '../sync/streams.ts';
import type { RecordOf, RecordStream } from '../wire/records.ts';
import type { Cell, CellType } from './session.ts';

type Column<R> = { readonly name: string; readonly type?: 'number'; readonly of: (record: R) => Cell };
type RowTable<R> = { readonly table: string; readonly columns: readonly Column<R>[] };

const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;

/** Where each stream's rows live, and what queries need of a record beside its raw form. */
const rowTables: { readonly [S in RecordStream]: RowTable<RecordOf[S]> } = {
  account: { table: 'account_rows', columns: [] },
  users: {
    table: 'user_rows',
    columns: [
      { name: 'email', of: (user) => lower(user.email) },
      { name: 'employee_number', of: (user) => user.employeeNumber },
      { name: 'first_name', of: (user) => user.firstName },
      { name: 'last_name', of: (user) => user.lastName },
      { name: 'name', of: (user) => [user.firstName, user.lastName].filter(Boolean).join(' ') || user.email },
      { name: 'status', of: (user) => user.status },
      { name: 'department', of: (user) => user.department },
      { name: 'division', of: (user) => user.division },
      { name: 'location', of: (user) => user.location },
      { name: 'manager_email', of: (user) => lower(user.managerEmail) },
      { name: 'risk_score', type: 'number', of: (user) => user.riskScore },
      { name: 'phish_prone_percent', type: 'number', of: (user) => user.phishPronePercent },
      { name: 'joined_on', of: (user) => user.joinedOn },
      { name: 'last_sign_in', of: (user) => user.lastSignIn },
      { name: 'archived_at', of: (user) => user.archivedAt },
    ],
  },
  groups: {
    table: 'group_rows',
    columns: [
      { name: 'name', of: (group) => group.name },
      { name: 'group_type', of: (group) => group.groupType },
      { name: 'status', of: (group) => group.status },
      { name: 'risk_score', type: 'number', of: (group) => group.riskScore },
    ],
  },
  phishing_campaigns: {
    table: 'phishing_campaign_rows',
    columns: [{ name: 'status', of: (campaign) => campaign.status }],
  },
  security_tests: {
    table: 'security_test_rows',
    columns: [
      {
        name: 'campaign_key',
        of: (test) => (test.campaignId === null ? null : testKey(test.campaignType, test.campaignId)),
      },
      { name: 'status', of: (test) => test.status },
      { name: 'started_at', of: (test) => test.startedAt },
    ],
  },
  recipients: {
    table: 'recipient_rows',
    columns: [
      { name: 'user_id', of: (recipient) => recipient.user?.id ?? null },
      { name: 'delivered_at', of: (recipient) => recipient.deliveredAt },
      { name: 'failed_at', of: (recipient) => recipient.failedAt },
      { name: 'reported_at', of: (recipient) => recipient.reportedAt },
    ],
  },
  training_campaigns: {
    table: 'training_campaign_rows',
    columns: [
      { name: 'status', of: (campaign) => campaign.status },
      { name: 'start_date', of: (campaign) => campaign.startDate },
      { name: 'end_date', of: (campaign) => campaign.endDate },
    ],
  },
  enrollments: {
    table: 'enrollment_rows',
    columns: [
      { name: 'user_id', of: (enrollment) => enrollment.user?.id ?? null },
      { name: 'campaign_id', of: (enrollment) => enrollment.campaignId },
      { name: 'status', of: (enrollment) => enrollment.status },
      { name: 'enrollment_date', of: (enrollment) => enrollment.enrollmentDate },
      { name: 'completion_date', of: (enrollment) => enrollment.completionDate },
    ],
  },
  store_purchases: { table: 'store_purchase_rows', columns: [] },
  policies: { table: 'policy_rows', columns: [] },
};

export const recordStreams = Object.keys(rowTables) as readonly RecordStream[];

export const isRecordStream = (stream: string): stream is RecordStream => stream in rowTables;

/** Streams whose rows keep from where the next move of their risk score is measured. */
export const keepsRiskTold = (stream: RecordStream): boolean =>
  stream === 'account' || stream === 'users' || stream === 'groups';

export const tableOf = (stream: RecordStream): string => rowTables[stream].table;

export const columnTypesOf = (stream: RecordStream): Readonly<Record<string, CellType>> =>
  Object.fromEntries(rowTables[stream].columns.map(({ name, type }) => [name, type ?? 'text'] as const));

/** Values of the stream's columns, in the order of `columnTypesOf`. */
export function columnsOf(stream: RecordStream, record: RecordOf[RecordStream]): readonly Cell[] {
  const columns = rowTables[stream].columns as readonly Column<RecordOf[RecordStream]>[];
  return columns.map((column) => column.of(record));
}
