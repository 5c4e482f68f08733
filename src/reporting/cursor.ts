import { createHash } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';

/** Tells a cursor over the mirror from one of KnowBe4's. */
const MARK = 'fkm1';

/**
 * Where a list over the mirror goes on. It names nothing that is not in the answer before, so it is not sealed; a forged one leads to
 * another place of the same list.
 * @param list path and filters, which it is bound to
 */
export const writeCursor = (list: string, after: string): string =>
  [MARK, boundTo(list), Buffer.from(after, 'utf8').toString('base64url')].join('.');

/**
 * @returns the key after which the list goes on; null for a cursor that is none over the mirror
 * @throws ForeknowError `invalid_cursor` for one of another list
 */
export function readCursor(list: string, text: string): string | null {
  const [mark, bound, after, ...more] = text.split('.');
  if (mark !== MARK) return null;
  const key = Buffer.from(after ?? '', 'base64url').toString('utf8');
  // No key of KnowBe4 has other characters; ids alone are in cursors.
  if (bound === boundTo(list) && more.length === 0 && /^[\w:/-]{1,100}$/.test(key)) return key;
  throw new ForeknowError('invalid_cursor', {
    detail: 'cursor is not valid.',
    hint: 'Send it back with the path and the filters that it was given for.',
    field: 'cursor',
  });
}

const boundTo = (list: string): string => createHash('sha256').update(list).digest('base64url').slice(0, 8);
