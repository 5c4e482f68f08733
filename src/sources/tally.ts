import type { AttributeValue, SourcePerson } from '../model/source-person.ts';
import type { Judged } from './judge.ts';
import type { FieldCoverage } from './ports.ts';

/** Counts, person by person, how far attributes are filled and how they differ from what is known. Holds no person. */
export type Tally = {
  /** @param known the person as they were known; null: they were not */
  add(person: SourcePerson, known: SourcePerson | null): void;
  /** @param before of the read that was kept before */
  coverage(before: readonly FieldCoverage[]): Judged['coverage'];
  activity(): Pick<Judged, 'activeBefore' | 'newlyInactive'>;
};

type Count = { filled: number; had: number; newlyBlank: number; changed: number };

/** The groups of people stand beside their attributes. */
const GROUPS = 'groups';

/** @param keep attributes that are asked for: one that the source no longer gives is blank */
export function createTally(keep: ReadonlySet<string>): Tally {
  const counts = new Map<string, Count>();
  let people = 0;
  let activeBefore = 0;
  let newlyInactive = 0;
  const countOf = (attribute: string): Count => {
    const found = counts.get(attribute);
    if (found !== undefined) return found;
    const count = { filled: 0, had: 0, newlyBlank: 0, changed: 0 };
    counts.set(attribute, count);
    return count;
  };
  const look = (attribute: string, now: string | null, was: string | null) => {
    const count = countOf(attribute);
    if (now !== null) count.filled += 1;
    if (was === null) return;
    count.had += 1;
    if (now === null) count.newlyBlank += 1;
    else if (now !== was) count.changed += 1;
  };
  return {
    add(person, known) {
      people += 1;
      const names = new Set([
        ...Object.keys(person.attributes),
        ...Object.keys(known?.attributes ?? {}).filter((name) => keep.has(name)),
      ]);
      for (const name of names) look(name, textOf(person.attributes[name]), textOf(known?.attributes[name]));
      if (!names.has(GROUPS)) look(GROUPS, setOf(person.groups), setOf(known?.groups ?? []));
      if (known?.active !== true) return;
      activeBefore += 1;
      if (!person.active) newlyInactive += 1;
    },
    coverage(before) {
      const shares = new Map(before.map(({ attribute, share }) => [attribute, share]));
      return [...counts]
        .filter(([attribute, { filled, had }]) => attribute !== GROUPS || filled + had > 0)
        .map(([attribute, { filled, had, newlyBlank, changed }]) => ({
          ...{ attribute, filled, share: filled / people, before: shares.get(attribute) ?? null },
          ...{ newlyBlank, changed, had },
        }))
        .toSorted((one, other) => (one.attribute < other.attribute ? -1 : 1));
    },
    activity: () => ({ activeBefore, newlyInactive }),
  };
}

const textOf = (value: AttributeValue | undefined): string | null => {
  if (value === undefined || value === null || value.length === 0) return null;
  return typeof value === 'string' ? value : setOf(value);
};

const setOf = (values: readonly string[]): string | null =>
  values.length === 0 ? null : JSON.stringify(values.toSorted());
