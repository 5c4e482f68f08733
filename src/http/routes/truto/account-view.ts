import { z } from 'zod';
import type { ConnectionView } from '../../../gateway/types.ts';
import { environmentId, environmentIntegrationId } from '../../../model/environment.ts';
import { regions } from '../../../wire/regions.ts';
import { connectionSettings } from '../../schemas/connection.ts';
import { instant, named, nullableInstant } from '../../schemas/registry.ts';
import { toWire } from '../../wire.ts';
import type { AdminFilters } from './admin-list.ts';
import { integration, integrationName } from './integration.ts';

export const integratedAccount = named(
  'IntegratedAccount',
  z.object({
    id: z.string().meta({ examples: ['con_0123456789abcdef'] }),
    tenant_id: z.string().nullable(),
    environment_id: z.string(),
    environment_integration_id: z.string(),
    status: z
      .enum(['connecting', 'active', 'validation_error', 'post_install_error', 'needs_reauth'])
      .describe('post_install_error never occurs here'),
    is_blocked: z.boolean().describe('Paused: KnowBe4 is asked nothing, the mirror goes on being served'),
    last_error: z.string().nullable(),
    last_action_result: z
      .object({
        checked_at: instant,
        account_name: z.string().nullable(),
        account_type: z.string().nullable(),
        subscription_level: z.string().nullable(),
        seats: z.number().nullable(),
        warnings: z.array(z.string()),
      })
      .nullable()
      .describe('What KnowBe4 said when the token was last proven'),
    is_sandbox: z.literal(false),
    authentication_method: z.literal('api_key'),
    region: z.enum(regions).describe('KnowBe4’s'),
    context: z
      .object({
        name: z.string(),
        region: z.enum(regions),
        base_url: z.string().nullable().describe('Another address than KnowBe4’s own for the region'),
        settings: connectionSettings,
      })
      .describe('Without secrets'),
    object_store_context_fields: z
      .array(z.string())
      .describe('None: secrets are sealed, and nothing is kept elsewhere'),
    tags: z.array(z.string()),
    integration,
    created_at: instant,
    updated_at: instant,
    paused_at: nullableInstant,
  }),
  'A connection, as clients of Truto’s API know it. No secret is ever shown.',
);

export type IntegratedAccount = z.infer<typeof integratedAccount>;

export function shown(connection: ConnectionView): IntegratedAccount {
  const { id, name, tenant, tags, region, state, pausedAt, lastError, account, settings, createdAt } = connection;
  return {
    id,
    tenant_id: tenant,
    environment_id: environmentId,
    environment_integration_id: environmentIntegrationId,
    status: state,
    is_blocked: pausedAt !== null,
    last_error: lastError === null ? null : [lastError.detail, lastError.hint].filter(Boolean).join(' '),
    last_action_result:
      account === null
        ? null
        : {
            checked_at: account.checkedAt,
            account_name: account.name,
            account_type: account.type,
            subscription_level: account.subscriptionLevel,
            seats: account.seats,
            warnings: [...account.warnings],
          },
    is_sandbox: false,
    authentication_method: 'api_key',
    region,
    context: { name, region, base_url: connection.baseUrls.reporting ?? null, settings: toWire(settings) },
    object_store_context_fields: [],
    tags: [...tags],
    integration: integrationName,
    created_at: createdAt,
    updated_at: connection.updatedAt,
    paused_at: pausedAt,
  };
}

export const accountFilters: AdminFilters<IntegratedAccount> = {
  tenant_id: { kind: 'text', of: (row) => row.tenant_id },
  integration: { kind: 'text', of: (row) => row.integration.name },
  status: { kind: 'text', of: (row) => row.status },
  is_sandbox: { kind: 'flag', of: (row) => row.is_sandbox },
  created_at: { kind: 'instant', of: (row) => row.created_at },
  updated_at: { kind: 'instant', of: (row) => row.updated_at },
};
