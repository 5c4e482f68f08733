import { createHash, randomBytes } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import { stricter } from '../model/field-policy.ts';
import {
  type DerivedToken,
  type NewToken,
  parseDerived,
  parseNewToken,
  parsePatch,
  type TokenPatch,
} from './new-token.ts';
import type { TokenStore } from './ports.ts';
import { type ApiToken, includesScope, prefixes, type TokenKind } from './token.ts';

export type TokenDeps = {
  readonly store: TokenStore;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Ids of the connections that have one of the tags now. */
  readonly tagged: (tags: readonly string[]) => Promise<readonly string[]>;
};

/** A token as it may be used now: what it was derived from has been taken into account. */
export type VerifiedToken = ApiToken & {
  /** Ids of the connections it reaches at this moment; null = all. */
  readonly connections: readonly string[] | null;
  /** What it is bound to, as it was made. */
  readonly own: Pick<ApiToken, 'connections' | 'tags'>;
};

export type WithSecret = { readonly token: ApiToken /** Shown once. */; readonly secret: string };

const SECRET = /^fk[am]?_[\w-]{43}$/;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Derived tokens are kept this long after they have expired. */
const KEPT_MS = DAY_MS;
/** How long the old secret goes on after a rotation. */
const OVERLAP_SECONDS = 86_400;
const MOST_OVERLAP_SECONDS = 30 * 86_400;

/** The use cases of the room. */
export function tokenRoom({ store, now, newId, tagged }: TokenDeps) {
  const keep = async (fields: Omit<ApiToken, 'id' | 'lastFour'>): Promise<WithSecret> => {
    const secret = newSecret(fields.kind);
    const token = { ...fields, id: newId(), lastFour: secret.slice(-4) };
    await store.createToken(token, hashOf(secret), new Date(now().getTime() - KEPT_MS).toISOString());
    return { token, secret };
  };

  const reachOf = async ({ connections, tags }: ApiToken): Promise<readonly string[] | null> => {
    if (tags === null) return connections;
    return [...new Set([...(connections ?? []), ...(await tagged(tags))])];
  };

  /** What is left of a token's rights by what it was derived from. */
  const effective = async (token: ApiToken): Promise<VerifiedToken> => {
    const own = { connections: token.connections, tags: token.tags };
    const connections = await reachOf(token);
    if (token.parentId === null) return { ...token, connections, own };
    const maker = await store.getToken(token.parentId);
    if (maker === null || endOf(maker, now()) !== null) throw refused('The token that it was derived from has ended.');
    const above = await effective(maker);
    return {
      ...token,
      scopes: token.scopes.filter((scope) => includesScope(above.scopes, scope)),
      connections: common(connections, above.connections),
      fieldPolicy: stricter(token.fieldPolicy, above.fieldPolicy),
      own,
    };
  };

  return {
    /**
     * @param maker whose token it is made with, beyond whose reach and under whose field policy it cannot be; null = the operator
     * @throws ForeknowError `invalid_request`, `connection_not_allowed`
     */
    create: async (input: NewToken, maker: VerifiedToken | null = null): Promise<WithSecret> =>
      keep(parseNewToken(input, maker, now())),

    /**
     * A token that does no more than its maker and dies with it.
     * @param maker null = the operator
     * @throws ForeknowError `invalid_request`, `scope_missing`, `connection_not_allowed`
     */
    derive: async (input: DerivedToken, maker: VerifiedToken | null): Promise<WithSecret> =>
      keep(parseDerived(input, maker, now())),

    list: (): Promise<readonly ApiToken[]> => store.listTokens(),

    /** A token as it may be used now, for who needs no secret to use it. @throws ForeknowError `unauthenticated` */
    async standing(id: string): Promise<VerifiedToken> {
      const token = await store.getToken(id);
      const end = token === null ? 'There is no such token.' : endOf(token, now());
      if (token === null || end !== null) throw refused(end!);
      return effective(token);
    },

    /**
     * Gives a token a new secret. The old one goes on for a while, so that its user can change at their leisure; the one before
     * that ends at once.
     * @param overlapSeconds 0: the old one ends now; up to 30 days
     * @throws ForeknowError `not_found`, `invalid_request`
     */
    async rotate(id: string, overlapSeconds: number = OVERLAP_SECONDS): Promise<WithSecret> {
      if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > MOST_OVERLAP_SECONDS)
        throw badOverlap();
      const token = await store.getToken(id);
      if (token === null || endOf(token, now()) !== null) throw noToken(id, 'rotated');
      const secret = newSecret(token.kind);
      const previousUntil =
        overlapSeconds === 0 ? null : new Date(now().getTime() + overlapSeconds * 1000).toISOString();
      const lastFour = secret.slice(-4);
      if (!(await store.rotateToken({ id, hash: hashOf(secret), lastFour, previousUntil })))
        throw noToken(id, 'rotated');
      return { token: { ...token, lastFour, previousUntil }, secret };
    },

    /**
     * Changes an agent's token: what it is called, which tools it is offered, how long it lives. What it may read stays.
     * @param by who asks: the token cannot outlive theirs
     * @throws ForeknowError `not_found`, `invalid_request`
     */
    async update(id: string, patch: TokenPatch, by: VerifiedToken): Promise<ApiToken> {
      const token = await store.getToken(id);
      if (token?.kind !== 'mcp' || endOf(token, now()) !== null) throw noToken(id, 'changed');
      const fields = parsePatch(token, patch, by, now());
      if (!(await store.updateToken(id, fields))) throw noToken(id, 'changed');
      return { ...token, ...fields };
    },

    /** Ends both secrets. @throws ForeknowError `not_found` */
    async revoke(id: string): Promise<void> {
      if (await store.revokeToken(id, now().toISOString())) return;
      throw noToken(id, 'revoked');
    },

    /**
     * Looks the secret up by its hash, so that no comparison's duration tells anything about a stored one.
     * @throws ForeknowError `unauthenticated`; the message never shows the secret
     */
    async verify(secret: string): Promise<VerifiedToken> {
      const found = SECRET.test(secret) ? await store.findTokenByHash(hashOf(secret)) : null;
      if (found === null) throw refused('The token is not known.');
      const { token, isPrevious } = found;
      const at = now();
      const end = endOf(token, at);
      if (end !== null) throw refused(end);
      if (isPrevious && isOver(token.previousUntil, at)) throw refused('The secret was replaced by a new one.');
      return touched(store, await effective(token), at);
    },
  };
}

