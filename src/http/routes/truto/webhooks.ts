import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { StoredEndpoint } from '../../../events/endpoint.ts';
import { trutoEvents } from '../../../events/truto.ts';
import { environmentId } from '../../../model/environment.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { grantOf, isWithin } from '../../endpoint-reach.ts';
import { instant, named } from '../../schemas/registry.ts';
import { described } from '../../validate.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging, filterBy } from './admin-schemas.ts';

const tags = ['Webhooks'];
const config = { scope: 'webhooks' } as const;
const params = z.object({ id: z.string().max(100) });
const path = '/webhook';

const fields = {
  id: z.string(),
  target_url: z.string(),
  is_active: z.boolean(),
  event_types: z.array(z.string()),
  environment_id: z.string(),
  created_at: instant,
  updated_at: instant,
  x_state: z.enum(['active', 'paused', 'off']),
  x_state_reason: z.string().nullable(),
};
const webhookObject = named('Webhook', z.object(fields), 'A webhook, as clients of Truto’s API know it');
const webhookMade = named('WebhookMade', z.object({ ...fields, secret: z.string().describe('Shown this once') }));

const targetUrl = z.string().min(1).max(2000);
const eventTypes = z
  .array(z.string().max(60))
  .min(1)
  .max(100)
  .describe(`${trutoEvents.join(', ')}; \`record:*\` for all that begin so, \`*\` for all`);
const environment = z.string().optional().describe('Follows from the token');

const webhookInput = z
  .strictObject({
    target_url: targetUrl,
    is_active: z.boolean().default(true),
    event_types: eventTypes,
    environment_id: environment,
  })
  .meta({ examples: [{ target_url: 'https://hooks.example.com/in', event_types: ['record:*'] }] });
const webhookPatch = z
  .strictObject({
    target_url: targetUrl.optional(),
    is_active: z.boolean().optional(),
    event_types: eventTypes.optional(),
    environment_id: environment,
  })
  .meta({ examples: [{ is_active: false }] });

/** Endpoints of the format `truto`, with Truto's names. /api/v1/webhooks has them among all others. */
export function trutoWebhookRoutes({ app, gateway, as }: Door): void {
  const { webhooks } = gateway;

  const isVisible = (request: FastifyRequest) => (endpoint: StoredEndpoint) =>
    endpoint.format === 'truto' && isWithin(tokenOf(request), endpoint);

  const need = async (request: FastifyRequest, id: string): Promise<StoredEndpoint> => {
    const found = await webhooks.get(id);
    if (isVisible(request)(found)) return found;
    throw new ForeknowError('not_found', { detail: 'No webhook endpoint has this id.', field: 'id' });
  };

  app.get(
    path,
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'listTrutoWebhooks',
        summary: 'Webhooks, with Truto’s names',
        tags,
        querystring: z.object({
          target_url: filterBy.text('Address'),
          is_active: filterBy.flag('Whether it is sent to'),
          created_at: filterBy.time('When it was made'),
          ...adminPaging,
        }),
        response: { 200: adminPage(webhookObject).describe('Without their secrets') },
      },
    },
    async (request) => {
      const rows = (await webhooks.list()).filter(isVisible(request)).map(shown);
      return adminList(rows, request.query as Record<string, unknown>, {
        target_url: { kind: 'text', of: (row) => row.target_url },
        is_active: { kind: 'flag', of: (row) => row.is_active },
        created_at: { kind: 'instant', of: (row) => row.created_at },
      }) as never;
    },
  );

  app.post(
    path,
    {
      config,
      schema: {
        operationId: 'createTrutoWebhook',
        summary: 'Create a webhook with Truto’s events; its secret is shown once',
        description:
          'Signed in `X-Truto-Signature` and by Standard Webhooks. Events that never happen here are refused.',
        tags,
        body: webhookInput,
        response: { 201: webhookMade.describe('Created') },
      },
    },
    async (request, reply) => {
      const { target_url: url, event_types: types, is_active: isActive } = request.body;
      const grant = grantOf(tokenOf(request));
      const cases = as(request).webhooks;
      const input = { url, types, format: 'truto', state: isActive ? 'active' : 'paused' } as const;
      const { endpoint, secret } = await inTrutoWords(cases.create(input, grant));
      return reply.code(201).send({ ...shown(endpoint), secret });
    },
  );

  app.get(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'getTrutoWebhook',
        summary: 'One webhook, with Truto’s names',
        tags,
        params,
        response: { 200: webhookObject.describe('Without its secret') },
      },
    },
    async (request) => shown(await need(request, request.params.id)),
  );

  app.patch(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'updateTrutoWebhook',
        summary: 'Change a webhook, with Truto’s names',
        description: 'It is sent what the token that changes it may read.',
        tags,
        params,
        body: webhookPatch,
        response: { 200: webhookObject.describe('The webhook as it is now') },
      },
    },
    async (request) => {
      const { id } = await need(request, request.params.id);
      const { target_url: url, event_types: types, is_active: isActive } = request.body;
      const patch = {
        ...(url === undefined ? {} : { url }),
        ...(types === undefined ? {} : { types }),
        ...(isActive === undefined ? {} : { state: isActive ? ('active' as const) : ('paused' as const) }),
      };
      return shown(await inTrutoWords(as(request).webhooks.update(id, patch, grantOf(tokenOf(request)))));
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'deleteTrutoWebhook',
        summary: 'Remove a webhook, with Truto’s names',
        tags,
        params,
        response: { 200: z.object({ id: z.string() }).describe('What was removed') },
      },
    },
    async (request) => {
      const { id } = await need(request, request.params.id);
      return as(request).webhooks.remove(id);
    },
  );

  app.post(
    `${path}/test`,
    {
      config: { ...config, live: true },
      schema: {
        operationId: 'testTrutoWebhook',
        summary: 'Send the event test to a webhook at once',
        tags,
        body: z.strictObject({ id: z.string().max(100) }).meta({ examples: [{ id: 'whk_…' }] }),
        response: {
          200: z
            .object({
              success: z.boolean(),
              x_status: z.number().int().nullable().describe('What the receiver answered'),
              x_error: z.string().nullable(),
            })
            .describe('Whether the receiver took it'),
        },
      },
    },
    async (request) => {
      const { id } = await need(request, request.body.id);
      const { state, attempts } = await as(request).webhooks.test(id);
      const last = attempts.at(-1);
      return { success: state === 'delivered', x_status: last?.status ?? null, x_error: last?.error ?? null };
    },
  );
}

const shown = ({ id, url, state, types, createdAt, updatedAt, stateReason }: StoredEndpoint) => ({
  id,
  target_url: url,
  is_active: state === 'active',
  event_types: [...types],
  environment_id: environmentId,
  created_at: createdAt,
  updated_at: updatedAt,
  x_state: state,
  x_state_reason: stateReason,
});

const fieldNames: Readonly<Record<string, string>> = { types: 'event_types', url: 'target_url' };

/** What is wrong with an input is told with the name that the caller wrote. */
async function inTrutoWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ForeknowError) || fieldNames[error.field ?? ''] === undefined) throw error;
    const { code, detail, hint, cause } = error;
    const field = fieldNames[error.field!]!;
    throw new ForeknowError(code, { detail, field, cause, ...(hint === undefined ? {} : { hint }) });
  }
}
