import { ForeknowError } from '../errors/errors.ts';
import { lostAt, wasPutBack } from '../events/gaps.ts';
import type { LogStore } from '../events/ports.ts';

/**
 * Whether the log of changes can be read on from a position without a loss; 0 is the beginning of what is kept.
 * @throws ForeknowError `invalid_cursor` beyond its end, `cursor_expired`
 */
export function checkPosition(
  after: number,
  { head, droppedTo, gaps }: Awaited<ReturnType<LogStore['logBounds']>>,
): void {
  if (after > head) throw beyondTheLog(after);
  const lost = lostAt(gaps, after);
  if (lost !== null) throw wasPutBack(lost.until);
  if (after > 0 && after < droppedTo) throw expired(droppedTo);
}

const beyondTheLog = (after: number) =>
  new ForeknowError('invalid_cursor', {
    detail: `The log of changes ends before the position ${after}.`,
    hint: 'The store may have been put back from a copy. Read the directory again and go on from the end of the log.',
    field: 'after',
  });

const expired = (droppedTo: number) =>
  new ForeknowError('cursor_expired', {
    detail: 'The changes that follow this position are not kept any more: some of them are lost to this reader.',
    hint: `Read the directory again, then go on from the oldest change that is kept: after=${droppedTo}`,
    field: 'after',
  });
