import { z } from 'zod';
import { deliveryStates, endpointFormats, endpointStates } from '../../events/endpoint.ts';
import { instant, named, nullableInstant } from './registry.ts';
import { fieldPolicy } from './tokens.ts';

const url = z
  .string()
  .min(1)
  .max(2000)
  .meta({ examples: ['https://hooks.example.com/foreknow'] });
const types = z
  .array(z.string().max(60))
  .min(1)
  .max(100)
  .describe(
    'Types of events; `user.*` for all that begin so, `*` for all (default). With the format truto its names: `record:created`, `integrated_account:*`',
  );
const connections = z
  .array(z.string().max(200))
  .min(1)
  .max(1000)
  .nullable()
  .describe('Ids or names; null (default): all that the token reaches, also later ones');
const format = z
  .enum(endpointFormats)
  .describe(
    'plain: our JSON, with the fields of Standard Webhooks and of Truto. cloudevents: CloudEvents 1.0, structured. truto: the events and bodies of Truto’s webhooks, their names as types',
  );
const names = z
  .boolean()
  .describe('Whether training, phishing and risk events name people; else they are ids. Needs the scope directory');
const description = z.string().max(500).nullable();

export const webhookInput = z
  .strictObject({
    url,
    description: description.optional(),
    types: types.optional(),
    connections: connections.optional(),
    format: format.optional(),
    names: names.optional(),
  })
  .meta({ examples: [{ url: 'https://hooks.example.com/foreknow', types: ['user.*', 'phishing.failed'] }] });

export const webhookPatch = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    types: types.optional(),
    connections: connections.optional(),
    format: format.optional(),
    names: names.optional(),
    state: z.enum(['active', 'paused']).optional().describe('A paused endpoint keeps its place in the log'),
  })
  .meta({ examples: [{ state: 'paused' }] });

const fields = {
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  types: z.array(z.string()),
  connections: z.array(z.string()).nullable(),
  families: z.array(z.string()).describe('What whoever changed it last may read: events of others are not sent'),
  field_policy: fieldPolicy
    .nullable()
    .describe('What that one is not told of people: deliveries do not tell it either'),
  format: z.enum(endpointFormats),
  names: z.boolean(),
  state: z.enum(endpointStates),
  state_reason: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
  previous_secret_until: nullableInstant.describe('Until when deliveries are also signed with the secret before'),
  failing_since: nullableInstant.describe('Since when no delivery has succeeded'),
  last_success_at: nullableInstant,
  last_failure_at: nullableInstant,
  lost: z.number().int().describe('Entries of the log that were dropped by their age before they were handled'),
  slow_until: nullableInstant.describe('The receiver asked to wait until then'),
};

export const webhook = named('WebhookEndpoint', z.object(fields), 'An address that events are sent to.');

export const webhookDetail = named(
  'WebhookEndpointDetail',
  z.object({
    ...fields,
    lanes: z.array(
      z.object({
        connection_id: z.string().describe('Empty: what belongs to no connection'),
        position: z.number().int().describe('Up to this number of the log everything has been handled'),
        waits_for: z.string().nullable().describe('The event that failed and holds back the later ones'),
      }),
    ),
  }),
);

export const webhookWithSecret = named(
  'WebhookEndpointWithSecret',
  z.object({ endpoint: webhook, secret: z.string().describe('whsec_…, shown this once') }),
);

const attempt = z.object({
  at: instant,
  request: z.object({
    headers: z.record(z.string(), z.string()).describe('As sent, without the signatures'),
    bytes: z.number().int(),
    digest: z.string().describe('SHA-256 of the body, hex'),
  }),
  status: z.number().int().nullable().describe('null: no answer came'),
  answer: z.string().nullable().describe('The first kB'),
  duration_ms: z.number(),
  error: z.string().nullable(),
  next_at: nullableInstant,
});

const deliveryFields = {
  event_id: z.string().describe('Also the webhook-id of every try'),
  type: z.string(),
  connection_id: z.string().nullable().describe('null: a test event'),
  state: z
    .enum(deliveryStates)
    .describe('waiting: holds back later ones; retrying: tried by itself while others pass; dead: given up'),
  failures: z.number().int(),
  first_at: instant,
  last_at: instant,
  next_at: nullableInstant,
};

export const webhookDelivery = named(
  'WebhookDelivery',
  z.object({
    ...deliveryFields,
    last_status: z.number().int().nullable(),
    last_error: z.string().nullable(),
  }),
  'One event on its way to one endpoint.',
);

export const webhookAttempts = named(
  'WebhookAttempts',
  z.object({ ...deliveryFields, attempts: z.array(attempt).describe('The newest 20, oldest first') }),
);

export const replayInput = z
  .strictObject({
    event_ids: z.array(z.string().max(60)).min(1).max(1000).optional().describe('These events'),
    dead: z.literal(true).optional().describe('Everything that was given up'),
    from: z.iso.datetime({ offset: true }).optional().describe('Everything since this time, in its order'),
    connection_id: z.string().max(200).optional().describe('Only of this connection, by id or name'),
    dry_run: z.boolean().optional().describe('Only count'),
  })
  .refine(({ event_ids: ids, dead, from }) => [ids, dead, from].filter((one) => one !== undefined).length === 1, {
    message: 'exactly one of event_ids, dead and from is needed',
  })
  .meta({ examples: [{ dead: true, dry_run: true }] });
