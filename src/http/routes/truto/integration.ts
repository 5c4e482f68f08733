import { z } from 'zod';
import { environmentId, environmentIntegrationId, integrationId } from '../../../model/environment.ts';
import { regions } from '../../../wire/regions.ts';
import { instant } from '../../schemas/registry.ts';

/** The integration as other objects name it. */
export const integration = z.object({ id: z.string(), name: z.string(), category: z.string() });
export const integrationName = { id: integrationId, name: 'knowbe4', category: 'security' };

/** What is there from the beginning and never changes has no time of its own. */
const since = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' };
const times = { created_at: instant, updated_at: instant };

export const integrationObject = integration.extend({
  is_beta: z.literal(false),
  config: z.object({ label: z.string(), base_url: z.string() }),
  ...times,
});
export const theIntegration = {
  ...integrationName,
  is_beta: false as const,
  config: { label: 'KnowBe4', base_url: 'https://us.api.knowbe4.com/v1' },
  ...since,
};

export const environmentObject = z.object({ id: z.string(), name: z.string(), team_id: z.null(), ...times });
export const theEnvironment = { id: environmentId, name: 'Foreknow', team_id: null, ...since };

export const environmentIntegrationObject = z.object({
  id: z.string(),
  environment_id: z.string(),
  integration_id: z.string(),
  show_in_catalog: z.boolean(),
  is_enabled: z.boolean(),
  integration,
  ...times,
});
export const theEnvironmentIntegration = {
  id: environmentIntegrationId,
  environment_id: environmentId,
  integration_id: integrationId,
  show_in_catalog: true,
  is_enabled: true,
  integration: integrationName,
  ...since,
};

/** How an account is connected, as a form would ask for it. */
export const auth = {
  formats: ['api_key'],
  fields: [
    {
      name: 'api_token',
      label: 'Reporting API token',
      type: 'password',
      is_required: true,
      description: 'From Account Settings → Account Integrations → API in KnowBe4’s console',
      options: null,
    },
    {
      name: 'region',
      label: 'Region',
      type: 'select',
      is_required: true,
      description: 'Where the account is',
      options: [...regions],
    },
    {
      name: 'base_url',
      label: 'Address',
      type: 'text',
      is_required: false,
      description: 'An address of the account, which tells its region; any other only where the operator allows it',
      options: null,
    },
  ],
};
