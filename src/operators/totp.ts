import { Secret, TOTP } from 'otpauth';

/* One-time codes (RFC 6238) as authenticator apps make them: six digits, half a minute, SHA-1. */

const PERIOD_S = 30;

const of = (name: string, seed: string): TOTP =>
  new TOTP({ issuer: 'Foreknow', label: name, secret: Secret.fromBase32(seed), digits: 6, period: PERIOD_S });

/** 160 random bits in Base32. */
export const newSeed = (): string => new Secret({ size: 20 }).base32;

/** What an authenticator app takes. */
export const uriOf = (name: string, seed: string): string => of(name, seed).toString();

/**
 * The number of the half minute that a code is for; null when it is none of this moment, the one before or the one after.
 * @param now ms
 */
export function stepOf(name: string, seed: string, code: string, now: number): number | null {
  const digits = code.replace(/[\s-]/g, '');
  if (!/^\d{6}$/.test(digits)) return null;
  const delta = of(name, seed).validate({ token: digits, timestamp: now, window: 1 });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD_S) + delta;
}
