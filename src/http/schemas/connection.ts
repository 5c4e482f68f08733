import { z } from 'zod';
import { keyKinds } from '../../connections/connection.ts';
import { streamNames } from '../../sync/streams.ts';
import { regions } from '../../wire/regions.ts';
import { instant, named, nullableInstant } from './registry.ts';

const limitOf = (unit: string) => z.int().positive().nullable().optional().describe(`Requests a ${unit}; null: none`);
const minutes = z.int().min(5).max(10_080).nullable().optional();

export const connectionSettings = z
  .strictObject({
    limits: z
      .strictObject({
        per_second: limitOf('second'),
        per_minute: limitOf('minute'),
        per_day: limitOf('rolling day'),
        scim_per_second: limitOf('second, of the SCIM key'),
        reserve_share: z.number().min(0).max(0.9).optional().describe('Share of the day kept for interactive calls'),
      })
      .optional(),
    streams_off: z.array(z.enum(streamNames)).max(20).optional().describe('Streams that are not mirrored'),
    drop_recipient_client: z.boolean().optional().describe('Keep no address, place, browser and system of recipients'),
    time_zone: z.string().max(60).optional().describe('IANA name; times are UTC unless it is set'),
    account_key: z.string().min(1).max(100).optional().describe('Overrides the computed budget key'),
    pagination: z.enum(['auto', 'page', 'cursor']).optional(),
    directory_every_minutes: minutes.describe('Between scheduled directory refreshes; null: never'),
    risk_thresholds: z
      .array(z.number().min(0).max(100))
      .max(10)
      .optional()
      .describe('Risk scores that make an event when one is crossed; default 60'),
    risk_delta: z
      .number()
      .min(0.1)
      .max(100)
      .nullable()
      .optional()
      .describe('How far a risk score must move between two reads to make an event; null: never; default 10'),
    activity_every_minutes: minutes.describe('Between scheduled refreshes of campaigns and tests; null: never'),
  })
  .describe('What an operator may set. Settings are replaced as a whole: send those that shall stay as well');

const name = z.string().trim().min(1).max(100);
const tenant = z.string().trim().min(1).max(200);
const tags = z.array(z.string().trim().min(1).max(100)).max(50);
const reportingToken = z.string().trim().min(1).max(8192).describe('Reporting API token. It is sealed and never shown');

export const connectInput = z
  .strictObject({
    name,
    region: z.string().trim().min(1).max(300).describe('us, eu, ca, uk, de, or the address of the console'),
    reporting_token: reportingToken,
    reporting_url: z
      .string()
      .max(500)
      .optional()
      .describe('Another address than KnowBe4’s; only where the operator allows it'),
    tenant: tenant.optional(),
    tags: tags.optional(),
    settings: connectionSettings.optional(),
    probe_regions: z.boolean().optional().describe('Try the other four regions when this one refuses the token'),
  })
  .meta({ examples: [{ name: 'acme', region: 'training.knowbe4.com', reporting_token: 'YOUR-REPORTING-TOKEN' }] });

export const connectionPatch = z
  .strictObject({
    name: name.optional(),
    tenant: tenant.nullable().optional(),
    tags: tags.optional(),
    settings: connectionSettings.optional(),
  })
  .meta({ examples: [{ tags: ['emea'] }] });

export const replaceTokenInput = z.strictObject({
  reporting_token: reportingToken,
  region: z.enum(regions).optional(),
});

export const storedError = z.object({
  code: z.string(),
  detail: z.string(),
  hint: z.string().nullable(),
  at: instant.optional(),
});

export const connectionView = named(
  'Connection',
  z.object({
    id: z.string().meta({ examples: ['con_0123456789abcdef'] }),
    name: z.string(),
    tenant: z.string().nullable(),
    tags: z.array(z.string()),
    region: z.enum(regions),
    base_urls: z
      .object({
        reporting: z.string().optional(),
        scim: z.string().optional(),
        events: z.string().optional(),
        product: z.string().optional(),
      })
      .describe('Addresses other than KnowBe4’s own for the region; of SCIM the tenant URL'),
    state: z.enum(['connecting', 'active', 'validation_error', 'needs_reauth']),
    paused_at: nullableInstant,
    last_error: storedError.nullable(),
    settings: connectionSettings,
    account: z
      .object({
        name: z.string().nullable(),
        type: z.string().nullable(),
        domains: z.array(z.string()),
        subscription_level: z.string().nullable(),
        seats: z.number().nullable(),
        admins: z.number(),
        checked_at: instant,
        warnings: z.array(z.string()),
      })
      .nullable()
      .describe('What KnowBe4 said when the token was last proven'),
    account_key: z.string().nullable().describe('Connections with one key share one request budget'),
    created_at: instant,
    updated_at: instant,
    tokens: z.array(z.object({ kind: z.string(), fingerprint: z.string(), created_at: instant })),
  }),
  'A KnowBe4 account and how it is read. No secret is ever shown.',
);

export const keyKind = z.enum(keyKinds);

export const keyInput = z
  .strictObject({
    token: z.string().trim().min(1).max(8192).describe('It is sealed and never shown'),
    url: z
      .string()
      .max(500)
      .optional()
      .describe('SCIM: the tenant URL, needed. Else another address than KnowBe4’s, only where the operator allows it'),
  })
  .meta({ examples: [{ token: 'YOUR-SCIM-TOKEN', url: 'https://training.knowbe4.com/scim/…' }] });

const capabilities = z.array(z.object({ name: z.string(), available: z.boolean(), note: z.string().nullable() }));

export const keyResult = named(
  'KeyResult',
  z.object({ connection: connectionView, kind: keyKind, capabilities, warnings: z.array(z.string()) }),
);

export const connectResult = named(
  'ConnectResult',
  z.object({
    connection: connectionView,
    capabilities,
    warnings: z.array(z.string()),
  }),
);
