import type { CompletenessProof } from '../wire/proof.ts';

/** The proof of several reads that belong together: complete when each is, with the reason of the first that is not. */
export function joinedProof(proofs: readonly CompletenessProof[]): CompletenessProof | null {
  const last = proofs.at(-1);
  if (last === undefined) return null;
  const telling = proofs.find((proof) => !proof.complete) ?? last;
  const sum = (count: (proof: CompletenessProof) => number) => proofs.reduce((total, proof) => total + count(proof), 0);
  return {
    complete: telling.complete,
    why: telling.why,
    detail: telling.detail,
    mode: telling.mode,
    pages: sum((proof) => proof.pages),
    requests: sum((proof) => proof.requests),
    rows: sum((proof) => proof.rows),
    duplicates: sum((proof) => proof.duplicates),
    badRows: sum((proof) => proof.badRows),
    fromFirstPage: proofs.every((proof) => proof.fromFirstPage),
    startedAt: proofs[0]!.startedAt,
    endedAt: last.endedAt,
  };
}
