import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { FieldPolicy } from '../../model/field-policy.ts';
import type { DerivedToken, NewToken } from '../../tokens/new-token.ts';
import { type ApiToken, COMMAND_TOKEN } from '../../tokens/token.ts';
import type { VerifiedToken } from '../../tokens/tokens.ts';
import { requireScope, tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { REQUIRED } from '../problem.ts';
import { apiToken, tokenInput } from '../schemas/tokens.ts';
import { reachesNoFurther } from '../visible-tokens.ts';
import { fromWire, toWire } from '../wire.ts';

const tags = ['Tokens'];
const path = '/api/v1/tokens';
const params = z.object({ id: z.string() });
const withSecret = z.object({ token: apiToken, secret: z.string() });

export function tokenRoutes({ app, gateway, reach, as }: Door): void {
  const visible = async (token: VerifiedToken) =>
    (await gateway.tokens.list()).filter((other) => reachesNoFurther(other, token));

  const idsOf = async (token: ApiToken, names: readonly string[]): Promise<readonly string[]> =>
    (await Promise.all(names.map((one) => reach.one(token, one, 'connections')))).map(({ id }) => id);

  /** One that the caller may end or renew. The answer is the same for one that reaches further and one that is not there. */
  const need = async (request: FastifyRequest, id: string): Promise<ApiToken> => {
    const found = (await visible(tokenOf(request))).find((token) => token.id === id);
    if (found !== undefined) return found;
    throw new ForeknowError('not_found', { detail: 'No token has this id.' });
  };

  app.get(
    path,
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listTokens',
        summary: 'Tokens of this API',
        tags,
        response: { 200: z.object({ result: z.array(apiToken) }).describe('Without their secrets') },
      },
    },
    async (request) => toWire({ result: await visible(tokenOf(request)) }),
  );

  app.post(
    path,
    {
      config: { scope: null },
      schema: {
        operationId: 'createToken',
        summary: 'Create a token; its secret is shown once',
        description:
          'The kind `api` needs the scope `admin`. Tokens of the other kinds are derived from the one that asks: they have at most its scopes, connections and expiry, its field policy at least, and end with it.',
        tags,
        body: tokenInput,
        response: { 201: withSecret.describe('Created') },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      const { kind, connections: names, field_policy: fieldPolicy, ...rest } = request.body;
      if (kind === 'api') requireScope(token, 'admin', 'making API tokens');
      const connections = names && (await idsOf(token, names));
      const input = {
        ...fromWire<Omit<DerivedToken, 'kind'>>(rest),
        ...(connections && { connections }),
        // Its keys are words of their own, not of the door’s spelling.
        ...(fieldPolicy && { fieldPolicy: fieldPolicy as FieldPolicy }),
      };
      const { tokens } = as(request);
      const created =
        kind === 'api'
          ? await tokens.create(apiInput(input), token)
          : await tokens.derive({ ...input, kind }, isOperator(token) ? null : token);
      return reply.code(201).send(shown(created));
    },
  );

  app.post(
    `${path}/:id/rotate`,
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rotateToken',
        summary: 'Give a token a new secret, shown once',
        description:
          'The old one goes on for a while; the one before that ends at once. Revoking the token ends all of them.',
        tags,
        params,
        body: z
          .strictObject({
            overlap_seconds: z.int().min(0).max(2_592_000).default(86_400).describe('0: the old secret ends now'),
          })
          .default({ overlap_seconds: 86_400 }),
        response: { 200: withSecret.describe('The new secret') },
      },
    },
    async (request) => {
      const { id, name } = await need(request, request.params.id);
      // Whoever had it would be believed to be any user of the machine.
      if (name === COMMAND_TOKEN) throw ofTheServer();
      return shown(await as(request).tokens.rotate(id, request.body.overlap_seconds));
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke a token at once',
        description: 'Tokens that were derived from it end with it.',
        tags,
        params,
        response: { 200: z.object({ id: z.string() }).describe('Revoked') },
      },
    },
    async (request) => {
      const { id } = await need(request, request.params.id);
      await as(request).tokens.revoke(id);
      return { id };
    },
  );
}

/** @throws ForeknowError `invalid_request` for what an API token needs and was not given, or cannot have */
function apiInput({ name, scopes, expiresAt, settings, ...rest }: Omit<DerivedToken, 'kind'>): NewToken {
  if (name === undefined) throw invalid('name', 'name is missing.', REQUIRED);
  if (scopes === undefined) throw invalid('scopes', 'scopes is missing.', REQUIRED);
  if (settings !== undefined) throw invalid('settings', 'Only an account token has settings.', 'is not known here');
  return { ...rest, name, scopes, ...(expiresAt == null ? {} : { expiresAt }) };
}

const invalid = (field: string, detail: string, reason: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field, issues: [{ field, reason }] });

const shown = ({ token, secret }: { readonly token: ApiToken; readonly secret: string }) => toWire({ token, secret });

/** The server's own token ends with the server; what the operator makes with it does not. */
const isOperator = ({ name }: ApiToken): boolean => name === COMMAND_TOKEN;

const ofTheServer = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'The server’s own token lives as long as the server and cannot be given another secret.',
    hint: 'Make a token of your own: POST /api/v1/tokens.',
  });
