import { problemAt, type Report } from './form.ts';
import type { Place } from './tree.ts';

/** What one file may ask of a person in all, so that looking at somebody ends soon whatever stands in it. */
export const askLimits = {
  /** Tests of conditions: an operator of an attribute, `member_of`, `reports_to`, `cel`, `any`, `none`. */
  tests: 3000,
  /** Steps of all patterns together, as `programSize` counts them; a plain word has one a letter. */
  patternSteps: 10_000,
  /** Nodes of all expressions together. */
  expressionNodes: 20_000,
  /** Names that nobody has declared. */
  undeclaredNames: 200,
} as const;

const words: Readonly<Record<keyof typeof askLimits, readonly [words: string, hint: string]>> = {
  tests: ['conditions', 'Put values into one in: […].'],
  patternSteps: ['steps of patterns', 'Write starts_with, contains or in: […] where no pattern is needed.'],
  expressionNodes: ['parts of expressions', 'Write conditions where no expression is needed.'],
  undeclaredNames: ['names that are not declared', 'List the names of the sources under attributes.'],
};

export type Budget = {
  /** @returns false for what is too much, which is reported once */
  spend(what: keyof typeof askLimits, amount: number, at: Place, path: string): boolean;
};

export function createBudget(report: Report): Budget {
  const spent = { tests: 0, patternSteps: 0, expressionNodes: 0, undeclaredNames: 0 };
  return {
    spend(what, amount, at, path) {
      const most = askLimits[what];
      const before = spent[what];
      spent[what] += amount;
      if (spent[what] <= most) return true;
      const [name, hint] = words[what];
      if (before <= most)
        report(problemAt(at, path, `is where the file comes over ${most.toLocaleString('en-US')} ${name}`, hint));
      return false;
    },
  };
}
