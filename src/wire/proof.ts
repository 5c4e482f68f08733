/**
 * What a read of a list can say about itself. Nothing may be archived, removed or reported as gone on a read whose proof
 * is not `complete`.
 */
export type CompletenessProof = {
  readonly complete: boolean;
  /** How the end was recognised, or what made the read incomplete. One of the reasons below. */
  readonly why: ProofReason;
  /** In words, for a run record. */
  readonly detail: string;
  readonly mode: 'cursor' | 'page' | 'single';
  readonly pages: number;
  readonly requests: number;
  /** Distinct rows that were read and understood. */
  readonly rows: number;
  /** Rows that came twice. */
  readonly duplicates: number;
  /** Rows that could not be read (no id, not an object); a read with bad rows is never complete. */
  readonly badRows: number;
  /** False when the read was resumed in the middle: rows before that were seen by somebody else. */
  readonly fromFirstPage: boolean;
  readonly startedAt: string;
  readonly endedAt: string;
};

export type ProofReason =
  // complete
  | 'cursor_ended'
  | 'empty_page'
  | 'short_page'
  | 'probe_empty'
  | 'single_answer'
  // incomplete
  | 'resumed'
  | 'page_repeated'
  | 'cursor_stuck'
  | 'duplicate_rows'
  | 'contradiction'
  | 'bad_rows'
  | 'page_cap'
  | 'error'
  | 'aborted'
  | 'not_finished';
