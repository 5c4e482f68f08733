import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';

/** What a try costs (RFC 7914). */
export type Cost = { readonly N: number; readonly r: number; readonly p: number };

/** 32 MB and some tenths of a second a try: what OWASP's password storage cheat sheet names for N = 2^15. */
export const COST: Cost = { N: 2 ** 15, r: 8, p: 3 };
const BYTES = 32;
const LEAST = 12;
const MOST = 256;

/** @throws ForeknowError `invalid_request` for a secret that is too short, or is the name */
export function checkSecret(secret: string, name: string): void {
  const why = weakness(secret, name);
  if (why === null) return;
  throw new ForeknowError('invalid_request', {
    detail: `The secret ${why}.`,
    hint: `Take ${LEAST} letters or more: a few words, say.`,
    field: 'secret',
  });
}

function weakness(secret: string, name: string): string | null {
  const letters = [...secret.normalize('NFKC')];
  if (letters.length < LEAST) return `has fewer than ${LEAST} letters`;
  if (letters.length > MOST) return `has more than ${MOST} letters`;
  if (new Set(letters).size < 5) return 'has fewer than five different letters';
  return secret.toLowerCase().includes(name.toLowerCase()) && letters.length < LEAST + [...name].length
    ? 'is little more than the name'
    : null;
}

/** `scrypt$N$r$p$salt$hash`, both in base64url. */
export async function hashSecret(secret: string, cost: Cost = COST): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** @param whenNone takes as long for a stored text that is none as for one of this cost */
export async function isSecret(secret: string, stored: string, whenNone: Cost = COST): Promise<boolean> {
  const [kind, n, r, p, salt, hash] = stored.split('$');
  if (kind !== 'scrypt' || salt === undefined || hash === undefined) {
    await derive(secret, Buffer.alloc(16), whenNone);
    return false;
  }
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const derived = await derive(secret, Buffer.from(salt, 'base64url'), cost);
  const wanted = Buffer.from(hash, 'base64url');
  return derived.length === wanted.length && timingSafeEqual(derived, wanted);
}

const derive = (secret: string, salt: Buffer, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { ...cost, maxmem: 256 * cost.N * cost.r };
    scrypt(secret.normalize('NFKC').slice(0, 4096), salt, BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

/** 256 random bits, as a browser keeps them. */
export const newSessionToken = (): string => `fko_${randomBytes(32).toString('base64url')}`;

const SESSION = /^fko_[\w-]{43}$/;

/** SHA-256, hex; null for what is no session. */
export const sessionHash = (token: string): string | null => (SESSION.test(token) ? sha256(token) : null);

/** What a form of the session's own pages carries: nobody can work it out who has not the session. */
export const csrfOf = (token: string): string => sha256(`form ${token}`);

/** Whether a form came from a page of the session. */
export function isCsrf(token: string, said: string): boolean {
  const wanted = Buffer.from(csrfOf(token));
  const given = Buffer.from(said);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** First 8 hex digits of the SHA-256 of a seed: tells two apart without showing either. */
export const fingerprintOf = (seed: string): string => sha256(seed).slice(0, 8);
