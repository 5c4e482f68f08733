import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { type ApiToken, scopes } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { instant, named, nullableInstant } from '../schemas/registry.ts';
import { toWire } from '../wire.ts';

const tags = ['Tokens'];
const path = '/api/v1/tokens';

const apiToken = named(
  'ApiToken',
  z.object({
    id: z.string().meta({ examples: ['tok_0123456789abcdef'] }),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    connections: z.array(z.string()).nullable().describe('Ids of the connections it reaches; null: all'),
    created_at: instant,
    expires_at: nullableInstant,
    last_used_at: nullableInstant,
    revoked_at: nullableInstant,
    last_four: z.string(),
  }),
  'A token of this API. Its secret is stored hashed and shown once.',
);

const tokenInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    connections: z.array(z.string().max(200)).min(1).max(1000).optional().describe('Ids or names; without it all'),
    expires_at: z.iso.datetime({ offset: true }).optional(),
  })
  .meta({ examples: [{ name: 'reporting', scopes: ['directory', 'training'], connections: ['acme'] }] });

export function tokenRoutes({ app, gateway, reach, as }: Door): void {
  const visible = async (token: ApiToken) => (await gateway.tokens.list()).filter((other) => within(token, other));

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
      config: { scope: 'admin' },
      schema: {
        operationId: 'createToken',
        summary: 'Create a token; its secret is shown once',
        tags,
        body: tokenInput,
        response: { 201: z.object({ token: apiToken, secret: z.string() }).describe('Created') },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      const { name, scopes: wanted, connections: names, expires_at: expiresAt } = request.body;
      const ids = names && (await Promise.all(names.map((one) => reach.one(token, one, 'connections'))));
      const connections = ids?.map(({ id }) => id) ?? token.connections ?? undefined;
      const created = await as(request).tokens.create({
        name,
        scopes: [...new Set(wanted)],
        ...(connections ? { connections: [...new Set(connections)] } : {}),
        ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}),
      });
      return reply.code(201).send(toWire(created));
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke a token at once',
        tags,
        params: z.object({ id: z.string() }),
        response: { 200: z.object({ id: z.string() }).describe('Revoked') },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = (await visible(tokenOf(request))).some((token) => token.id === id);
      if (!found) throw new ForeknowError('not_found', { detail: 'No token has this id.' });
      await as(request).tokens.revoke(id);
      return { id };
    },
  );
}

/** A token that is bound to connections sees and revokes only tokens that reach no further. */
const within = (token: ApiToken, other: ApiToken): boolean =>
  token.connections === null || (other.connections?.every((id) => token.connections?.includes(id)) ?? false);
