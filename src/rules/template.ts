/** A text with names in braces: `Auto Dept: {department}`. */
export type Template = {
  readonly names: readonly string[];
  /** What stands before the first name, and behind the last. */
  readonly begin: string;
  readonly end: string;
  /** Null when a name has no value. */
  fill(valueFor: (name: string) => string | null): string | null;
};

/** @returns words for what is wrong */
export function readTemplate(source: string): Template | { readonly wrong: string } {
  const parts: { readonly text: string; readonly name: string }[] = [];
  let rest = source;
  for (let open = rest.indexOf('{'); open !== -1; open = rest.indexOf('{')) {
    const close = rest.indexOf('}', open);
    if (close === -1) return { wrong: 'a { has no }' };
    const name = rest.slice(open + 1, close).trim();
    if (name === '' || name.includes('{')) return { wrong: 'a name must stand between { and }' };
    parts.push({ text: rest.slice(0, open), name });
    rest = rest.slice(close + 1);
  }
  if (parts.some(({ text }) => text.includes('}')) || rest.includes('}')) return { wrong: 'a } has no {' };
  return {
    names: parts.map(({ name }) => name),
    begin: parts[0]?.text ?? rest,
    end: rest,
    fill(valueFor) {
      let filled = '';
      for (const { text, name } of parts) {
        const value = valueFor(name);
        if (value === null) return null;
        filled += text + value;
      }
      return filled + rest;
    },
  };
}
