import type { ErrorCode } from '../errors/catalog.ts';
import { ForeknowError } from '../errors/errors.ts';
import { ScimError, scimErrorBody } from '../scim/errors.ts';

/** Whether identity providers push there: errors are in SCIM's shape, whoever raises them. */
export const isScimAddress = (url: string): boolean => /^\/+scim\/v2(?:[/?]|$)/.test(url);

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  409: 'conflict',
  412: 'conflict',
  501: 'method_not_allowed',
  503: 'unavailable',
};

/** A refusal of the SCIM core, as an error that all doors know. */
export const ofScim = (error: ScimError): ForeknowError =>
  new ForeknowError(codes[error.status] ?? 'internal', { detail: `${error.message}.`, cause: error });

/** An error in the shape of RFC 7644 section 3.12. */
export function scimError(error: ForeknowError) {
  const { cause } = error;
  const contentType = 'application/scim+json; charset=utf-8';
  if (cause instanceof ScimError) {
    const { status, message, scimType } = cause;
    return { status, body: scimErrorBody(status, message, scimType), contentType };
  }
  const detail = [error.detail, error.hint].filter((part) => part !== undefined).join(' ');
  const scimType = error.code === 'invalid_request' ? 'invalidSyntax' : undefined;
  return { status: error.status, body: scimErrorBody(error.status, detail, scimType), contentType };
}
