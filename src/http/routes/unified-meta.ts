import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { Door } from '../door.ts';
import { type Document, metaHtml, metaOf, metaPage, modelMeta } from '../unified-meta.ts';

const tags = ['Unified user directory'];
const INTEGRATION = 'knowbe4';

const model = z.string().describe('user-directory or lms');
const place = z.object({ model, resource: z.string(), method: z.string() });
const schema = z.record(z.string(), z.unknown()).describe('JSON Schema');
const meta = z.object({
  method: z.string(),
  schema,
  response_schema: schema,
  query_schema: schema,
  body_schema: schema.nullable(),
  documentation_link: z.string().nullable(),
  x_description: z.string(),
});

/** What the unified APIs take and give: read off the routes, so that nothing is said that does not hold. */
export function unifiedMetaRoutes({ app }: Door): void {
  const document = () => app.swagger() as unknown as Document;
  const config = { scope: null };

  for (const [path, operationId] of [
    ['/unified/:model/:resource/meta/:method', 'getUnifiedMeta'],
    ['/unified/:model/:resource/:integration/meta/:method', 'getIntegrationMeta'],
  ] as const) {
    const isNamed = path.includes(':integration');
    app.get(
      path,
      {
        config,
        schema: {
          operationId,
          summary: isNamed ? 'What a method takes and gives for KnowBe4' : 'What a method takes and gives',
          tags,
          params: isNamed ? place.extend({ integration: z.string().describe('knowbe4') }) : place,
          response: { 200: meta.describe('Schemas of query, body and record') },
        },
      },
      async (request) => {
        const { model, resource, method, ...rest } = request.params as z.output<typeof place>;
        requireKnowBe4((rest as { integration?: string }).integration);
        const found = metaOf(document(), model, resource, method);
        if (found === null) throw nothing(`The unified API has no ${model}/${resource} with a method ${method}`);
        return found as never;
      },
    );
  }

  app.get(
    '/unified/meta/:model/:integration',
    {
      config,
      schema: {
        operationId: 'getModelMeta',
        summary: 'What a whole model takes and gives',
        description: 'As JSON, or as a page in Markdown or HTML.',
        tags,
        params: z.object({ model, integration: z.string().describe('knowbe4') }),
        querystring: z.object({
          format: z.enum(['json', 'md', 'html']).default('json').optional().describe('Default json'),
        }),
        response: {
          200: z
            .object({
              model: z.string(),
              integration: z.string(),
              resources: z.array(z.object({ resource: z.string(), methods: z.array(meta) })),
            })
            .describe('Every resource with its methods'),
        },
      },
    },
    async (request, reply) => {
      const { model, integration } = request.params;
      requireKnowBe4(integration);
      const resources = modelMeta(document(), model);
      if (resources.length === 0) throw nothing(`The unified API has no model ${model}`);
      const { format = 'json' } = request.query;
      if (format === 'md') return reply.type('text/markdown; charset=utf-8').send(metaPage(model, resources) as never);
      if (format === 'html') return reply.type('text/html; charset=utf-8').send(metaHtml(model, resources) as never);
      return reply.send({ model, integration, resources } as never);
    },
  );
}

function requireKnowBe4(integration: string | undefined): void {
  if (integration === undefined || integration === INTEGRATION) return;
  throw nothing(`There is no integration ${integration.slice(0, 80)}`);
}

const nothing = (detail: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `${detail.slice(0, 200)}.`,
    hint: 'GET /unified/meta/user-directory/knowbe4 names all there is; the other model is lms.',
  });
