/** Schemas of resources. KnowBe4's extension is spelled with care: its documents call it case-sensitive. */
export const schemaUrns = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  knowbe4: 'urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User',
  serviceProviderConfig: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
} as const;

export const messageUrns = {
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
} as const;

/** What a path may name. None is another one followed by `:`. */
const known = [schemaUrns.user, schemaUrns.group, schemaUrns.enterprise, schemaUrns.knowbe4].map(
  (urn) => [urn, urn.toLowerCase()] as const,
);

/**
 * Takes `urn:…:User:attr` apart.
 * @returns the schema in its right spelling and what stands behind it (`''` for the schema itself: of those that we do not know, one
 *   that ends as `2.0:User` does); undefined when it is no URN
 */
export function splitUrn(text: string): { schema: string; rest: string } | undefined {
  if (text.slice(0, 4).toLowerCase() !== 'urn:') return undefined;
  const folded = text.toLowerCase();
  for (const [urn, lower] of known) {
    if (folded === lower) return { schema: urn, rest: '' };
    if (folded.startsWith(`${lower}:`)) return { schema: urn, rest: text.slice(urn.length + 1) };
  }
  const colon = text.lastIndexOf(':');
  const [schema, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  return endsWithVersion(schema) && startsWithCapital(rest) ? { schema: text, rest: '' } : { schema, rest };
}

const endsWithVersion = (text: string): boolean => text.at(-1)! >= '0' && text.at(-1)! <= '9';
const startsWithCapital = (text: string): boolean => text.length > 0 && text[0]! >= 'A' && text[0]! <= 'Z';
