/**
 * Numbers that follow from the seed and from what they are for, never from the order in which they are asked:
 * the world can then be derived piece by piece, and the same piece is the same whenever it is looked at.
 */

/** Mixes one more whole number into 32 bits. */
export function mix(h: number, part: number): number {
  let mixed = Math.imul(h ^ part, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Mixes whole numbers into one of 32 bits. */
export function hash(...parts: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) h = mix(h, part);
  return h;
}

/** The n-th throw that belongs to a hash: from 0 (included) to 1 (not included). */
export const roll = (h: number, n: number): number => mix(mix(h, n + 1), 0x27d4eb2f) / 4294967296;

/** One of a non-empty list. */
export const pick = <T>(list: readonly T[], h: number, n: number): T => list[Math.floor(roll(h, n) * list.length)]!;

/** Hexadecimal in the form of a UUID (version 4). */
export function uuid(h: number): string {
  const hex = [1, 2, 3, 4].map((n) => mix(mix(h, n), n).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A number for a text, to seed what belongs to it. */
export const hashText = (text: string): number =>
  hash(...Array.from(text, (character) => character.codePointAt(0) ?? 0));
