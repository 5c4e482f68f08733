import { type ZodType, z } from 'zod';

/** Gives a schema its name among the components of the OpenAPI document; others are written where they are used. */
export const named = <Schema extends ZodType>(id: string, schema: Schema, description?: string): Schema =>
  schema.meta({ id, ...(description === undefined ? {} : { description }) });

/** ISO 8601, UTC. Not checked on the way out: lists are sent as the store has them. */
export const instant = z.string().meta({ format: 'date-time', examples: ['2026-11-20T09:30:00.000Z'] });
export const nullableInstant = instant.nullable();
