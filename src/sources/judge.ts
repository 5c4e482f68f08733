import type { FieldCoverage, Finding, StagedCounts } from './ports.ts';

/** A guard trips when both the share (0–1) and the number of people are exceeded. */
export type Limit = { readonly share: number; readonly people: number };

export type SourceLimits = Readonly<Record<Exclude<Finding['guard'], 'empty'>, Limit>>;

/** What a read may differ by before two people have to look at it. */
export const sourceLimits: SourceLimits = {
  source_shrink: { share: 0.05, people: 5 },
  newly_inactive: { share: 0.05, people: 5 },
  newly_blank: { share: 0.05, people: 2 },
  changed: { share: 0.2, people: 2 },
  keys_changed: { share: 0.02, people: 5 },
};

export type Judged = {
  readonly counts: StagedCounts;
  /** The most people of reads that were kept within a day, and of the last one; null: this is the first. */
  readonly before: number | null;
  readonly coverage: readonly (FieldCoverage & { /** People of the read who had it before. */ readonly had: number })[];
  /** People of the read who were active before, and who are not any more. */
  readonly activeBefore: number;
  readonly newlyInactive: number;
};

/** What looks wrong with a read that ended well. Nothing: it may be kept. */
export function judge(judged: Judged, limits: SourceLimits = sourceLimits): readonly Finding[] {
  const { counts, before, coverage, activeBefore, newlyInactive } = judged;
  if (counts.people === 0) {
    return [{ guard: 'empty', attribute: null, value: 0, limit: 0, words: 'It shows nobody.' }];
  }
  const found: (Finding | null)[] = [];
  const look = (guard: keyof SourceLimits, attribute: string | null, people: number, of: number, words: string) =>
    found.push(tripped({ guard, attribute, people, of, words }, limits[guard]));
  if (before !== null) {
    const fewer = before - counts.people;
    look('source_shrink', null, fewer, before, `It shows ${counts.people} people, ${fewer} fewer than before.`);
    const swapped = Math.min(counts.gone, counts.added);
    look(
      'keys_changed',
      null,
      swapped,
      before,
      `${swapped} ids are gone and as many are new: the id may be another one.`,
    );
  }
  look(
    'newly_inactive',
    null,
    newlyInactive,
    activeBefore,
    `${newlyInactive} people who were active are not any more.`,
  );
  for (const { attribute, had, newlyBlank, changed } of coverage) {
    look(
      'newly_blank',
      attribute,
      newlyBlank,
      had,
      `${attribute} is empty for ${newlyBlank} of ${had} people who had it.`,
    );
    look('changed', attribute, changed, had, `${attribute} is another one for ${changed} of ${had} people.`);
  }
  return found.filter((one) => one !== null);
}

type Looked = {
  readonly guard: keyof SourceLimits;
  readonly attribute: string | null;
  readonly people: number;
  readonly of: number;
  readonly words: string;
};

function tripped({ guard, attribute, people, of, words }: Looked, limit: Limit): Finding | null {
  if (of === 0 || people <= limit.people || people / of <= limit.share) return null;
  return { guard, attribute, value: people / of, limit: limit.share, words };
}
