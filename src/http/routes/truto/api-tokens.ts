import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import { environmentId } from '../../../model/environment.ts';
import type { ApiToken } from '../../../tokens/token.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { instant, named, nullableInstant } from '../../schemas/registry.ts';
import { described } from '../../validate.ts';
import { reachesNoFurther } from '../../visible-tokens.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging, filterBy } from './admin-schemas.ts';

const tags = ['Tokens'];
const config = { scope: 'admin' } as const;

const apiTokenObject = named(
  'EnvironmentToken',
  z.object({
    id: z.string(),
    name: z.string(),
    environment_id: z.string(),
    created_by: z.string().nullable().describe('The token that it was derived from'),
    expires_at: nullableInstant,
    last_used_at: nullableInstant,
    created_at: instant,
  }),
  'An API token, as clients of Truto’s API know it',
);

/** API tokens to look at, with Truto’s names; /api/v1/tokens makes, renews and ends them. */
export function apiTokenRoutes({ app, gateway }: Door): void {
  const visible = async (request: FastifyRequest) =>
    (await gateway.tokens.list())
      .filter((token) => token.kind === 'api' && token.revokedAt === null && reachesNoFurther(token, tokenOf(request)))
      .map(shown);

  app.get(
    '/api-token',
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'listEnvironmentTokens',
        summary: 'API tokens, with Truto’s names',
        tags,
        querystring: z.object({ name: filterBy.text('Name'), ...adminPaging }),
        response: { 200: adminPage(apiTokenObject).describe('Without their secrets') },
      },
    },
    async (request) => {
      const filters = { name: { kind: 'text' as const, of: (row: { name: string }) => row.name } };
      return adminList(await visible(request), request.query as Record<string, unknown>, filters) as never;
    },
  );

  app.get(
    '/api-token/:id',
    {
      config,
      schema: {
        operationId: 'getEnvironmentToken',
        summary: 'One API token, with Truto’s names',
        tags,
        params: z.object({ id: z.string() }),
        response: { 200: apiTokenObject.describe('Without its secret') },
      },
    },
    async (request) => {
      const found = (await visible(request)).find(({ id }) => id === request.params.id);
      if (found !== undefined) return found;
      throw new ForeknowError('not_found', { detail: 'No token has this id.' });
    },
  );
}

const shown = ({ id, name, parentId, expiresAt, lastUsedAt, createdAt }: ApiToken) => ({
  id,
  name,
  environment_id: environmentId,
  created_by: parentId,
  expires_at: expiresAt,
  last_used_at: lastUsedAt,
  created_at: createdAt,
});
