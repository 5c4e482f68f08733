import type { CompletenessProof, ProofReason } from '../wire/proof.ts';

/** What a read counts while it runs. Times in ms. */
export type Tally = {
  readonly fromFirstPage: boolean;
  /** Answers, empty ones too. */
  pages: number;
  /** Pages with rows, given to the caller or about to be. */
  yielded: number;
  requests: number;
  rows: number;
  duplicates: number;
  badRows: number;
  /** Answers that were empty and, asked for again, were not. */
  contradictions: number;
  sawCursor: boolean;
  single: boolean;
  startedAt: number | null;
  endedAt: number | null;
  outcome: { readonly why: ProofReason; readonly detail: string };
};

/** How each end reads in a run record. A reason that is here is a true end of the list. */
const ends: Partial<Record<ProofReason, string>> = {
  cursor_ended: 'The last page had no next cursor.',
  empty_page: 'The page after the last one was empty.',
  short_page: 'The last page had fewer rows than asked for.',
  probe_empty: 'A full page came without a cursor, and asking for more brought nothing new.',
  single_answer: 'The whole list came in one answer.',
};

export function completenessProof(tally: Tally, now: number): CompletenessProof {
  const { why, detail } = finding(tally);
  return {
    complete: ends[why] !== undefined,
    why,
    detail,
    mode: tally.single ? 'single' : tally.sawCursor ? 'cursor' : 'page',
    pages: tally.pages,
    requests: tally.requests,
    rows: tally.rows,
    duplicates: tally.duplicates,
    badRows: tally.badRows,
    fromFirstPage: tally.fromFirstPage,
    startedAt: new Date(tally.startedAt ?? now).toISOString(),
    endedAt: new Date(tally.endedAt ?? now).toISOString(),
  };
}

/** A list that came to its end still proves nothing when rows before it, in it or of it are in doubt. */
function finding(tally: Tally): { why: ProofReason; detail: string } {
  const { why, detail } = tally.outcome;
  const ended = ends[why];
  if (ended === undefined) return { why, detail: detail || 'The read stopped at the page it was told to stop at.' };
  if (tally.badRows > 0) return { why: 'bad_rows', detail: `${tally.badRows} rows could not be read.` };
  if (tally.contradictions > 0) {
    return { why: 'contradiction', detail: 'A page was empty and had rows when it was asked for again.' };
  }
  if (tally.duplicates > 0) {
    return { why: 'duplicate_rows', detail: `${tally.duplicates} rows came twice: the list moved while it was read.` };
  }
  if (!tally.fromFirstPage) return { why: 'resumed', detail: 'The read began in the middle of the list.' };
  return { why, detail: ended };
}
