import { createHash } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import { placeOf } from './from-change.ts';

export type Order = 'asc' | 'desc';

/**
 * Where a reader of the log goes on: at the change `seq`, of whose events `done` were given already (from the front; from the
 * back with `desc`, where null means none).
 */
export type Place = { readonly order: Order; readonly seq: number; readonly done: number | null };

const CHECK_BYTES = 6;

/**
 * A place as text. It is no secret and works with every filter, and for as long as the log is kept, whatever happens to the
 * vault; the check value only tells a cut or altered cursor from a whole one.
 */
export function cursorText({ order, seq, done }: Place): string {
  const body = Buffer.from(`${order[0]}${seq}.${done ?? ''}`);
  return Buffer.concat([checkOf(body), body]).toString('base64url');
}

/**
 * Reads a cursor, or the id of an event: the events that follow it.
 * @throws ForeknowError `invalid_cursor`
 */
export function readCursor(text: string, order: Order): Place {
  const event = placeOf(text);
  if (event !== null) return { order, seq: event.seq, done: order === 'asc' ? event.index + 1 : event.index };
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(CHECK_BYTES);
  const isWhole = bytes.toString('base64url') === text && checkOf(body).equals(bytes.subarray(0, CHECK_BYTES));
  const found = isWhole ? /^([ad])(\d{1,15})\.(\d{0,9})$/.exec(body.toString('latin1')) : null;
  if (found === null) throw notACursor('The cursor is not one of this list.');
  if (found[1] !== order[0]) throw notACursor('The cursor belongs to the other order.');
  return { order, seq: Number(found[2]), done: found[3] === '' ? null : Number(found[3]) };
}

const checkOf = (body: Uint8Array): Buffer =>
  createHash('sha256').update('events ').update(body).digest().subarray(0, CHECK_BYTES);

const notACursor = (detail: string): ForeknowError =>
  new ForeknowError('invalid_cursor', {
    detail,
    hint: 'Send next_cursor exactly as it came, or the id of the last event you have; or start again without one.',
    field: 'after',
  });
