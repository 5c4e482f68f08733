import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { type Delivery, deliveryStates, type StoredEndpoint } from '../../events/endpoint.ts';
import type { EndpointDetail } from '../../events/endpoints.ts';
import type { ApiToken } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { grantOf, isWithin } from '../endpoint-reach.ts';
import { limitUpTo } from '../schemas/query.ts';
import {
  replayInput,
  webhook,
  webhookAttempts,
  webhookDelivery,
  webhookDetail,
  webhookInput,
  webhookPatch,
  webhookWithSecret,
} from '../schemas/webhooks.ts';
import { toWire } from '../wire.ts';

const tags = ['Webhooks'];
const path = '/api/v1/webhooks';
const params = z.object({ id: z.string().max(100) });
const config = { scope: 'webhooks' } as const;

export function webhookRoutes({ app, gateway, reach, as }: Door): void {
  const { webhooks } = gateway;

  const idsOf = async (token: ApiToken, named: readonly string[] | null | undefined) =>
    named && Promise.all(named.map(async (one) => (await reach.one(token, one, 'connections')).id));

  /** The same answer for an endpoint that reaches further than the token and for one that is not there. */
  const need = async (token: ApiToken, id: string): Promise<EndpointDetail> => {
    const found = await webhooks.get(id);
    if (isWithin(token, found)) return found;
    throw new ForeknowError('not_found', { detail: 'No webhook endpoint has this id.', field: 'id' });
  };

  app.get(
    path,
    {
      config,
      schema: {
        operationId: 'listWebhooks',
        summary: 'Webhook endpoints',
        tags,
        response: { 200: z.object({ result: z.array(webhook) }).describe('Without their secrets') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const visible = (await webhooks.list()).filter((endpoint) => isWithin(token, endpoint));
      return toWire({ result: visible.map(shownEndpoint) });
    },
  );

  app.post(
    path,
    {
      config,
      schema: {
        operationId: 'createWebhook',
        summary: 'Create an endpoint; its secret is shown once',
        description:
          'It is sent events that happen from now on, of the families that the token has scopes for. Addresses must be public and https; the operator can allow others.',
        tags,
        body: webhookInput,
        response: { 201: webhookWithSecret.describe('Created') },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      const connections = await idsOf(token, request.body.connections);
      const input = { ...defined(request.body), ...(connections === undefined ? {} : { connections }) };
      const { endpoint, secret } = await as(request).webhooks.create(input, grantOf(token));
      return reply.code(201).send(toWire({ endpoint: shownEndpoint(endpoint), secret }));
    },
  );

  app.get(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'getWebhook',
        summary: 'An endpoint, and how far it is',
        tags,
        params,
        response: { 200: webhookDetail.describe('The endpoint') },
      },
    },
    async (request) => {
      const { lanes, ...endpoint } = await need(tokenOf(request), request.params.id);
      const shownLanes = lanes.map(({ connectionId, position, headEvent }) => ({
        ...{ connectionId, position, waitsFor: headEvent },
      }));
      return toWire({ ...shownEndpoint(endpoint), lanes: shownLanes });
    },
  );

  app.patch(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'updateWebhook',
        summary: 'Change, pause or resume an endpoint',
        description: 'From then on it is sent what the token that changed it may read.',
        tags,
        params,
        body: webhookPatch,
        response: { 200: webhook.describe('The endpoint as it is now') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { id } = await need(token, request.params.id);
      const connections = await idsOf(token, request.body.connections);
      const patch = { ...defined(request.body), ...(connections === undefined ? {} : { connections }) };
      return toWire(shownEndpoint(await as(request).webhooks.update(id, patch, grantOf(token))));
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Remove an endpoint with its secret and its deliveries',
        tags,
        params,
        response: { 200: z.object({ id: z.string() }).describe('Removed') },
      },
    },
    async (request) => {
      const { id } = await need(tokenOf(request), request.params.id);
      return toWire(await as(request).webhooks.remove(id));
    },
  );

  app.post(
    `${path}/:id/enable`,
    {
      config,
      schema: {
        operationId: 'enableWebhook',
        summary: 'Switch an endpoint on again; it goes on where it stood',
        tags,
        params,
        response: { 200: webhook.describe('The endpoint as it is now') },
      },
    },
    async (request) => {
      const { id } = await need(tokenOf(request), request.params.id);
      return toWire(shownEndpoint(await as(request).webhooks.enable(id)));
    },
  );

  app.post(
    `${path}/:id/rotate-secret`,
    {
      config,
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Give an endpoint a new secret, shown once',
        description: 'Deliveries are signed with both until the overlap ends, the new one first.',
        tags,
        params,
        body: z
          .strictObject({
            overlap_hours: z.number().min(0).max(720).default(24).describe('0: the old secret ends at once'),
          })
          .default({ overlap_hours: 24 }),
        response: { 200: webhookWithSecret.describe('The new secret') },
      },
    },
    async (request) => {
      const { id } = await need(tokenOf(request), request.params.id);
      const { endpoint, secret } = await as(request).webhooks.rotateSecret(id, request.body.overlap_hours);
      return toWire({ endpoint: shownEndpoint(endpoint), secret });
    },
  );

  app.post(
    `${path}/:id/test`,
    {
      config: { ...config, live: true },
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a signed event of the type test at once, and show the answer',
        tags,
        params,
        response: { 200: webhookAttempts.describe('What came of it') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { id } = await need(token, request.params.id);
      return toWire(shownAttempts(await as(request).webhooks.test(id), token));
    },
  );

  app.post(
    `${path}/:id/replay`,
    {
      config,
      schema: {
        operationId: 'replayWebhook',
        summary: 'Send events again',
        description:
          'Some events by their ids, what was given up, or everything since a time. They keep their webhook-id: a receiver that remembers ids must forget them. Ask with dry_run first.',
        tags,
        params,
        body: replayInput,
        response: {
          200: z
            .object({
              events: z.number().int(),
              at_least: z.boolean().describe('The count was broken off: there are more'),
              dry_run: z.boolean(),
            })
            .describe('How many events are sent again'),
        },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { id } = await need(token, request.params.id);
      const { event_ids: eventIds, from, connection_id: named, dry_run: dryRun = false } = request.body;
      const connectionIds = named === undefined ? null : [(await reach.one(token, named, 'connection_id')).id];
      const what = eventIds
        ? { eventIds }
        : from === undefined
          ? { dead: true as const }
          : { from: new Date(from).toISOString() };
      const cases = dryRun ? webhooks : as(request).webhooks;
      return toWire({ ...(await cases.replay(id, { what, connectionIds, dryRun })), dryRun });
    },
  );

  app.get(
    `${path}/:id/deliveries`,
    {
      config,
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'What was sent to an endpoint, newest first',
        tags,
        params,
        querystring: z.object({
          state: z.enum(deliveryStates).optional().describe('Only these'),
          event_id: z.string().max(60).optional().describe('Only the delivery of this event'),
          cursor: z.string().max(200).optional().describe('next_cursor of the page before'),
          limit: limitUpTo(500, 100),
        }),
        response: {
          200: z
            .object({ result: z.array(webhookDelivery), next_cursor: z.string().nullable() })
            .describe('A page of deliveries'),
        },
      },
    },
    async (request) => {
      const { id } = await need(tokenOf(request), request.params.id);
      const { state, event_id: eventId, cursor, limit } = request.query;
      const filters = { ...(state === undefined ? {} : { state }), ...(eventId === undefined ? {} : { eventId }) };
      const before = cursor ? { before: readCursor(cursor) } : {};
      const found = await webhooks.deliveries({ endpointId: id, ...filters, ...before, limit });
      const last = found.length === limit ? found.at(-1) : undefined;
      return toWire({ result: found.map(shownDelivery), nextCursor: last === undefined ? null : cursorOf(last) });
    },
  );

  app.get(
    `${path}/:id/deliveries/:delivery/attempts`,
    {
      config,
      schema: {
        operationId: 'listWebhookAttempts',
        summary: 'Every try of a delivery: request, answer and time',
        tags,
        params: params.extend({ delivery: z.string().max(60).describe('The id of its event') }),
        response: { 200: webhookAttempts.describe('The delivery with its attempts') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { id } = await need(token, request.params.id);
      return toWire(shownAttempts(await webhooks.delivery(id, request.params.delivery), token));
    },
  );
}

type Defined<Fields> = { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };

const defined = <Fields extends object>(fields: Fields): Defined<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;

const time = (ms: number): string => new Date(ms).toISOString();

const shownEndpoint = ({ slowUntil, ...endpoint }: StoredEndpoint) => ({
  ...endpoint,
  slowUntil: slowUntil > 0 ? time(slowUntil) : null,
});

const shownBasics = ({ eventId, type, connectionId, state, failures, firstAt, lastAt, nextAt }: Delivery) => ({
  ...{ eventId, type, connectionId: connectionId === '' ? null : connectionId, state, failures },
  ...{ firstAt: time(firstAt), lastAt: time(lastAt), nextAt: nextAt === null ? null : time(nextAt) },
});

const shownDelivery = (delivery: Delivery) => {
  const last = delivery.attempts.at(-1);
  return { ...shownBasics(delivery), lastStatus: last?.status ?? null, lastError: last?.error ?? null };
};

/** A receiver may answer with whatever it likes, also of people. */
const shownAttempts = (delivery: Delivery, { fieldPolicy }: ApiToken) => ({
  ...shownBasics(delivery),
  attempts: fieldPolicy === null ? delivery.attempts : delivery.attempts.map((one) => ({ ...one, answer: null })),
});

const cursorOf = ({ firstAt, eventId }: Delivery): string => Buffer.from(`${firstAt} ${eventId}`).toString('base64url');

function readCursor(cursor: string): { firstAt: number; eventId: string } {
  const [, firstAt, eventId] =
    /^(\d{1,15}) ([\w-]{1,60})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (firstAt !== undefined && eventId !== undefined) return { firstAt: Number(firstAt), eventId };
  throw new ForeknowError('invalid_cursor', {
    detail: 'The cursor is not one of this list.',
    hint: 'Send next_cursor back exactly as it came, or begin without a cursor.',
    field: 'cursor',
  });
}
