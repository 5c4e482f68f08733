import { createHash, randomBytes } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import type { TokenStore } from './ports.ts';
import { type ApiToken, COMMAND_TOKEN, type Scope, scopes } from './token.ts';

export type TokenDeps = { readonly store: TokenStore; readonly now: () => Date; readonly newId: () => string };

export type NewToken = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids of the connections it reaches; absent = all. */
  readonly connections?: readonly string[];
  /** ISO 8601; absent = never. */
  readonly expiresAt?: string;
  /** The server's own, for commands beside it: the audit log believes its holder who they are. */
  readonly forCommands?: boolean;
};

const PREFIX = 'fk_';
const SECRET = /^fk_[\w-]{43}$/;
const MINUTE_MS = 60_000;

/** The use cases of the room. */
export function tokenRoom({ store, now, newId }: TokenDeps) {
  return {
    /** @returns the token and its secret, which is shown this once and not kept */
    async create(input: NewToken): Promise<{ readonly token: ApiToken; readonly secret: string }> {
      const secret = `${PREFIX}${randomBytes(32).toString('base64url')}`;
      const token = { ...parseNewToken(input, now()), id: newId(), lastFour: secret.slice(-4) };
      await store.createToken(token, hashOf(secret));
      return { token, secret };
    },

    list: (): Promise<readonly ApiToken[]> => store.listTokens(),

    /** @throws ForeknowError `not_found` */
    async revoke(id: string): Promise<void> {
      if (await store.revokeToken(id, now().toISOString())) return;
      throw new ForeknowError('not_found', { detail: `There is no token ${id} that could be revoked.` });
    },

    /**
     * Looks the secret up by its hash, so that no comparison's duration tells anything about a stored one.
     * @throws ForeknowError `unauthenticated`; the message never shows the secret
     */
    async verify(secret: string): Promise<ApiToken> {
      const token = SECRET.test(secret) ? await store.findTokenByHash(hashOf(secret)) : null;
      if (token === null) throw refused('The token is not known.');
      if (token.revokedAt !== null) throw refused('The token was revoked.');
      const at = now();
      if (token.expiresAt !== null && Date.parse(token.expiresAt) <= at.getTime())
        throw refused('The token has expired.');
      return touched(store, token, at);
    },
  };
}

/** SHA-256, hex: the secret has 256 random bits, so a slow hash would add nothing. */
const hashOf = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('hex');

/** Keeps the last use to the minute, so that a busy token costs one write a minute. */
async function touched(store: TokenStore, token: ApiToken, at: Date): Promise<ApiToken> {
  const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
  if (token.lastUsedAt !== null && token.lastUsedAt >= minute) return token;
  await store.touchToken(token.id, minute);
  return { ...token, lastUsedAt: minute };
}

function parseNewToken(input: NewToken, now: Date): Omit<ApiToken, 'id' | 'lastFour'> {
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give the token a name of up to 100 characters.');
  if ((name === COMMAND_TOKEN) !== (input.forCommands === true))
    throw invalid('name', 'This name is kept for the server itself.');
  const unknown = input.scopes.find((scope) => !scopes.includes(scope));
  if (unknown !== undefined) throw invalid('scopes', `There is no scope ${unknown}; there are ${scopes.join(', ')}.`);
  if (input.scopes.length === 0) throw invalid('scopes', `Name at least one scope of ${scopes.join(', ')}.`);
  if (input.connections?.length === 0)
    throw invalid('connections', 'Name at least one connection, or none of them for all.');
  return {
    name,
    scopes: [...new Set(input.scopes)],
    connections: input.connections === undefined ? null : [...new Set(input.connections)],
    createdAt: now.toISOString(),
    expiresAt: input.expiresAt === undefined ? null : parseExpiry(input.expiresAt, now),
    lastUsedAt: null,
    revokedAt: null,
  };
}

function parseExpiry(text: string, now: Date): string {
  const expiry = new Date(text);
  if (Number.isNaN(expiry.getTime())) throw invalid('expires_at', 'The expiry is not a time in ISO 8601.');
  if (expiry <= now) throw invalid('expires_at', 'The expiry lies in the past.');
  return expiry.toISOString();
}

const invalid = (field: string, detail: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field });

const refused = (detail: string): ForeknowError =>
  new ForeknowError('unauthenticated', {
    detail,
    hint: 'Send Authorization: Bearer and a token of this server; foreknow keys create makes one.',
  });
