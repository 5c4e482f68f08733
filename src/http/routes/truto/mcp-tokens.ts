import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { ConnectionView } from '../../../gateway/types.ts';
import { toolsFor } from '../../../mcp/registry.ts';
import type { ApiToken, ToolFilter } from '../../../tokens/token.ts';
import type { VerifiedToken } from '../../../tokens/tokens.ts';
import { hasScope, tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { instant, named, nullableInstant } from '../../schemas/registry.ts';
import { described } from '../../validate.ts';
import { reachesNoFurther } from '../../visible-tokens.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging } from './admin-schemas.ts';

const tags = ['Accounts'];
const path = '/integrated-account/:id/mcp';
const config = { scope: 'connections' } as const;
const byId = z.object({ id: z.string().describe('Id or name of the account') });
const byToken = byId.extend({ tokenId: z.string() });

const filterWords = z.array(z.string().trim().min(1).max(100)).min(1).max(100).optional();
const serverConfig = z.strictObject({
  methods: filterWords.describe('read, list, get or names of tools; all of them read'),
  tags: filterWords.describe('directory, training, phishing, risk, proxy, connections'),
  require_api_token_auth: z.boolean().optional().describe('Works only with an API token in the header as well'),
});
const name = z.string().trim().min(1).max(100);
const expiry = z.iso.datetime({ offset: true });

const mcpServer = named(
  'McpServer',
  z.object({
    id: z.string(),
    name: z.string(),
    config: z.object({
      methods: z.array(z.string()).optional(),
      tags: z.array(z.string()).optional(),
      require_api_token_auth: z.boolean(),
    }),
    expires_at: nullableInstant,
    last_used_at: nullableInstant,
    created_at: instant,
  }),
  'A token for an agent: it reads one account, and ends',
);

type Config = z.output<typeof serverConfig>;

/** Tokens of MCP, as Truto’s clients make them: each is an address for one agent and one account. */
export function mcpTokenRoutes({ app, as, reach, gateway, now, publicUrl }: Door): void {
  const account = (request: FastifyRequest): Promise<ConnectionView> =>
    reach.one(tokenOf(request), (request.params as { id: string }).id, 'id');

  /** Those of an account that the caller may see, change and end. Whatever has ended is not there any more. */
  const serversOf = async (request: FastifyRequest): Promise<readonly ApiToken[]> => {
    const { id } = await account(request);
    const all = await gateway.tokens.list();
    const there = new Set(all.filter((token) => isThere(token, now())).map((token) => token.id));
    return all.filter(
      (token) =>
        token.kind === 'mcp' &&
        token.connections?.join() === id &&
        there.has(token.id) &&
        (token.parentId === null || there.has(token.parentId)) &&
        isWithin(token, tokenOf(request)),
    );
  };

  const need = async (request: FastifyRequest): Promise<ApiToken> => {
    const { tokenId } = request.params as { tokenId: string };
    const found = (await serversOf(request)).find(({ id }) => id === tokenId);
    if (found !== undefined) return found;
    throw new ForeknowError('not_found', { detail: 'The account has no MCP token with this id.', field: 'tokenId' });
  };

  const urlOf = (request: FastifyRequest, secret: string): string =>
    `${(publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/$/, '')}/mcp/${secret}`;

  app.get(
    path,
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'listMcpTokens',
        summary: 'Tokens of MCP for an account',
        tags,
        params: byId,
        querystring: z.object(adminPaging),
        response: { 200: adminPage(mcpServer).describe('Without their secrets, and without those that have ended') },
      },
    },
    async (request) => {
      const rows = (await serversOf(request)).map(shown);
      return adminList(rows, request.query as Record<string, unknown>, {}) as never;
    },
  );

  app.post(
    path,
    {
      config,
      schema: {
        operationId: 'createMcpToken',
        summary: 'An address for an agent, shown once',
        description:
          'The token is derived from the one that asks: it reads at most what that one may read, ends after 90 days where nothing else is said, and ends with it.',
        tags,
        params: byId,
        body: z
          .strictObject({
            name,
            config: serverConfig.default({}),
            expires_at: expiry.optional().describe('At least 60 seconds ahead'),
            environment_id: z.string().max(200).optional().describe('Follows from the token'),
          })
          .meta({ examples: [{ name: 'helpdesk agent', config: { methods: ['read'], tags: ['training'] } }] }),
        response: {
          201: mcpServer.extend({ token: z.string(), url: z.string() }).describe('With its secret, this once'),
        },
      },
    },
    async (request, reply) => {
      const { id } = await account(request);
      const caller = tokenOf(request);
      const { name, config: wanted, expires_at: expiresAt } = request.body;
      requireTools(wanted, caller);
      const made = await as(request).tokens.derive(
        { kind: 'mcp', name, connections: [id], settings: settingsOf(wanted), ...(expiresAt && { expiresAt }) },
        caller,
      );
      return reply.code(201).send({ ...shown(made.token), token: made.secret, url: urlOf(request, made.secret) });
    },
  );

  app.get(
    `${path}/:tokenId`,
    {
      config,
      schema: {
        operationId: 'getMcpToken',
        summary: 'One token of MCP',
        tags,
        params: byToken,
        response: { 200: mcpServer.describe('Without its secret') },
      },
    },
    async (request) => shown(await need(request)),
  );

  app.patch(
    `${path}/:tokenId`,
    {
      config,
      schema: {
        operationId: 'updateMcpToken',
        summary: 'Change name, tools or expiry',
        description: 'What is not named stays; `config` is replaced as a whole.',
        tags,
        params: byToken,
        body: z
          .strictObject({ name: name.optional(), config: serverConfig.optional(), expires_at: expiry.optional() })
          .meta({ examples: [{ config: { tags: ['risk'] } }] }),
        response: { 200: mcpServer.describe('As it is now') },
      },
    },
    async (request) => {
      const { name, config: wanted, expires_at: expiresAt } = request.body;
      const present = await need(request);
      if (wanted !== undefined) requireTools(wanted, present);
      const patch = {
        ...(name && { name }),
        ...(wanted && { settings: settingsOf(wanted) }),
        ...(expiresAt && { expiresAt }),
      };
      return shown(await as(request).tokens.update(present.id, patch, tokenOf(request)));
    },
  );

  app.delete(
    `${path}/:tokenId`,
    {
      config,
      schema: {
        operationId: 'deleteMcpToken',
        summary: 'End a token of MCP at once',
        tags,
        params: byToken,
        response: { 200: z.object({ id: z.string() }).describe('Ended') },
      },
    },
    async (request) => {
      const { id } = await need(request);
      await as(request).tokens.revoke(id);
      return { id };
    },
  );
}

