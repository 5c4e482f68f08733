import { isObject, own } from './json.ts';
import { messageUrns } from './urns.ts';

/** The words for what was wrong with a request (RFC 7644 section 3.12). */
export const scimTypes = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
] as const;
export type ScimType = (typeof scimTypes)[number];

/** What the pure core throws, and nothing else. `message` is the detail: it holds no values of a person. */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;

  constructor(status: number, detail: string, scimType?: ScimType) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/** A request that is wrong: 400 with its word. */
export const refused = (scimType: ScimType, detail: string): ScimError => new ScimError(400, detail, scimType);

export type ScimErrorBody = {
  readonly schemas: readonly string[];
  /** A text, as the RFC has it. */
  readonly status: string;
  readonly scimType?: ScimType;
  readonly detail: string;
};

export const scimErrorBody = (status: number, detail: string, scimType?: ScimType): ScimErrorBody => ({
  schemas: [messageUrns.error],
  status: String(status),
  ...(scimType && { scimType }),
  detail,
});

/**
 * Reads the error that a server answered: `status` as a text or a number, any letter case of `scimType`.
 * @returns undefined where the body is no SCIM error
 */
export function readScimErrorBody(body: unknown): { scimType?: ScimType; detail?: string } | undefined {
  if (!isObject(body)) return undefined;
  const schemas = own(body, 'schemas');
  const said = own(body, 'scimType');
  const detail = own(body, 'detail');
  const told = Array.isArray(schemas) && schemas.includes(messageUrns.error);
  if (!told && typeof said !== 'string' && typeof detail !== 'string') return undefined;
  const scimType = scimTypes.find((word) => typeof said === 'string' && word.toLowerCase() === said.toLowerCase());
  return { ...(scimType && { scimType }), ...(typeof detail === 'string' && { detail }) };
}
