import { z } from 'zod';
import { type FieldPolicy, fieldTreatments } from '../../model/field-policy.ts';
import { scopes, scopeWords, tokenKinds } from '../../tokens/token.ts';
import { instant, named, nullableInstant } from './registry.ts';

const treatments = Object.entries(fieldTreatments).map(([field, words]) => [field, z.enum(words).optional()] as const);

/** What a token is not told of people. */
export const fieldPolicy = z
  .strictObject(Object.fromEntries(treatments) as { [Field in keyof FieldPolicy]: z.ZodOptional<z.ZodEnum> })
  .describe(
    'Fields of people that are hidden: `mask` leaves the first letter and the domain of an address, `drop` leaves nothing',
  );

export const apiToken = named(
  'ApiToken',
  z.object({
    id: z.string().meta({ examples: ['tok_0123456789abcdef'] }),
    kind: z.enum(tokenKinds),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    connections: z.array(z.string()).nullable().describe('Ids of the connections it reaches'),
    tags: z
      .array(z.string())
      .nullable()
      .describe('It also reaches every connection that has one of these; with `connections` null as well: all'),
    field_policy: fieldPolicy.nullable(),
    parent_id: z.string().nullable().describe('The token it was derived from, and with which it ends'),
    settings: z.object({
      source: z.enum(['live', 'mirror']).optional(),
      tools: z
        .object({ methods: z.array(z.string()).optional(), tags: z.array(z.string()).optional() })
        .optional()
        .describe('Of kind mcp: which tools it is offered'),
      require_api_token: z.boolean().optional().describe('Of kind mcp: it works only beside an API token'),
    }),
    created_at: instant,
    expires_at: nullableInstant,
    last_used_at: nullableInstant,
    revoked_at: nullableInstant,
    last_four: z.string(),
    previous_until: nullableInstant.describe('Until when the secret before the present one works as well'),
  }),
  'A token of this API. Its secret is stored hashed and shown once.',
);

export const tokenInput = z
  .strictObject({
    kind: z
      .enum(tokenKinds)
      .default('api')
      .describe(
        'account: the data of one connection; mcp: for an agent, reading only. Both are derived from the token that asks',
      ),
    name: z.string().trim().min(1).max(100).optional().describe('Needed for the kind api'),
    scopes: z
      .array(z.enum(scopeWords))
      .min(1)
      .max(scopeWords.length)
      .optional()
      .describe(
        'Needed for the kind api; else without it what the token that asks may read. `phishing` is phishing.identified',
      ),
    connections: z
      .array(z.string().max(200))
      .min(1)
      .max(1000)
      .optional()
      .describe('Ids or names; without them and tags all'),
    tags: z
      .array(z.string().trim().min(1).max(100))
      .min(1)
      .max(50)
      .optional()
      .describe('Connections that have one of these'),
    field_policy: fieldPolicy.optional(),
    settings: z
      .strictObject({ source: z.enum(['live', 'mirror']).optional() })
      .optional()
      .describe('Of account tokens: where the KnowBe4-shaped addresses read'),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .optional()
      .describe('null: never. Without it: never (api), 15 minutes (account), 90 days (mcp)'),
  })
  .meta({ examples: [{ name: 'reporting', scopes: ['directory', 'training'], connections: ['acme'] }] });
