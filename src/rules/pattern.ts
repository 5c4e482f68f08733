import { RE2JS } from 're2js';

/** A pattern that is compiled; it looks anywhere in the text. */
export type Pattern = { readonly source: string; test(text: string): boolean };

/** Letters of a pattern, instructions of what it compiles to, letters of a text that it is held against. */
export const patternLimits = { source: 500, program: 1000, text: 2000 } as const;

/**
 * Patterns are those of RE2: no look-around, no back references, time in proportion to the text, whatever it says.
 * @returns words for what is wrong
 */
export function compilePattern(source: string): Pattern | { readonly wrong: string } {
  if (source.length > patternLimits.source) return { wrong: `is longer than ${patternLimits.source} letters` };
  try {
    const compiled = RE2JS.compile(source);
    if (compiled.programSize() > patternLimits.program) return { wrong: 'counts too many repetitions' };
    return { source, test: (text) => text.length <= patternLimits.text && compiled.test(text) };
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'cannot be read';
    return { wrong: `is no pattern of RE2 (${words})` };
  }
}
