import { createHash, createHmac, randomBytes } from 'node:crypto';

/** How the secret of a link begins. */
const PREFIX = 'fkl_';
const SECRET = /^fkl_[\w-]{43}$/;

/** 256 random bits. */
export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64url')}`;

/** SHA-256, hex; null for what is no secret of a link. */
export const hashOf = (secret: string): string | null => (SECRET.test(secret) ? sha256(secret) : null);

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** 32 letters and digits of which no two look alike: no 0 and O, no 1 and I. */
const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 8;

/** `KB-7QF4-92LM`: 40 random bits, to be typed. */
export function newCode(): string {
  const code = [...randomBytes(LENGTH)].map((byte) => letters[byte % letters.length]).join('');
  return `KB-${code.slice(0, 4)}-${code.slice(4)}`;
}

/** The letters of a code however it was typed; null for what is none. */
function lettersOf(code: string): string | null {
  const typed = code.toUpperCase().replace(/[\s\u2010-\u2015-]/g, '');
  const bare = typed.length === LENGTH + 2 && typed.startsWith('KB') ? typed.slice(2) : typed;
  return bare.length === LENGTH && [...bare].every((letter) => letters.includes(letter)) ? bare : null;
}

/**
 * What a code is found by, and the secret that it stands for. A code has few bits, so both follow from it and from a key that is
 * not in the store: whoever reads the store cannot try codes out.
 */
export function codeWith(key: Buffer, code: string): { readonly hash: string; readonly entry: string } | null {
  const typed = lettersOf(code);
  if (typed === null) return null;
  const derived = (purpose: string) => createHmac('sha256', key).update(`${purpose} ${typed}`, 'utf8');
  return { hash: derived('code').digest('hex'), entry: `${PREFIX}${derived('entry').digest('base64url')}` };
}

/** Stands for an address or a text where attempts are counted. */
export const digestOf = (text: string): string => sha256(text.toLowerCase()).slice(0, 32);
