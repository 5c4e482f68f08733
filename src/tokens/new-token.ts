import { ForeknowError } from '../errors/errors.ts';
import { type FieldPolicy, readFieldPolicy, stricter } from '../model/field-policy.ts';
import type { TokenFields } from './ports.ts';
import {
  type ApiToken,
  COMMAND_TOKEN,
  includesScope,
  type Scope,
  type ScopeWord,
  scopes,
  scopeWords,
  type TokenKind,
  type TokenSettings,
} from './token.ts';

type Reach = {
  /** Ids of the connections it reaches. */
  readonly connections?: readonly string[];
  /** It also reaches every connection that has one of these, now and later. Absent, as the connections: all. */
  readonly tags?: readonly string[];
};

export type NewToken = Reach & {
  readonly name: string;
  readonly scopes: readonly ScopeWord[];
  /** ISO 8601; absent = never. */
  readonly expiresAt?: string;
  readonly fieldPolicy?: FieldPolicy;
  /** The server's own, for commands beside it: the audit log believes its holder who they are. */
  readonly forCommands?: boolean;
};

export type DerivedToken = Reach & {
  readonly kind: DerivedKind;
  readonly name?: string;
  /** Absent: what its maker may read. */
  readonly scopes?: readonly ScopeWord[];
  /** ISO 8601; null = as long as its maker; absent: 15 minutes for an account token, 90 days for one of MCP. */
  readonly expiresAt?: string | null;
  readonly fieldPolicy?: FieldPolicy;
  readonly settings?: TokenSettings;
};

export type DerivedKind = Exclude<TokenKind, 'api'>;

/** Whoever makes it, as far as a new token depends on them. */
export type Maker = ApiToken & { readonly own: Pick<ApiToken, 'connections' | 'tags'> };

const readingScopes = ['directory', 'training', 'phishing.aggregate', 'phishing.identified', 'risk', 'proxy'] as const;
/** The most that tokens of a kind can do. */
const derivedScopes: Readonly<Record<DerivedKind, readonly Scope[]>> = {
  account: [...readingScopes, 'proxy.write', 'write'],
  // Plans, which people decide about: nothing that an agent does reaches KnowBe4.
  mcp: [...readingScopes, 'provisioning'],
};
/** How long they live where nobody says otherwise. The first is what clients of Truto's API are used to. */
const lifeMs: Readonly<Record<DerivedKind, number>> = { account: 15 * 60_000, mcp: 90 * 86_400_000 };
/** A token that ends sooner is of no use to anybody. */
const LEAST_LIFE_MS = 60_000;

type Fields = Omit<ApiToken, 'id' | 'lastFour'>;

/** @throws ForeknowError `invalid_request`, `connection_not_allowed` */
export function parseNewToken(input: NewToken, maker: Maker | null, now: Date): Fields {
  const name = nameOf(input.name, input.forCommands === true);
  return {
    ...unused(now),
    kind: 'api',
    name,
    scopes: scopesOf(input.scopes),
    ...boundTo(input, maker?.own ?? null),
    fieldPolicy: policyOf(input.fieldPolicy, maker),
    parentId: null,
    settings: {},
    expiresAt: input.expiresAt === undefined ? null : timeOf(input.expiresAt, now),
  };
}

/** The operator, as a maker: there is nothing above what they make. */
const operator: Pick<Maker, 'kind' | 'name' | 'scopes' | 'connections' | 'fieldPolicy' | 'expiresAt'> = {
  ...{ kind: 'api', name: 'the operator', scopes: ['admin'], connections: null, fieldPolicy: null, expiresAt: null },
};

/**
 * @param by null = the operator
 * @throws ForeknowError `invalid_request`, `scope_missing`, `connection_not_allowed`
 */
export function parseDerived(input: DerivedToken, by: Maker | null, now: Date): Fields {
  const maker = by ?? operator;
  const { kind, settings = {} } = input;
  if (maker.kind !== 'api') throw invalid('kind', 'Only an API token can make tokens.');
  if (kind === 'account' && (input.connections?.length !== 1 || input.tags !== undefined))
    throw invalid('connections', 'An account token is for exactly one connection.');
  const beyond = input.connections?.find((id) => maker.connections !== null && !maker.connections.includes(id));
  if (beyond !== undefined) throw notReached('connections');
  return {
    ...unused(now),
    kind,
    name: nameOf(input.name ?? `${kind} token of ${maker.name}`.slice(0, 100), false),
    scopes: derivedScopesOf(kind, input.scopes, maker),
    ...boundTo(input, null),
    fieldPolicy: policyOf(input.fieldPolicy, maker),
    parentId: by?.id ?? null,
    settings,
    expiresAt: derivedExpiry(input, maker, now),
  };
}

/** What may be changed of an agent's token. */
export type TokenPatch = {
  readonly name?: string;
  /** In the place of those it had. */
  readonly settings?: TokenSettings;
  /** ISO 8601. */
  readonly expiresAt?: string;
};

/** @throws ForeknowError `invalid_request` */
export function parsePatch(token: ApiToken, patch: TokenPatch, by: Maker, now: Date): TokenFields {
  const { name, settings = token.settings, expiresAt } = patch;
  return {
    name: name === undefined ? token.name : nameOf(name, false),
    settings,
    expiresAt: expiresAt === undefined ? token.expiresAt : derivedExpiry({ kind: 'mcp', expiresAt }, by, now),
  };
}

