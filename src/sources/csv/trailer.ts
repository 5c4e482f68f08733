/** What a line says when it is the trailer. */
export type Trailer = { readonly rows: number };

/**
 * Reads a line as a trailer such as `#END rows={rows} {any}`; null when it is none. Only texts are compared, nothing is tried twice.
 */
export function readTrailer(pattern: string, line: string): Trailer | null {
  const parts = pattern.trim().split(/(\{rows\}|\{any\})/);
  let rest = line.trim();
  let rows: number | null = null;
  for (const [index, part] of parts.entries()) {
    if (part === '{rows}') {
      const digits = /^\d{1,12}/.exec(rest)?.[0];
      if (digits === undefined) return null;
      rows = Number(digits);
      rest = rest.slice(digits.length);
    } else if (part === '{any}') {
      const next = parts[index + 1] ?? '';
      const at = next === '' ? rest.length : rest.indexOf(next);
      if (at < 0) return null;
      rest = rest.slice(at);
    } else {
      if (!rest.startsWith(part)) return null;
      rest = rest.slice(part.length);
    }
  }
  return rest === '' && rows !== null ? { rows } : null;
}
