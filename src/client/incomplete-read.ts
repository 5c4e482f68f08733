import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { ProofReason } from '../wire/proof.ts';

const details: Partial<Record<ProofReason, string>> = {
  page_repeated: 'A page came again instead of the next one, so rows may be missing.',
  cursor_stuck: 'The cursor led back to where the read had been, so rows may be missing.',
  page_cap: 'The list did not end.',
};

/** Thrown when a list cannot be read to its end; carries the reason for the proof. */
export class IncompleteRead extends ForeknowError {
  readonly why: ProofReason;

  constructor(why: ProofReason, endpoint: string) {
    super('incomplete_read', {
      detail: `${details[why] ?? 'The read ended early.'} (${endpoint})`,
      hint: 'Nothing may be concluded from rows that did not come. Read the list again.',
    });
    this.why = why;
  }
}

/** What the proof says about a read that ended with an error. */
export function outcomeOf(error: unknown): { readonly why: ProofReason; readonly detail: string } {
  if (error instanceof IncompleteRead) return { why: error.why, detail: error.detail };
  if (!isForeknowError(error)) return { why: 'error', detail: 'The read failed.' };
  return { why: error.code === 'aborted' ? 'aborted' : 'error', detail: error.detail };
}