const isThere = ({ revokedAt, expiresAt }: ApiToken, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now.getTime());

/** Whoever could change a token that may more than they would read with it what they may not. */
const isWithin = (token: ApiToken, caller: VerifiedToken): boolean =>
  token.parentId === caller.id ||
  (reachesNoFurther(token, caller) && token.scopes.every((scope) => hasScope(caller, scope)));

function shown(token: ApiToken): z.infer<typeof mcpServer> {
  const { tools = {}, requireApiToken = false } = token.settings;
  return {
    id: token.id,
    name: token.name,
    config: {
      ...(tools.methods && { methods: [...tools.methods] }),
      ...(tools.tags && { tags: [...tools.tags] }),
      require_api_token_auth: requireApiToken,
    },
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    created_at: token.createdAt,
  };
}

const settingsOf = (wanted: Config): ApiToken['settings'] => {
  const tools = filterOf(wanted);
  return {
    ...(Object.keys(tools).length > 0 && { tools }),
    ...(wanted.require_api_token_auth && { requireApiToken: true }),
  };
};

const filterOf = ({ methods, tags: about }: Config): ToolFilter => ({
  ...(methods && { methods }),
  ...(about && { tags: about }),
});

/** @throws ForeknowError `invalid_request` where nothing that the rights open would be left */
function requireTools(wanted: Config, { scopes, connections, fieldPolicy }: ApiToken): void {
  const caller = { scopes, connections, fieldPolicy, settings: { tools: filterOf(wanted) } };
  if (toolsFor(caller, true).some((tool) => tool.scopes.length > 0)) return;
  throw new ForeknowError('invalid_request', {
    detail: 'No tool is left by these methods and tags.',
    hint: 'Methods: read, list, get. Tags: directory, training, phishing, risk, proxy, as far as the token’s scopes reach.',
    field: 'config',
  });
}