const newSecret = (kind: TokenKind): string => `${prefixes[kind]}${randomBytes(32).toString('base64url')}`;

/** SHA-256, hex: the secret has 256 random bits, so a slow hash would add nothing. */
const hashOf = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('hex');

const isOver = (until: string | null, at: Date): boolean => until === null || Date.parse(until) <= at.getTime();

/** Why a token cannot be used any more; null when it can. */
function endOf({ revokedAt, expiresAt }: ApiToken, at: Date): string | null {
  if (revokedAt !== null) return 'The token was revoked.';
  return expiresAt !== null && isOver(expiresAt, at) ? 'The token has expired.' : null;
}

const common = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one === null ? other : other === null ? one : one.filter((id) => other.includes(id));

/** Keeps the last use to the minute, so that a busy token costs one write a minute. */
async function touched(store: TokenStore, token: VerifiedToken, at: Date): Promise<VerifiedToken> {
  const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
  if (token.lastUsedAt !== null && token.lastUsedAt >= minute) return token;
  await store.touchToken(token.id, minute);
  return { ...token, lastUsedAt: minute };
}

const noToken = (id: string, what: 'revoked' | 'rotated' | 'changed'): ForeknowError =>
  new ForeknowError('not_found', { detail: `There is no token ${id} that could be ${what}.` });

const badOverlap = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `The overlap must be a whole number of seconds from 0 to ${MOST_OVERLAP_SECONDS} (30 days).`,
    field: 'overlap_seconds',
  });

const refused = (detail: string): ForeknowError =>
  new ForeknowError('unauthenticated', {
    detail,
    hint: 'Send Authorization: Bearer and a token of this server; foreknow keys create makes one.',
  });
