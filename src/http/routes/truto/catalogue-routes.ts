import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { ConnectionView } from '../../../gateway/types.ts';
import { environmentId, environmentIntegrationId, integrationId } from '../../../model/environment.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { flag, listOf } from '../../schemas/query.ts';
import { named } from '../../schemas/registry.ts';
import { type Document, modelMeta } from '../../unified-meta.ts';
import { described } from '../../validate.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging, filterBy } from './admin-schemas.ts';
import { isMethod, type Method, proxyMethods } from './catalogue.ts';
import {
  auth,
  environmentIntegrationObject,
  environmentObject,
  integration,
  integrationName,
  integrationObject,
  theEnvironment,
  theEnvironmentIntegration,
  theIntegration,
} from './integration.ts';

const tags = ['Accounts'];
const config = { scope: null } as const;
const schemaObject = z.looseObject({ type: z.literal('object'), properties: z.record(z.string(), z.looseObject({})) });

const capabilities = named(
  'Capabilities',
  z.object({
    integration,
    proxy: z.array(
      z.object({
        resource: z.string(),
        methods: z.array(
          z.object({
            method: z.string(),
            name: z.string(),
            description: z.string(),
            has_description: z.boolean(),
            has_query_schema: z.boolean(),
            has_body_schema: z.boolean(),
            has_response_schema: z.boolean(),
            api_documentation_url: z.string(),
          }),
        ),
      }),
    ),
    unified: z.array(
      z.object({
        model: z.string(),
        model_label: z.string(),
        resource: z.string(),
        description: z.string(),
        docs_url: z.string().describe('Below this server; needs a token like every other address'),
        methods: z.array(z.string()),
        env_overridden: z.literal(false),
      }),
    ),
    auth: z.object({ formats: z.array(z.string()), fields: z.array(z.looseObject({ name: z.string() })) }),
    ai_readiness: z.object({ methods: z.number().int(), described: z.number().int(), tools: z.number().int() }),
    account: z
      .object({ id: z.string(), status: z.string(), authentication_method: z.string(), is_blocked: z.boolean() })
      .optional(),
  }),
  'What can be called, of one account with the keys that it has. Nothing here changes anything at KnowBe4.',
);

const tool = named(
  'Tool',
  z.object({
    resource: z.string(),
    method: z.string(),
    name: z.string(),
    description: z.string(),
    query_schema: schemaObject,
    body_schema: z.null(),
    required: z.array(z.string()),
  }),
  'A resource of the proxy as an agent’s tool',
);

const words = listOf(z.string().max(100)).optional();
const capabilitiesQuery = z.object({
  type: z.enum(['proxy', 'unified', 'all']).default('all').describe('Which part'),
  methods: words.describe('read, write, custom or exact names, with commas'),
  resource: z.string().max(100).optional().describe('One resource'),
  has_description: flag.describe('Only what has a description'),
});
const toolsQuery = z.object({
  methods: words.describe('read, write, custom or exact names, with commas'),
  tags: words.describe('directory, risk, phishing, training, events, with commas'),
});
type Asked = { readonly methods?: readonly string[] | undefined; readonly tags?: readonly string[] | undefined };

