import type { Connection } from '../connections/connection.ts';

/** A row of `connections`. */
export type ConnectionRow = {
  id: string;
  name: string;
  tenant: string | null;
  tags: string;
  region: string;
  base_urls: string;
  state: string;
  paused_at: string | null;
  last_error: string | null;
  settings: string;
  account: string | null;
  account_key: string | null;
  created_at: string;
  updated_at: string;
};

const textOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

/** Values in the order of the table's columns, the id last. */
export const toConnectionRow = (connection: Connection): (string | null)[] => [
  connection.name,
  connection.tenant,
  JSON.stringify(connection.tags),
  connection.region,
  JSON.stringify(connection.baseUrls),
  connection.state,
  connection.pausedAt,
  textOrNull(connection.lastError),
  JSON.stringify(connection.settings),
  textOrNull(connection.account),
  connection.accountKey,
  connection.createdAt,
  connection.updatedAt,
  connection.id,
];

/** Our own writing is trusted: nothing but `toConnectionRow` fills the table. */
export const fromConnectionRow = (row: ConnectionRow): Connection => ({
  id: row.id,
  name: row.name,
  tenant: row.tenant,
  tags: JSON.parse(row.tags) as string[],
  region: row.region as Connection['region'],
  baseUrls: JSON.parse(row.base_urls) as Connection['baseUrls'],
  state: row.state as Connection['state'],
  pausedAt: row.paused_at,
  lastError: parsed(row.last_error),
  settings: JSON.parse(row.settings) as Connection['settings'],
  account: parsed(row.account),
  accountKey: row.account_key,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
