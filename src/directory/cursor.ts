import { createHmac, timingSafeEqual } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import type { Keyset, Position } from './ports.ts';

/** Where a list goes on, and which way. */
export type Place = Pick<Keyset, 'direction' | 'inclusive'> & { readonly position: Position };

const MAC_BYTES = 16;

/**
 * A place as text that only this gateway can make. The code covers what the list is about, so that a cursor is of no use
 * with another filter, another sort or another connection.
 * @param about resource, connections, filter and sort in one canonical text
 * @param key secret of the gateway, at least 32 bytes
 */
export function sealCursor(place: Place, about: string, key: Uint8Array): string {
  const words = [place.direction === 'forward' ? 'f' : 'b', place.inclusive ? 1 : 0, ...place.position];
  const body = Buffer.from(JSON.stringify(words));
  return Buffer.concat([macOf(body, about, key), body]).toString('base64url');
}

/**
 * The way back from `sealCursor`.
 * @throws ForeknowError `invalid_cursor` when a bit was changed, or when the list is another one
 */
export function openCursor(text: string, about: string, key: Uint8Array): Place {
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(MAC_BYTES);
  const isOurs = bytes.length > MAC_BYTES && bytes.toString('base64url') === text;
  if (!isOurs || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(body, about, key))) {
    throw new ForeknowError('invalid_cursor', {
      detail: 'The cursor was not made for this list.',
      hint: 'Send the cursor exactly as it was given, with the same filters, sort and connection; or start again without one.',
      field: 'next_cursor',
    });
  }
  const [direction, inclusive, ...position] = JSON.parse(body.toString()) as ['f' | 'b', 0 | 1, ...Position];
  return { direction: direction === 'f' ? 'forward' : 'backward', inclusive: inclusive === 1, position };
}

const macOf = (body: Buffer, about: string, key: Uint8Array): Buffer =>
  createHmac('sha256', key).update(about).update('\n').update(body).digest().subarray(0, MAC_BYTES);
