import { ForeknowError } from '../errors/errors.ts';

/**
 * Numbers of the log above `after`, up to `until`, that are given to nobody: the store was put back from a copy whose newest
 * entry was `after`, and what was written between the copy and its loss had some of them.
 */
export type LogGap = { readonly after: number; readonly until: number };

/** The gap that a number lies in. */
export const gapAt = (gaps: readonly LogGap[], seq: number): LogGap | null =>
  gaps.find(({ after, until }) => seq > after && seq <= until) ?? null;

/**
 * Whether a reader whose newest entry is `seen` knows what this log does not. The last number of a gap is where readers stand
 * that passed it here.
 */
export const lostAt = (gaps: readonly LogGap[], seen: number): LogGap | null => {
  const gap = gapAt(gaps, seen);
  return gap === null || seen === gap.until ? null : gap;
};

/** @param resume what to ask with next */
export const wasPutBack = (resume: string | number): ForeknowError =>
  new ForeknowError('cursor_expired', {
    detail:
      'The store was put back from a copy that is older than this cursor: its log does not hold what the reader has seen last.',
    hint: `Read the directory again, then go on from what was written since: after=${resume}`,
    field: 'after',
  });
