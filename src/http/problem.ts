import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { ScimError } from '../scim/errors.ts';
import { ERROR_HEADER, isKnowbe4Address, knowbe4Error } from './knowbe4-error.ts';
import { isScimAddress, ofScim, scimError } from './scim-error.ts';
import { isTrutoAddress } from './truto-addresses.ts';

/** Where the page of all error codes is served: the `type` of a problem links to its section. */
export const ERRORS_PAGE = '/docs/errors.md';

/** Answers an error in the shape of the door that was asked. Errors of our own fault are logged with their cause. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = isTooLarge(error) ? tooLarge(request.routeOptions.bodyLimit) : asForeknowError(error);
  request.errorCode = known.code;
  if (known.status >= 500) request.log.error({ err: error, code: known.code, requestId: request.id }, 'request failed');
  const { status, body, contentType } = errorBody(known, request.url, request.id, request.method);
  if (isKnowbe4Address(request.url)) reply.header(ERROR_HEADER, known.code);
  if (known.status === 401 && known.remote === undefined) reply.header('www-authenticate', 'Bearer');
  if (known.status === 429 || known.retryAfterMs !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil((known.retryAfterMs ?? 10_000) / 1000))));
  }
  reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  // Clients repeat a 503 by themselves.
  const told = known.isOpen && request.method !== 'GET' ? 500 : status;
  return reply.code(told).type(contentType).send(JSON.stringify(body));
}

/**
 * An error as it is answered: in Truto's shape where Truto's addresses are, in KnowBe4's where its are, in SCIM's where providers push, in problem+json (RFC 9457)
 * everywhere else. Where KnowBe4 is asked one to one, its own status is handed on.
 */
export function errorBody(error: ForeknowError, url: string, requestId: string, method = 'GET') {
  if (isKnowbe4Address(url)) return knowbe4Error(error);
  if (isScimAddress(url)) return scimError(error);
  if (!isTrutoAddress(url)) {
    const contentType = 'application/problem+json; charset=utf-8';
    return { status: error.status, body: problem(error, requestId), contentType };
  }
  const isProxy = /^\/+(?:proxy|custom)(?:[/?]|$)/.test(url);
  const remoteStatus = error.remote?.status ?? 0;
  const handedOn = isProxy && remoteStatus >= 400 && remoteStatus < 600 ? remoteStatus : error.status;
  const status = isProxy && method !== 'GET' && error.code.startsWith('remote_') ? notAgain(handedOn, url) : handedOn;
  const isUnified = /^\/+unified(?:[/?]|$)/.test(url);
  const body = trutoError(error, { status, requestId, isUnified });
  return { status, body, contentType: 'application/json; charset=utf-8' };
}

/**
 * Clients repeat these by themselves, also a POST. Of a change nobody knows whether KnowBe4 has made it, so it is told as what they do not
 * repeat; `raw_response` and the message say what it was. GraphQL only reads.
 */
const notAgain = (status: number, url: string): number =>
  [502, 503, 504].includes(status) && !/^\/+proxy\/graphql(?:[/?]|$)/.test(url) ? 500 : status;

function problem(error: ForeknowError, requestId: string) {
  return {
    type: `${ERRORS_PAGE}#${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.detail,
    hint: error.hint,
    field: error.field,
    issues: error.issues.length > 0 ? error.issues : undefined,
    retry: error.retry,
    remote: error.remote ? { status: error.remote.status, request_id: error.remote.requestId } : undefined,
    request_id: requestId,
  };
}

function trutoError(
  error: ForeknowError,
  {
    status,
    requestId,
    isUnified,
  }: { readonly status: number; readonly requestId: string; readonly isUnified: boolean },
) {
  const failures = error.issues.length > 0 ? error.issues : error.field ? [issueOf(error, error.field)] : undefined;
  return {
    statusCode: status,
    error: STATUS_CODES[status] ?? error.title,
    message: error.detail,
    details: { code: error.code, hint: error.hint, field: error.field, failures, request_id: requestId },
    // Beside the unified API a missing right alone is explained.
    truto_error_insight: isUnified || status === 403 ? insightOf(error) : undefined,
    ...(error.remote ? { truto_is_remote_error: true, raw_response: rawBody(error.remote.body) } : {}),
  };
}

/** What the vendor answered, as JSON where it is. */
function rawBody(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

const issueOf = (error: ForeknowError, field: string) => ({ field, reason: error.detail });

/** What Truto's clients look for to explain an error: one entry a known kind, left out when none fits. */
function insightOf(error: ForeknowError) {
  const description = error.hint === undefined ? error.detail : `${error.detail} ${error.hint}`;
  if (error.remote) return { remote_error: { description, value: error.remote.status } };
  if (error.code === 'rate_limited') return { rate_limit_error: { description } };
  if (error.code === 'scope_missing') return { forbidden_error: { description, value: valuesOf(error, 'scope') } };
  const missing = error.issues.filter((issue) => issue.reason === REQUIRED).map((issue) => issue.field);
  if (missing.length > 0) return { missing_required_query_parameters: { description, value: missing } };
  return undefined;
}

const valuesOf = (error: ForeknowError, field: string) =>
  error.issues.filter((issue) => issue.field === field).map((issue) => issue.reason);

/** The reason of an issue that says a parameter is missing. */
export const REQUIRED = 'required';

type FrameworkError = { readonly code?: unknown; readonly statusCode?: unknown; readonly message?: unknown };

const isTooLarge = (error: unknown): boolean => (error as FrameworkError)?.code === 'FST_ERR_CTP_BODY_TOO_LARGE';

/** @param limit of the address, in bytes */
function tooLarge(limit?: number): ForeknowError {
  const most = limit === undefined ? '' : `the ${sizeOf(limit)} that `;
  return new ForeknowError('payload_too_large', { detail: `The body is larger than ${most}this address takes.` });
}

const sizeOf = (bytes: number): string => (bytes < MEGABYTE ? `${bytes / 1024} kB` : `${bytes / MEGABYTE} MB`);

const MEGABYTE = 1024 * 1024;

/** Any thrown value as one of ours: the framework's refusals keep their meaning, everything else is `internal`. */
export function asForeknowError(error: unknown): ForeknowError {
  if (isForeknowError(error)) return error;
  if (error instanceof ScimError) return ofScim(error);
  const { code, statusCode } = (error ?? {}) as FrameworkError;
  if (isTooLarge(error)) return tooLarge();
  if (code === 'FST_ERR_BAD_URL') {
    return new ForeknowError('invalid_request', {
      detail: 'The address has percent signs that cannot be decoded.',
      hint: 'Encode each part of the path with encodeURIComponent.',
    });
  }
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new ForeknowError('invalid_request', { detail: 'The body is not valid JSON.', cause: error });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ForeknowError('invalid_request', { detail: 'The request cannot be read.', cause: error });
  }
  return new ForeknowError('internal', {
    detail: 'Something broke on our side.',
    hint: 'Try again; if it stays, look in the log of the server for the request id.',
    cause: error,
  });
}
