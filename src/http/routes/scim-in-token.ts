import { z } from 'zod';
import type { Door } from '../door.ts';
import { instant, nullableInstant } from '../schemas/registry.ts';
import { toWire } from '../wire.ts';
import { requireAll } from './sources.ts';

const made = z.object({
  id: z.string(),
  source: z.string(),
  last_four: z.string().describe('To recognise it by'),
  created_at: instant,
  ends_at: nullableInstant.describe('null: it works until another takes its place'),
  last_used_at: nullableInstant,
  secret: z.string().describe('Shown once: the provider sends it as Bearer token'),
});

/** The token of a source that identity providers push to. */
export function scimInTokenRoutes({ app, as }: Door): void {
  app.post(
    '/api/v1/sources/:name/token',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createSourceToken',
        summary: 'Make the token with which a provider pushes to a source',
        description: 'The address is `/scim/v2/NAME`. Needs a token for all connections.',
        tags: ['Sources'],
        params: z.object({ name: z.string().max(64).describe('Name of a source of the kind scim-in') }),
        body: z
          .strictObject({
            rotate: z.boolean().default(false).describe('Needed where there is one already'),
            overlap_seconds: z.int().min(0).max(2_592_000).default(604_800).describe('0: the one before ends now'),
          })
          .default({ rotate: false, overlap_seconds: 604_800 }),
        response: { 201: made.describe('With the secret, which is shown once') },
      },
    },
    async (request, reply) => {
      requireAll(request);
      const { rotate, overlap_seconds: overlapSeconds } = request.body;
      const token = await as(request).scimIn.tokens.create(request.params.name, { rotate, overlapSeconds });
      return reply.code(201).send(toWire(token));
    },
  );
}
