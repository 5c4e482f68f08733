import type { FieldPolicy } from '../model/field-policy.ts';

/** What a token of our own API may do. */
export const scopes = [
  'directory',
  'training',
  'phishing.aggregate',
  'phishing.identified',
  'risk',
  'proxy',
  'proxy.write',
  'write',
  'connections',
  'sync',
  'provisioning',
  'webhooks',
  'metrics',
  'audit',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Words of callers: `phishing` is an older name of `phishing.identified`. */
export const scopeWords = [...scopes, 'phishing'] as const;
export type ScopeWord = (typeof scopeWords)[number];

/** Scopes that hold others. */
const implied: Partial<Record<Scope, Scope>> = {
  'phishing.identified': 'phishing.aggregate',
  'proxy.write': 'proxy',
};

/** `admin` may do everything; any other scope is needed by name, or by one that holds it. */
export const includesScope = (held: readonly Scope[], wanted: Scope): boolean =>
  held.some((scope) => scope === wanted || scope === 'admin' || implied[scope] === wanted);

/**
 * `api`: for programs and people of the operator. `account`: one connection’s data, for whoever works for it. `mcp`: for an
 * agent, reading only. The last two are derived from an API token and die with it.
 */
export const tokenKinds = ['api', 'account', 'mcp'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** How secrets of each kind begin. */
export const prefixes: Readonly<Record<TokenKind, string>> = { api: 'fk_', account: 'fka_', mcp: 'fkm_' };

/** Name of the token that commands use beside a server; no caller can make one of this name. */
export const COMMAND_TOKEN = 'commands beside the server';

/** What a token is set to beside its rights. */
export type TokenSettings = {
  /** Where the KnowBe4-shaped addresses read: KnowBe4 itself, or the mirror. */
  readonly source?: 'live' | 'mirror';
  /** Which of the tools that its scopes open an agent is offered; absent: all of them. */
  readonly tools?: ToolFilter;
  /** Of an agent's token: it works only where an API token is sent as well. */
  readonly requireApiToken?: boolean;
};

/** Tools have to be of one of the methods, and about nothing else than the tags, where any are named. */
export type ToolFilter = {
  /** `read`, `list`, `get` or the name of a tool. */
  readonly methods?: readonly string[];
  /** What tools are about: `directory`, `training`, `phishing`, `risk`, `proxy`, `connections`. */
  readonly tags?: readonly string[];
};

/** A token of our API. The secret itself is shown once and never stored. */
export type ApiToken = {
  /** `tok_` and 16 random characters. */
  readonly id: string;
  readonly kind: TokenKind;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids of the connections it reaches, together with those that have one of its tags; both null = all. */
  readonly connections: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** Fields of people that it is not told; null = none. */
  readonly fieldPolicy: FieldPolicy | null;
  /** The token that it was derived from: it does no more than that one, and dies with it. */
  readonly parentId: string | null;
  readonly settings: TokenSettings;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** Last four characters of the secret, to recognise it by. */
  readonly lastFour: string;
  /** Until when the secret before the present one works as well. */
  readonly previousUntil: string | null;
};
