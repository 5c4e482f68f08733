import { z } from 'zod';
import { catalogEntry, eventFamilies, eventTypes, isEventType } from '../../events/catalog.ts';
import type { Event } from '../../events/event.ts';
import { exampleOf } from '../../events/examples.ts';
import type { FeedQuery, Sight } from '../../events/feed.ts';
import type { ApiToken } from '../../tokens/token.ts';
import { hasScope, requireScope, tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { alert, event, eventType, instantParameter } from '../schemas/events.ts';
import { connectionParameter, flag, limitUpTo, listOf } from '../schemas/query.ts';
import { toWire } from '../wire.ts';

const tags = ['Events'];

export function eventRoutes({ app, gateway, reach, waitMs, stopping }: Door): void {
  /** The connections a call means; those that are gone still have events. */
  const connectionIds = async (token: ApiToken, named: string | undefined): Promise<readonly string[] | null> => {
    if (named === undefined) return token.connections;
    const isOwn = token.connections?.includes(named) ?? named.startsWith('con_');
    if (isOwn) return [named];
    return [(await reach.one(token, named, 'connection_id')).id];
  };

  const sightOf = async (token: ApiToken, named?: string): Promise<Sight> => {
    const seen = eventFamilies.filter((family) => hasScope(token, family));
    if (seen.length === 0) requireScope(token, 'directory', 'reading events');
    return { families: seen, connectionIds: await connectionIds(token, named) };
  };

  app.get(
    '/api/v1/events',
    {
      config: { scope: null },
      schema: {
        operationId: 'listEvents',
        summary: 'What happened, in order, without gaps',
        description:
          'Ask again with `after` set to `next_cursor`, also when the page is empty; every event comes at least once. Events of a family that the token has no scope for are left out, and without the scope directory people in training, phishing and risk events are ids alone. A cursor older than the retention is answered with 410.',
        tags,
        querystring: z.object({
          after: z
            .string()
            .max(200)
            .optional()
            .transform((text) => text || null)
            .describe('A cursor, or the id of an event: what follows it'),
          types: listOf(z.string().max(60))
            .optional()
            .describe('Only these types; `user.*` stands for all that begin so'),
          connection_id: connectionParameter.describe('Only this connection; without it all that the token reaches'),
          from: instantParameter.describe('Only events that were seen at this time or later'),
          until: instantParameter.describe('Only events that were seen before this time'),
          order: z.enum(['asc', 'desc']).default('asc').describe('asc: oldest first'),
          limit: limitUpTo(1000, 100),
          wait: z.coerce
            .number()
            .int()
            .min(0)
            .max(25)
            .default(0)
            .describe('Seconds to wait for an event where there is none'),
        }),
        response: {
          200: z
            .object({
              result: z.array(event),
              next_cursor: z.string(),
              has_more: z.boolean().describe('False at the end of what there is now'),
            })
            .describe('A page of events'),
        },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      const { connection_id: named, wait, types = [], from, until, ...rest } = request.query;
      const sight = await sightOf(token, named);
      for (const type of types) {
        if (isEventType(type)) requireScope(token, catalogEntry(type).family, `the type ${type}`);
      }
      const times = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
      const query: FeedQuery = { ...sight, ...rest, ...times, types };
      if (wait === 0 || rest.order === 'desc') return pageToWire(await gateway.events.page(query));
      const signal = AbortSignal.any([stopping, overWith(reply.raw)]);
      return pageToWire(await gateway.events.wait(query, Math.min(wait * 1000, waitMs), signal));
    },
  );

  app.get(
    '/api/v1/events/types',
    {
      config: { scope: null },
      schema: {
        operationId: 'listEventTypes',
        summary: 'Every type of event, with the schema of its data',
        tags,
        response: { 200: z.object({ result: z.array(eventType) }).describe('All types') },
      },
    },
    async () => ({ result: eventTypes.map(typeToWire) }) as never,
  );

  app.get(
    '/api/v1/events/:id',
    {
      config: { scope: null },
      schema: {
        operationId: 'getEvent',
        summary: 'One event by its id',
        tags,
        params: z.object({ id: z.string().max(200) }),
        response: { 200: event.describe('The event') },
      },
    },
    async (request) =>
      eventToWire(await gateway.events.get(request.params.id, await sightOf(tokenOf(request)))) as never,
  );

  app.get(
    '/api/v1/alerts',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'listAlerts',
        summary: 'What an operator should look at, newest first',
        tags: ['Operation'],
        querystring: z.object({
          connection_id: connectionParameter.describe('Only this connection; without it all that the token reaches'),
          open: flag.describe('true: those that last; false: those that are over'),
          limit: limitUpTo(500, 100),
        }),
        response: { 200: z.object({ result: z.array(alert) }).describe('Alerts') },
      },
    },
    async (request) => {
      const { connection_id: named, open, limit } = request.query;
      const query = { connectionIds: await connectionIds(tokenOf(request), named), limit };
      const found = await gateway.events.alerts({ ...query, ...(open === undefined ? {} : { open }) });
      return toWire({ result: found });
    },
  );
}

/** Aborted when the call is over: its caller has hung up, or it was answered. */
function overWith(answer: { once(event: 'close', listener: () => void): unknown }): AbortSignal {
  const over = new AbortController();
  answer.once('close', () => over.abort());
  return over.signal;
}

type Page = { readonly events: readonly Event[]; readonly nextCursor: string; readonly hasMore: boolean };

const pageToWire = ({ events, nextCursor, hasMore }: Page) =>
  ({ result: events.map(eventToWire), next_cursor: nextCursor, has_more: hasMore }) as never;

/** The data of an event is in the door's spelling already. */
const eventToWire = ({ id, type, connectionId, at, seq, data }: Event) => ({
  ...{ id, type, connection_id: connectionId, at, sequence: seq },
  data,
});

const typeToWire = (type: (typeof eventTypes)[number]) => {
  const { family, when, data } = catalogEntry(type);
  const { $schema, ...schema } = z.toJSONSchema(data);
  return { type, scope: family, description: when, schema, example: eventToWire(exampleOf(type)) };
};
