/** Numbers that are printed with a fraction even when they are whole (recorded EU answers of 2021: `0.0`). */
const wholeFloat =
  /"(phish_prone_percentage|last_phish_prone_percentage|current_risk_score|risk_score)":(-?\d+)(?=[,}])/g;

/** JSON as the service prints it: without spaces, with a newline at its end. */
export const printJson = (value: unknown): string => asPrinted(JSON.stringify(value));

/**
 * JSON without spaces as the service prints it: `&`, `<` and `>` as `\u0026`, `\u003c` and `\u003e`, floats with a fraction, a newline
 * at the end. The patterns cannot match inside a text, where every quote has a backslash before it.
 */
export function asPrinted(json: string): string {
  const text = json.replace(wholeFloat, '"$1":$2.0');
  return `${text.replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}\n`;
}
