import { eventFamilies } from '../events/catalog.ts';
import type { StoredEndpoint } from '../events/endpoint.ts';
import type { Grant } from '../events/endpoint-input.ts';
import { isAsStrictAs } from '../model/field-policy.ts';
import type { ApiToken } from '../tokens/token.ts';
import { hasScope } from './authenticate.ts';

/** What a token lends to a webhook endpoint that it makes or changes. */
export const grantOf = (token: ApiToken): Grant => ({
  families: eventFamilies.filter((family) => hasScope(token, family)),
  connectionIds: token.connections,
  fieldPolicy: token.fieldPolicy,
});

/** A token sees endpoints that reach no further than it does and are told no more of people. */
export const isWithin = (token: ApiToken, { connections, fieldPolicy }: StoredEndpoint): boolean =>
  isAsStrictAs(fieldPolicy, token.fieldPolicy) &&
  (token.connections === null || (connections?.every((id) => token.connections?.includes(id)) ?? false));