const unused = (now: Date) => ({
  createdAt: now.toISOString(),
  lastUsedAt: null,
  revokedAt: null,
  previousUntil: null,
});

function nameOf(text: string, forCommands: boolean): string {
  const name = text.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give the token a name of up to 100 characters.');
  if ((name === COMMAND_TOKEN) !== forCommands) throw invalid('name', 'This name is kept for the server itself.');
  return name;
}

function scopesOf(words: readonly string[]): readonly Scope[] {
  const unknown = words.find((word) => !(scopeWords as readonly string[]).includes(word));
  if (unknown !== undefined) throw invalid('scopes', `There is no scope ${unknown}; there are ${scopes.join(', ')}.`);
  if (words.length === 0) throw invalid('scopes', `Name at least one scope of ${scopes.join(', ')}.`);
  return [...new Set(words.map((word) => (word === 'phishing' ? 'phishing.identified' : (word as Scope))))];
}

function derivedScopesOf(
  kind: DerivedKind,
  words: readonly string[] | undefined,
  maker: Pick<Maker, 'scopes'>,
): readonly Scope[] {
  const most = derivedScopes[kind];
  if (words === undefined) {
    const readable = readingScopes.filter((scope) => includesScope(maker.scopes, scope));
    if (readable.length > 0) return readable;
    throw lacks('directory', 'A token without any of the reading scopes has nothing to hand on.');
  }
  const wanted = scopesOf(words);
  const foreign = wanted.find((scope) => !most.includes(scope));
  if (foreign !== undefined)
    throw invalid(
      'scopes',
      `A token of the kind ${kind} cannot have the scope ${foreign}; it can have ${most.join(', ')}.`,
    );
  const missing = wanted.find((scope) => !includesScope(maker.scopes, scope));
  if (missing !== undefined) throw lacks(missing, `The token lacks the scope "${missing}" itself.`);
  return wanted;
}

/** @param bounds what its maker is bound to; null = nothing */
function boundTo({ connections, tags }: Reach, bounds: Pick<ApiToken, 'connections' | 'tags'> | null) {
  if (connections?.length === 0) throw invalid('connections', 'Name at least one connection, or none of them for all.');
  if (tags?.length === 0) throw invalid('tags', 'Name at least one tag, or leave tags out.');
  const isBound = bounds !== null && (bounds.connections !== null || bounds.tags !== null);
  const isOpen = connections === undefined && tags === undefined;
  if (isBound && isOpen) return { connections: bounds.connections, tags: bounds.tags };
  // A connection that is reached by a tag alone may lose it: it cannot be handed on by its id.
  if (isBound && !isAmong(connections, bounds.connections)) throw notReached('connections');
  if (isBound && !isAmong(tags, bounds.tags)) throw notReached('tags');
  return {
    connections: connections === undefined ? null : [...new Set(connections)],
    tags: tags === undefined ? null : [...new Set(tags)],
  };
}

const isAmong = (wanted: readonly string[] | undefined, bounds: readonly string[] | null): boolean =>
  (wanted ?? []).every((one) => bounds?.includes(one) ?? false);

function policyOf(wanted: FieldPolicy | undefined, maker: Pick<Maker, 'fieldPolicy'> | null): FieldPolicy | null {
  const policy = wanted === undefined ? null : readFieldPolicy(wanted);
  return stricter(policy, maker?.fieldPolicy ?? null);
}

/** Not later than the maker's own. */
function derivedExpiry({ kind, expiresAt }: DerivedToken, maker: Pick<Maker, 'expiresAt'>, now: Date): string | null {
  if (expiresAt === null && kind === 'mcp') throw invalid('expires_at', 'A token for MCP needs an expiry.');
  if (expiresAt === null) return maker.expiresAt;
  const wanted =
    expiresAt === undefined
      ? new Date(now.getTime() + lifeMs[kind]).toISOString()
      : timeOf(expiresAt, now, LEAST_LIFE_MS);
  return maker.expiresAt !== null && maker.expiresAt < wanted ? maker.expiresAt : wanted;
}

function timeOf(text: string, now: Date, leastMs = 0): string {
  const expiry = new Date(text);
  if (Number.isNaN(expiry.getTime())) throw invalid('expires_at', 'The expiry is not a time in ISO 8601.');
  if (expiry <= now) throw invalid('expires_at', 'The expiry lies in the past.');
  if (expiry.getTime() < now.getTime() + leastMs)
    throw invalid('expires_at', `The expiry must be at least ${leastMs / 1000} seconds ahead.`);
  return expiry.toISOString();
}

const invalid = (field: string, detail: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field });

const notReached = (field: string): ForeknowError =>
  new ForeknowError('connection_not_allowed', {
    detail: 'A token cannot make one that reaches further than itself.',
    hint: 'Name connections or tags that the token itself is bound to.',
    field,
  });

const lacks = (scope: Scope, detail: string): ForeknowError =>
  new ForeknowError('scope_missing', {
    detail,
    hint: `Use a token that has the scope ${scope}.`,
    field: 'scopes',
    issues: [{ field: 'scope', reason: scope }],
  });
