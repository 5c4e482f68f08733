import { z } from 'zod';
import { linkKeys, linkKinds, linkStates, linkTasks } from '../../links/link.ts';
import { streamNames } from '../../sync/streams.ts';
import { regions } from '../../wire/regions.ts';
import { instant, named, nullableInstant } from './registry.ts';

export const linkKind = z.enum(linkKinds);
export const linkState = z.enum(linkStates);

const keys = z
  .array(z.enum(linkKeys))
  .max(linkKeys.length)
  .describe('Keys that are asked for besides the Reporting token; for `connection` without `reporting`: only these');
const requester = z.string().trim().min(1).max(100).describe('Who asks, shown to whoever connects');
const connectionTags = z.array(z.string().trim().min(1).max(64)).max(50).describe('Put on the connection');
const streamsOff = z.array(z.enum(streamNames)).max(streamNames.length).describe('Streams that will not be mirrored');

export const invitationInput = z
  .strictObject({
    address: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .describe('Mail address of the co-worker, or words for whom it is where link and code are handed over'),
    connection: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Id or name of a connection to reconnect, or to add keys to; without it a new one is made'),
    keys: keys.optional(),
    requester: requester.optional(),
    tenant: z.string().trim().min(1).max(200).optional(),
    name: z.string().trim().min(1).max(64).optional().describe('Proposed name of the connection'),
    tags: connectionTags.optional(),
    region: z.string().trim().min(1).max(300).optional().describe('us, eu, ca, uk, de, or the address of the console'),
    streams_off: streamsOff.optional(),
  })
  .meta({ examples: [{ address: 'priya@example.com', requester: 'Example Foods IT', tenant: 'Example Foods' }] });

export const invitation = named(
  'Invitation',
  z.object({
    id: z.string().meta({ examples: ['lnk_0123456789abcdef'] }),
    kind: linkKind,
    state: linkState.describe('`ended`: its token was revoked or has expired, or its connection was removed'),
    task: z.enum(linkTasks),
    address: z.string().nullable(),
    requester: z.string(),
    tenant: z.string().nullable(),
    name: z.string().nullable(),
    tags: z.array(z.string()),
    connection_id: z.string().nullable().describe('Of a connection to reconnect or to add keys to'),
    keys: z.array(z.enum(linkKeys)),
    region: z.enum(regions).nullable(),
    streams_off: z.array(z.string()),
    maker_id: z.string().nullable().describe('The token that it was made with, and with which it ends'),
    created_at: instant,
    expires_at: instant,
    sent_at: nullableInstant.describe('When it went out by mail; null: it is to be handed over'),
    reminded_at: nullableInstant,
    opened_at: nullableInstant,
    used_at: nullableInstant,
    revoked_at: nullableInstant,
    result_connection_id: z.string().nullable().describe('The connection that it made or changed'),
  }),
  'A request to connect an account, sent to a co-worker. Its link and its code are shown once.',
);

export const invited = z.object({
  invitation,
  url: z.string().describe('The link'),
  code: z
    .string()
    .describe('To be typed at /connect')
    .meta({ examples: ['KB-7QF4-92LM'] }),
  mailed: z.boolean().describe('False: hand the link or the code over'),
});

export const linkTokenInput = z
  .object({
    tenant_id: z.string().trim().min(1).max(200).optional().describe('Needed for a new account'),
    integrated_account_id: z.string().min(1).max(200).optional().describe('An account to reconnect; it keeps its id'),
    redirect_uri: z
      .string()
      .max(2000)
      .optional()
      .describe('Where the page returns to; https, at an origin that the operator allows where there are such'),
    context: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Kept with the token; it cannot carry hosts, tokens or other secrets'),
    region: z.string().max(100).optional().describe('Proposed where it is one of KnowBe4, else ignored'),
    scopes: z.array(z.string().max(200)).max(100).optional().describe('Accepted; KnowBe4’s keys have no scopes'),
    persist_previous_context: z.boolean().optional().describe('Accepted; what is set of an account stays in any case'),
    environment_unified_model_id: z.string().max(200).optional().describe('Accepted'),
    environment_id: z.string().max(200).optional().describe('Accepted; there is one environment'),
    x_keys: keys.optional(),
    x_requester: requester.optional(),
    x_name: z.string().trim().min(1).max(64).optional().describe('Proposed name of the connection'),
    x_tags: connectionTags.optional(),
    x_streams_off: streamsOff.optional(),
  })
  .meta({ examples: [{ tenant_id: 'acme', redirect_uri: 'https://app.example.com/connected' }] });
