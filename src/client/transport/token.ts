import { ForeknowError } from '../../errors/errors.ts';
import { type Region, regionOfAddress } from '../../wire/regions.ts';
import type { Send } from './types.ts';

/** Adds the credential to every request. */
export const withToken =
  (token: string) =>
  (send: Send): Send =>
  (request) =>
    send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });

/**
 * The token as it goes into the header.
 * @throws ForeknowError `invalid_request` when it is empty or holds what no token holds; the message never shows it
 */
export function checkedToken(token: string): string {
  const trimmed = token.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new ForeknowError('invalid_request', {
    detail: trimmed === '' ? 'The token is empty.' : 'The token holds spaces, line breaks or characters outside ASCII.',
    hint: 'Copy the token again, as one line and without quotes.',
    field: 'token',
  });
}

export type TokenFacts = {
  /** The product whose scope the token names; null when it names none that we know. */
  readonly product: 'reporting' | 'ksat' | 'phisher' | 'kcm' | 'passwordiq' | 'securitycoach' | null;
  readonly region: Region | null;
  readonly expiresAt: Date | null;
};

/** Scope names seen in tokens (public client code and the console's schema, 2023 to 2026). */
const productOfScope: Readonly<Record<string, TokenFacts['product']>> = {
  elvis: 'reporting',
  public_kmsat: 'ksat',
  kmsat: 'ksat',
  phisher: 'phisher',
  kcm: 'kcm',
  piq: 'passwordiq',
  public_piq: 'passwordiq',
  public_security_coach: 'securitycoach',
};

/**
 * What a token seems to say about itself. Tokens are opaque by contract: this serves a friendlier message after a refusal
 * and must decide nothing.
 */
export function tokenFacts(token: string): TokenFacts {
  const texts = claimTexts(payloadOf(token));
  const words = texts.flatMap((text) => text.split(/[\s,]+/));
  const products = words.flatMap((word) => productOfScope[word.toLowerCase()] ?? []);
  const expiry = payloadOf(token)?.exp;
  return {
    product: products.includes('reporting') ? 'reporting' : (products[0] ?? null),
    region: texts.map(regionOfAddress).find((region) => region !== null) ?? null,
    expiresAt: typeof expiry === 'number' ? new Date(expiry * 1000) : null,
  };
}

function payloadOf(token: string): Record<string, unknown> | null {
  const part = token.split('.')[1];
  if (part === undefined) return null;
  try {
    const payload: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const claimTexts = (payload: Record<string, unknown> | null): string[] =>
  Object.values(payload ?? {})
    .flat()
    .filter((value) => typeof value === 'string');
