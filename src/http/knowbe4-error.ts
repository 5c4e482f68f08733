import { STATUS_CODES } from 'node:http';
import type { ForeknowError } from '../errors/errors.ts';

/** Whether an address is of KnowBe4's Reporting API: its errors look like that API's, known to us or not. */
export const isKnowbe4Address = (url: string): boolean => /^\/+v1(?:[/?]|$)/.test(url);

/** Says of an answer under `/v1` that it is ours and not KnowBe4's, and what it is about. */
export const ERROR_HEADER = 'x-foreknow-error';

/** Told as KnowBe4 tells them, and without another word. */
const plain: ReadonlySet<string> = new Set(['unauthenticated', 'not_found', 'method_not_allowed']);

/**
 * An error in the shape that clients of the Reporting API expect: `{"error", "message"}` (its own is not documented). A method that it does
 * not have is an address that it does not have.
 */
export function knowbe4Error(error: ForeknowError) {
  const remoteStatus = error.remote !== undefined && error.remote.status >= 400 ? error.remote.status : undefined;
  const isOurs = error.code.endsWith('rate_limited') || error.code === 'quota_exhausted';
  const status = error.code === 'method_not_allowed' ? 404 : ((isOurs ? undefined : remoteStatus) ?? error.status);
  const text = status === 429 ? 'Rate limit exceeded' : (STATUS_CODES[status] ?? error.title);
  const message = plain.has(error.code)
    ? `${status} ${text}`
    : [error.detail, error.hint].filter((part) => part !== undefined).join(' ');
  return { status, body: { error: text, message }, contentType: 'application/json; charset=utf-8' };
}
