import { RE2JS } from 're2js';

/** A pattern that is compiled; it looks anywhere in the text. */
export type Pattern = {
  readonly source: string;
  /** Steps of what it compiles to: it takes at most as many for each letter of a text. */
  readonly size: number;
  test(text: string): boolean;
};

/** Letters of a pattern, steps of what it compiles to, letters of a text that it is held against. */
export const patternLimits = { source: 500, program: 1000, text: 2000 } as const;

/**
 * Patterns are those of RE2: no look-around, no back references, time in proportion to the text, whatever it says.
 * @returns words for what is wrong
 */
export function compilePattern(source: string): Pattern | { readonly wrong: string } {
  if (source.length > patternLimits.source) return { wrong: `is longer than ${patternLimits.source} letters` };
  if (/^\/.*\/[a-z]*$/.test(source)) return { wrong: 'stands between slashes, which are sought too' };
  if (stepsOf(source) > 2 * patternLimits.program) return { wrong: 'counts too many repetitions' };
  try {
    const compiled = RE2JS.compile(source);
    const size = compiled.programSize() + classSteps(source);
    if (size > patternLimits.program) return { wrong: 'counts too many repetitions' };
    return { source, size, test: (text) => text.length <= patternLimits.text && compiled.test(text) };
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'cannot be read';
    return { wrong: `is no pattern of RE2 (${words})` };
  }
}

/** What to write in place of a pattern that is refused, where that can be said. */
export function patternHint(source: string): string | null {
  if (/^\/.*\/[a-z]*$/.test(source)) return 'Write it without them; (?i) at its beginning folds letters.';
  return /\(\?[=!<]|\\[1-9]/.test(source) ? 'RE2 has no look-around and no back references.' : null;
}

/** A class of Unicode is one step, and has hundreds of ranges. */
const CLASS_STEPS = 25;
const classSteps = (source: string): number => (source.split(/\\p/i).length - 1) * CLASS_STEPS;

/** About how many steps a pattern has when its repetitions are written out: most of what it takes to compile it. */
function stepsOf(source: string): number {
  const groups = [{ steps: 0, last: 0 }];
  const add = (steps: number): void => {
    const group = groups.at(-1)!;
    group.steps += steps;
    group.last = steps;
  };
  for (let at = 0; at < source.length; at += 1) {
    const letter = source[at];
    if (letter === '(') groups.push({ steps: 1, last: 0 });
    else if (letter === ')' && groups.length > 1) add(groups.pop()!.steps);
    else if (letter === '\\') {
      add(1);
      at += 1;
    } else if (letter === '[') {
      add(1);
      at = classEnd(source, at);
    } else {
      const repeated = letter === '{' ? /^\{(\d{1,4})(?:,(\d{0,4}))?\}/.exec(source.slice(at, at + 11)) : null;
      if (repeated === null) add(1);
      else {
        const times = Math.max(Number(repeated[1]), Number(repeated[2] ?? 0));
        groups.at(-1)!.steps += groups.at(-1)!.last * Math.max(0, times - 1);
        at += repeated[0].length - 1;
      }
    }
  }
  return groups.reduce((sum, { steps }) => sum + steps, 0);
}

/** Where the bracket closes that opens a class of letters. */
function classEnd(source: string, begin: number): number {
  let at = begin + (source[begin + 1] === '^' ? 2 : 1);
  if (source[at] === ']') at += 1;
  while (at < source.length && source[at] !== ']') {
    const named = source.startsWith('[:', at) ? source.indexOf(':]', at) : -1;
    if (named !== -1) at = named + 2;
    else at += source[at] === '\\' ? 2 : 1;
  }
  return at;
}