/** What an account offers, and what clients of Truto’s API expect around it: one environment with one integration. */
export function catalogueRoutes({ app, reach }: Door): void {
  let unified: readonly UnifiedResource[] | null = null;
  /** Read off the routes, so that nothing is named that is not there. */
  const unifiedResources = () => {
    unified ??= models.flatMap((model) => unifiedOf(app.swagger() as unknown as Document, model));
    return unified;
  };
  const account = (request: FastifyRequest, id: string): Promise<ConnectionView> =>
    reach.one(tokenOf(request), id, 'id');

  app.get(
    '/integrated-account/:id/capabilities',
    {
      config,
      schema: {
        operationId: 'getAccountCapabilities',
        summary: 'What can be called of an account',
        tags,
        params: z.object({ id: z.string() }),
        querystring: capabilitiesQuery,
        response: { 200: capabilities.describe('With the keys that it has') },
      },
    },
    async (request) => {
      const connection = await account(request, request.params.id);
      const { id, state: status, pausedAt } = connection;
      return {
        ...capabilitiesOf(request.query, unifiedResources(), connection),
        account: { id, status, authentication_method: 'api_key', is_blocked: pausedAt !== null },
      };
    },
  );

  app.get(
    '/integrated-account/:id/tools',
    {
      config: { scope: 'proxy' },
      schema: {
        operationId: 'listAccountTools',
        summary: 'Resources of the proxy as tools for an agent',
        description: 'The server’s own tools are had by MCP, and say more in fewer words.',
        tags,
        params: z.object({ id: z.string() }),
        querystring: toolsQuery,
        response: { 200: z.object({ result: z.array(tool) }).describe('Those that the filters leave') },
      },
    },
    async (request) => ({ result: toolsOf(request.query, await account(request, request.params.id)) }) as never,
  );

  app.get(
    '/integration/:id/capabilities',
    {
      config,
      schema: {
        operationId: 'getIntegrationCapabilities',
        summary: 'What can be called of an account that has every key',
        tags,
        params: z.object({ id: z.string() }),
        querystring: capabilitiesQuery,
        response: { 200: capabilities.describe('Of the integration') },
      },
    },
    async (request) => {
      requireOne(request.params.id, [integrationId, integrationName.name]);
      return capabilitiesOf(request.query, unifiedResources());
    },
  );

  app.get(
    '/integration/:id/tools',
    {
      config,
      schema: {
        operationId: 'listIntegrationTools',
        summary: 'Tools of an account that has every key',
        description: 'Ask the account instead: `/integrated-account/{id}/tools`.',
        tags,
        deprecated: true,
        params: z.object({ id: z.string() }),
        querystring: toolsQuery,
        response: { 200: z.object({ result: z.array(tool) }).describe('Those that the filters leave') },
      },
    },
    async (request) => {
      requireOne(request.params.id, [integrationId, integrationName.name]);
      return { result: toolsOf(request.query) } as never;
    },
  );

  const fixed = <Row extends { id: string; created_at: string }>(one: {
    readonly path: string;
    readonly name: string;
    readonly plural: string;
    readonly summary: string;
    readonly object: z.ZodObject;
    readonly row: Row;
    readonly ids: readonly string[];
    readonly filters: Readonly<Record<string, (row: Row) => string>>;
  }) => {
    const filters = Object.fromEntries(
      Object.entries(one.filters).map(([name, of]) => [name, { kind: 'text' as const, of }]),
    );
    const asked = Object.fromEntries(
      Object.keys(filters).map((name) => [name, filterBy.text(name.replaceAll('_', ' '))]),
    );
    app.get(
      one.path,
      {
        config,
        validatorCompiler: described,
        schema: {
          operationId: `list${one.plural}`,
          summary: `List ${one.summary}`,
          tags,
          querystring: z.object({ ...asked, ...adminPaging }),
          response: { 200: adminPage(one.object).describe('There is one') },
        },
      },
      async (request) => adminList([one.row], request.query as Record<string, unknown>, filters) as never,
    );
    app.get(
      `${one.path}/:id`,
      {
        config,
        schema: {
          operationId: `get${one.name}`,
          summary: `One of the ${one.summary}`,
          tags,
          params: z.object({ id: z.string() }),
          response: { 200: one.object.describe('The only one') },
        },
      },
      async (request) => {
        requireOne(request.params.id, one.ids);
        return one.row as never;
      },
    );
  };

  fixed({
    ...{ path: '/integration', name: 'Integration', plural: 'Integrations', summary: 'integrations: KnowBe4' },
    ...{ object: integrationObject, row: theIntegration, ids: [integrationId, integrationName.name] },
    filters: { name: (row) => row.name, category: (row) => row.category },
  });
  fixed({
    ...{ path: '/environment', name: 'Environment', plural: 'Environments', summary: 'environments: this gateway' },
    ...{ object: environmentObject, row: theEnvironment, ids: [environmentId] },
    filters: { name: (row) => row.name },
  });
  fixed({
    ...{ path: '/environment-integration', name: 'EnvironmentIntegration', plural: 'EnvironmentIntegrations' },
    ...{ summary: 'integrations of this gateway', object: environmentIntegrationObject },
    ...{ row: theEnvironmentIntegration, ids: [environmentIntegrationId] },
    filters: { integration_id: (row) => row.integration_id, 'integration.name': (row) => row.integration.name },
  });
}

type UnifiedResource = {
  readonly model: string;
  readonly model_label: string;
  readonly resource: string;
  readonly description: string;
  readonly docs_url: string;
  readonly methods: readonly Method['method'][];
};

const models = [
  { model: 'user-directory', model_label: 'User Directory' },
  { model: 'lms', model_label: 'LMS' },
] as const;

const unifiedOf = (document: Document, model: (typeof models)[number]): readonly UnifiedResource[] =>
  modelMeta(document, model.model).map(({ resource, methods }) => ({
    ...{ ...model, resource, description: methods[0]?.x_description ?? resource },
    docs_url: `/unified/meta/${model.model}/${integrationName.name}?format=html`,
    methods: (['list', 'get'] as const).filter((read) => methods.some(({ method }) => method === read)),
  }));

function capabilitiesOf(
  query: z.output<typeof capabilitiesQuery>,
  unifiedResources: readonly UnifiedResource[],
  connection?: ConnectionView,
): z.infer<typeof capabilities> {
  const { type, methods, resource } = query;
  const all = proxyMethods(connection);
  const fits = (one: string) => resource === undefined || resource === '' || resource === one;
  const asked = all.filter((one) => fits(one.resource) && (!methods?.length || isMethod(one.method, methods)));
  const unified = unifiedResources
    .map(({ methods: able, ...one }) => ({
      ...one,
      methods: able.filter((method) => !methods?.length || isMethod(method, methods)),
      env_overridden: false as const,
    }))
    .filter((one) => fits(one.resource) && one.methods.length > 0);
  return {
    integration: integrationName,
    proxy:
      type === 'unified'
        ? []
        : [...Map.groupBy(asked, (one) => one.resource)].map(([name, list]) => ({
            resource: name,
            methods: list.map((one) => ({
              ...{ method: one.method, name: one.tool, description: one.description, has_description: true },
              ...{ has_query_schema: true, has_body_schema: false, has_response_schema: false },
              api_documentation_url: one.documentation,
            })),
          })),
    unified: type === 'proxy' ? [] : unified,
    auth,
    ai_readiness: { methods: all.length, described: all.length, tools: all.length },
  };
}

const toolsOf = ({ methods, tags: wanted }: Asked, connection?: ConnectionView) =>
  proxyMethods(connection)
    .filter(
      (one) =>
        (!methods?.length || isMethod(one.method, methods)) &&
        (!wanted?.length || one.tags.some((tag) => wanted.includes(tag))),
    )
    .map(({ resource, method, tool: name, description, query }) => ({
      ...{ resource, method, name, description },
      ...{ query_schema: query, body_schema: null, required: query.required },
    }));

/** @throws ForeknowError `not_found` */
function requireOne(id: string, ids: readonly string[]): void {
  if (ids.includes(id)) return;
  throw new ForeknowError('not_found', { detail: 'Nothing here has this id.', hint: `There is ${ids.join(', or ')}.` });
}
