import { isForeknowError } from '../../errors/errors.ts';
import type { JsonObject } from '../../scim/json.ts';
import type { ScimAsk, ScimCallOptions } from './ask.ts';

/** What a service tells of itself. Each may be missing: null, and nothing depends on it. */
export type ScimDiscovery = {
  serviceProviderConfig(options?: ScimCallOptions): Promise<JsonObject | null>;
  resourceTypes(options?: ScimCallOptions): Promise<JsonObject | null>;
  schemas(options?: ScimCallOptions): Promise<JsonObject | null>;
};

/** The answers of a service that does not offer it. */
const missing = new Set(['remote_not_found', 'remote_rejected', 'remote_invalid', 'connection_forbidden']);

export function scimDiscovery(ask: ScimAsk): ScimDiscovery {
  const offered =
    (path: string) =>
    async (options: ScimCallOptions = {}): Promise<JsonObject | null> => {
      try {
        return await ask({ path, tries: 2, isOptional: true }, options);
      } catch (error) {
        if (isForeknowError(error) && missing.has(error.code)) return null;
        throw error;
      }
    };
  return {
    serviceProviderConfig: offered('/ServiceProviderConfig'),
    resourceTypes: offered('/ResourceTypes'),
    schemas: offered('/Schemas'),
  };
}
