import type { Attribute } from './attributes.ts';
import type { JsonObject } from './json.ts';
import { type ListResponse, listResponse, MAX_RESULTS } from './list.ts';
import { groupType, type ResourceType, type Schema, userType } from './schema.ts';
import { schemaUrns } from './urns.ts';

/** What a server tells of itself. `base` is the address before `/Users`, without a slash at its end. */

const types: readonly ResourceType[] = [userType, groupType];

export type ServiceFacts = {
  readonly base: string;
  readonly maxResults?: number;
  readonly etag: boolean;
  readonly documentation?: string;
};

/** `ServiceProviderConfig` (RFC 7643 section 5): no bulk, no sorting, no change of passwords. */
export const serviceProviderConfig = ({
  base,
  maxResults = MAX_RESULTS,
  etag,
  documentation,
}: ServiceFacts): JsonObject => ({
  schemas: [schemaUrns.serviceProviderConfig],
  ...(documentation !== undefined && { documentationUri: documentation }),
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: etag },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token in the header Authorization.',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

export const resourceTypeList = (base: string): ListResponse =>
  whole(types.map((type) => resourceTypeResource(type, base)));

/** @returns undefined when there is none of this name */
export function resourceTypeNamed(name: string, base: string): JsonObject | undefined {
  const type = types.find((known) => known.name === name);
  return type && resourceTypeResource(type, base);
}

const resourceTypeResource = (type: ResourceType, base: string): JsonObject => ({
  schemas: [schemaUrns.resourceType],
  id: type.name,
  name: type.name,
  endpoint: type.endpoint,
  description: type.description,
  schema: type.schema.id,
  schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
});

const schemas: readonly Schema[] = types.flatMap(({ schema, extensions }) => [schema, ...extensions]);

export const schemaList = (base: string): ListResponse => whole(schemas.map((schema) => schemaResource(schema, base)));

/** @param id in any letter case @returns undefined when there is none of this id */
export function schemaNamed(id: string, base: string): JsonObject | undefined {
  const schema = schemas.find((known) => known.id.toLowerCase() === id.toLowerCase());
  return schema && schemaResource(schema, base);
}

const schemaResource = ({ id, name, description, attributes }: Schema, base: string): JsonObject => ({
  schemas: [schemaUrns.schema],
  id,
  name,
  description,
  attributes: attributes.map(attributeResource),
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
});

const attributeResource = ({ subAttributes, ...attribute }: Attribute): JsonObject => ({
  ...attribute,
  ...(subAttributes && { subAttributes: subAttributes.map(attributeResource) }),
});

/** Discovery is told on one page (RFC 7644 section 4). */
const whole = (resources: readonly JsonObject[]): ListResponse => listResponse(resources, resources.length, 1);
