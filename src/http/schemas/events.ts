import { z } from 'zod';
import { alertKinds } from '../../events/alert.ts';
import { instant, named, nullableInstant } from './registry.ts';

/** A time with its offset, as the log spells it: ISO 8601 UTC. */
export const instantParameter = z.iso
  .datetime({ offset: true, message: 'must be a time such as 2026-11-21T09:00:00Z' })
  .transform((text) => new Date(text).toISOString())
  .optional();

export const event = named(
  'Event',
  z.object({
    id: z.string().meta({ examples: ['evt_000000000048213'] }),
    type: z.string().meta({ examples: ['user.updated'] }),
    connection_id: z.string().describe('Empty for what is about no connection'),
    at: instant.describe('When it was seen'),
    sequence: z.number().int().describe('Place in the log of the change it tells of'),
    data: z.record(z.string(), z.unknown()).describe('See GET /api/v1/events/types'),
  }),
  'Something that happened. The same id always has the same type and data.',
);

export const eventType = named(
  'EventType',
  z.object({
    type: z.string(),
    scope: z.string().describe('The scope that a token needs to read it'),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its data'),
    example: event,
  }),
);

export const alert = named(
  'Alert',
  z.object({
    id: z.string(),
    connection_id: z.string(),
    kind: z.enum(alertKinds),
    subject: z
      .string()
      .describe('The stream, the endpoint, the plan, or campaign and group; empty where it is about the connection'),
    detail: z.string(),
    opened_at: instant,
    closed_at: nullableInstant.describe('null while it lasts'),
    mailed_at: nullableInstant,
  }),
);
