/** Something that must not be. */
export type Finding = {
  /** Number of the input: with the seed it can be made again. null: found in the end, of all of them. */
  readonly index: number | null;
  readonly door: 'http' | 'cli';
  readonly problem: string;
  readonly input: string;
};

/** What was found, the first few of each kind. */
export type Findings = {
  readonly total: () => number;
  readonly list: () => readonly Finding[];
  add(finding: Finding): void;
};

export type Report = { readonly inputs: number };

const SHOWN_A_KIND = 5;
const SHOWN = 100;

export function createFindings(): Findings {
  const list: Finding[] = [];
  const byKind = new Map<string, number>();
  let total = 0;
  return {
    total: () => total,
    list: () => list,
    add(finding) {
      total += 1;
      const kind = finding.problem.slice(0, 40);
      const seen = byKind.get(kind) ?? 0;
      byKind.set(kind, seen + 1);
      if (seen < SHOWN_A_KIND && list.length < SHOWN) list.push({ ...finding, input: finding.input.slice(0, 1500) });
    },
  };
}

/** A seed for each input, so that one of them can be made again without those before it. */
export const seedOf = (seed: number, index: number): number => (Math.imul(seed, 1_000_003) + index) | 0;
