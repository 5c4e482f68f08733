import { z } from 'zod';
import { fingerprintOf } from '../../../connections/vault.ts';
import { ForeknowError } from '../../../errors/errors.ts';
import type { ConnectInput, ConnectionView } from '../../../gateway/types.ts';
import { regionOfAddress, regions } from '../../../wire/regions.ts';
import { REQUIRED } from '../../problem.ts';
import { connectionSettings } from '../../schemas/connection.ts';
import { fromWire } from '../../wire.ts';

const secret = z.string().trim().min(1).max(8192).optional();
/** Words that clients have for the one secret that makes an account. */
const secrets = { api_token: secret, api_key: secret, token: secret, access_token: secret, reporting_token: secret };
const secretWords = Object.keys(secrets) as readonly (keyof typeof secrets)[];

const name = z.string().trim().min(1).max(100);
const tags = z.array(z.string().trim().min(1).max(100)).max(50);
const tenantId = z.string().trim().min(1).max(200);
const environment = { environment_id: z.string().max(200).optional().describe('Follows from the token') };

export const importInput = z
  .strictObject({
    tenant_id: tenantId,
    context: z
      .strictObject({
        ...secrets,
        region: z.string().trim().min(1).max(300).optional().describe('us, eu, ca, uk or de'),
        base_url: z
          .string()
          .trim()
          .min(1)
          .max(500)
          .optional()
          .describe('An address of the account, which tells its region; any other only where the operator allows it'),
        name: name.optional().describe('Of the connection; made of the tenant without it'),
        settings: connectionSettings.optional(),
      })
      .describe('Exactly one of api_token, api_key, token, access_token, reporting_token: the Reporting API token'),
    tags: tags.optional(),
    authentication_method: z.literal('api_key').optional(),
    environment_integration_id: z.string().max(200).optional(),
    region: z.string().max(20).optional().describe('Where Truto would keep it: means nothing here'),
    ...environment,
  })
  .meta({ examples: [{ tenant_id: 'acme-1', context: { api_token: 'YOUR-REPORTING-TOKEN', region: 'us' } }] });

export const accountPatch = z
  .strictObject({
    tenant_id: tenantId.nullable().optional(),
    name: name.optional(),
    tags: tags.optional(),
    context: z
      .strictObject({
        name: name.optional(),
        settings: connectionSettings.optional(),
        region: z.enum(regions).optional().describe('Only as it is: it changes with the credentials'),
        base_url: z.string().max(500).nullable().optional().describe('Only as it is'),
      })
      .optional()
      .describe('What is not named stays as it is'),
    ...environment,
  })
  .meta({ examples: [{ tenant_id: 'acme-2', context: { name: 'acme' } }] });

/** What the holder of an account token may say about the account. */
export const ownPatch = z
  .strictObject({
    name: name.optional(),
    tags: tags.optional(),
    context: z.strictObject({ name: name.optional() }).optional(),
  })
  .meta({ examples: [{ name: 'acme' }] });

export const credentialsInput = z
  .strictObject({ ...secrets, region: z.enum(regions).optional(), ...environment })
  .meta({ examples: [{ api_token: 'YOUR-REPORTING-TOKEN' }] });

export const bulkInput = z
  .strictObject({
    ids: z.array(z.string().min(1).max(200)).min(1).max(500).optional(),
    tenant_id: tenantId.optional(),
    ...environment,
  })
  .meta({ examples: [{ ids: ['con_0123456789abcdef'] }] });

/**
 * What connecting is asked. Without a name it is made of tenant and token, so that the same call makes the same one.
 * @throws ForeknowError `invalid_request`
 */
export function connectInputOf({ tenant_id: tenant, context, tags }: z.output<typeof importInput>): ConnectInput {
  const reportingToken = secretOf(context, 'context.');
  const { base_url: baseUrl, settings } = context;
  const told = baseUrl === undefined ? null : regionOfAddress(baseUrl);
  const region = context.region ?? told;
  if (region === null) throw missing('context.region', 'context.region is missing: us, eu, ca, uk or de.');
  return {
    name: context.name ?? nameOf(tenant, reportingToken),
    region,
    reportingToken,
    ...(baseUrl !== undefined && told === null && { reportingUrl: baseUrl }),
    tenant,
    ...(tags && { tags }),
    ...(settings && { settings: fromWire(settings) }),
  };
}

/**
 * The same token for the same tenant a second time is a call that was repeated.
 * @throws ForeknowError `conflict`
 */
export function refuseRepeated(all: readonly ConnectionView[], { tenant, reportingToken }: ConnectInput): void {
  const fingerprint = fingerprintOf(reportingToken);
  const same = all.find(
    (one) =>
      one.tenant === tenant &&
      one.tokens.some((token) => token.kind === 'reporting' && token.fingerprint === fingerprint),
  );
  if (same === undefined) return;
  throw new ForeknowError('conflict', {
    detail: `The tenant has an account with this token already: ${same.id}.`,
    hint: 'Use it, or change its credentials.',
    field: 'context',
  });
}

/** @throws ForeknowError `invalid_request` unless there is exactly one */
export function secretOf(fields: { readonly [Word in keyof typeof secrets]?: string | undefined }, at = ''): string {
  const given = secretWords.filter((word) => fields[word] !== undefined);
  const [word] = given;
  if (word === undefined) throw missing(`${at}api_token`, `${at}api_token is missing.`);
  if (given.length === 1) return fields[word]!;
  throw new ForeknowError('invalid_request', {
    detail: `${given.map((one) => at + one).join(' and ')} mean the same: send one of them.`,
    field: at + word,
  });
}

/**
 * What a patch changes of the connection.
 * @throws ForeknowError `invalid_request` for another region or address: they change with the credentials
 */
export function patchOf(patch: z.output<typeof accountPatch>, present: ConnectionView) {
  const { name: own, tenant_id: tenant, context = {} } = patch;
  const { region, base_url: baseUrl, settings } = context;
  if (region !== undefined && region !== present.region) throw moves('context.region');
  if (baseUrl !== undefined && baseUrl !== (present.baseUrls.reporting ?? null)) throw moves('context.base_url');
  const label = own ?? context.name;
  return {
    ...(label !== undefined && { name: label }),
    ...(tenant !== undefined && { tenant }),
    ...(patch.tags && { tags: patch.tags }),
    ...(settings && { settings: fromWire<ConnectionView['settings']>(settings) }),
  };
}

/** Letters and digits of the tenant, and what tells its tokens apart. */
function nameOf(tenant: string, token: string): string {
  const words = tenant
    .replace(/[^\p{L}\p{N} ._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 44);
  const base = words === '' || words.startsWith('con_') ? `account ${words}`.trim() : words;
  return `${base} ${fingerprintOf(token)}`;
}

const missing = (field: string, detail: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field, issues: [{ field, reason: REQUIRED }] });

const moves = (field: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `${field} cannot be changed by itself: a token is for one host.`,
    hint: 'Send the region with its token to PATCH /integrated-account/{id}/credentials, or import the account anew.',
    field,
  });
