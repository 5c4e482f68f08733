import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { TokenUseCases } from '../gateway/types.ts';
import { type ApiToken, includesScope, prefixes, type Scope, type TokenKind } from '../tokens/token.ts';
import type { VerifiedToken } from '../tokens/tokens.ts';
import { addressOf, networkOf } from './address.ts';
import type { Gateway } from './door.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that has a scope. */
    token: VerifiedToken | null;
  }
  interface FastifyContextConfig {
    /** The scope that a route needs; null: any valid token; absent: open to everyone. */
    scope?: Scope | null;
    /** The token may stand in the path, where a caller can send no header. */
    isTokenInPath?: boolean;
  }
}

/** `admin` may do everything; any other scope is needed by name, or by one that holds it. */
export const hasScope = (token: ApiToken, scope: Scope): boolean => includesScope(token.scopes, scope);

/** @throws ForeknowError `scope_missing` */
export function requireScope(token: ApiToken, scope: Scope, what: string): void {
  if (hasScope(token, scope)) return;
  throw new ForeknowError('scope_missing', {
    detail: `The token lacks the scope "${scope}", which ${what} needs.`,
    hint: `Create a token that has it: foreknow keys create --scope ${scope} …`,
    issues: [{ field: 'scope', reason: scope }],
  });
}

/** The token of an authenticated request. */
export function tokenOf(request: FastifyRequest): VerifiedToken {
  if (request.token === null) throw new ForeknowError('unauthenticated', refusal);
  return request.token;
}

/** One text for missing, unknown, expired and revoked: an answer must not help to guess. */
const refusal = {
  detail: 'The API token is missing, unknown, expired or revoked.',
  hint: 'Send "Authorization: Bearer fk_…"; create a token with foreknow keys create.',
} as const;

/**
 * Puts the guard in front of every route that declares a scope. Failed attempts are counted by network, of the newest 5,000
 * networks;
 * beyond the limit they are answered with 429, while valid tokens from the same address go on.
 */
export function guard(
  app: FastifyInstance,
  gateway: Pick<Gateway, 'tokens' | 'audit'>,
  failuresPerMinute: number,
): void {
  const keyGenerator = (request: FastifyRequest) => networkOf(addressOf(request));
  const countFailure = app.createRateLimit({ max: failuresPerMinute, timeWindow: 60_000, keyGenerator });
  app.addHook('onRequest', async (request) => {
    const { scope, isTokenInPath } = request.routeOptions.config;
    if (scope === undefined) return;
    const token = isTokenInPath
      ? await ofAgent(gateway.tokens, request)
      : await alone(verify(gateway.tokens, request.headers.authorization));
    if (token === null) {
      if (isTokenInPath || request.headers.authorization !== undefined)
        gateway.audit.failedLogin(keyGenerator(request));
      const count = await countFailure(request);
      if (!count.isAllowed && count.isExceeded) throw tooManyFailures(count.ttl);
      throw new ForeknowError('unauthenticated', refusal);
    }
    request.token = token;
    requireKind(token.kind, request.routeOptions.url ?? '');
    if (scope !== null) requireScope(token, scope, 'this address');
  });
}

/** Where tokens of a kind can be used, by the route’s pattern; null = everywhere. */
const openTo: Readonly<Record<TokenKind, RegExp | null>> = {
  api: null,
  account: /^\/(unified|proxy|custom|v1)\/|^\/integrated-account\/me$/,
  mcp: /^\/mcp(\/|$)/,
};

function requireKind(kind: TokenKind, route: string): void {
  if (openTo[kind]?.test(route) ?? true) return;
  throw new ForeknowError('token_kind_not_allowed', {
    detail: `A token of the kind ${kind} cannot be used at this address.`,
    hint: 'Use an API token.',
  });
}

/** Tokens of agents alone may stand in an address: they only read, and they end. Some are of use only beside an API token. */
async function ofAgent(tokens: TokenUseCases, request: FastifyRequest): Promise<VerifiedToken | null> {
  const { token: secret } = request.params as { token: string };
  const token = secret.startsWith(prefixes.mcp) ? await verify(tokens, `Bearer ${secret}`) : null;
  if (token?.settings.requireApiToken !== true) return token;
  const beside = await verify(tokens, request.headers.authorization);
  return beside?.kind === 'api' && reachesAll(beside, token.connections) ? token : null;
}

const reachesAll = ({ connections: reached }: VerifiedToken, wanted: readonly string[] | null): boolean =>
  reached === null || (wanted?.every((id) => reached.includes(id)) ?? false);

/** Where the token takes the place of the one that it needs beside it, it is of no use. */
const alone = async (found: Promise<VerifiedToken | null>): Promise<VerifiedToken | null> => {
  const token = await found;
  return token?.settings.requireApiToken === true ? null : token;
};

const BEARER = /^bearer +([\x21-\x7e]{1,512}) *$/i;

/** @returns null for everything that is not a valid token */
async function verify(tokens: TokenUseCases, header: string | undefined): Promise<VerifiedToken | null> {
  const secret = BEARER.exec(header ?? '')?.[1];
  if (secret === undefined) return null;
  try {
    return await tokens.verify(secret);
  } catch (error) {
    if (isForeknowError(error) && error.code === 'unauthenticated') return null;
    throw error;
  }
}

const tooManyFailures = (retryAfterMs: number): ForeknowError =>
  new ForeknowError('rate_limited', {
    detail: 'Too many requests without a valid token came from this address.',
    hint: 'Wait, then send a valid token.',
    retryAfterMs,
  });
