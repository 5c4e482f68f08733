/** What a token of our own API may do. */
export const scopes = [
  'directory',
  'training',
  'phishing',
  'risk',
  'connections',
  'sync',
  'webhooks',
  'metrics',
  'audit',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Name of the token that commands use beside a server; no caller can make one of this name. */
export const COMMAND_TOKEN = 'commands beside the server';

/** An API token. The secret itself is shown once and never stored. */
export type ApiToken = {
  /** `tok_` and 16 random characters. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids of the connections it reaches; null = all. */
  readonly connections: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** Last four characters of the secret, to recognise it by. */
  readonly lastFour: string;
};
