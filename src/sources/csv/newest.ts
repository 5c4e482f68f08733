/** A file of a listing. */
export type Listed = {
  readonly name: string;
  readonly isFile: boolean;
  readonly size: number;
  readonly modifiedMs: number;
};

/** Whether a name is of a pattern in which `*` stands for any text. */
function isNamed(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** The newest file of a pattern; of two of one time the last by name. Links and folders are not looked at. */
export function newestOf(listing: readonly Listed[], pattern: string, beside: readonly string[]): Listed | null {
  const files = listing.filter(({ isFile, name }) => isFile && isNamed(pattern, name));
  const names = new Set(files.flatMap(({ name }) => beside.map((of) => of.replaceAll('{file}', name))));
  const found = files.filter(({ name }) => !names.has(name));
  return found.toSorted((a, b) => b.modifiedMs - a.modifiedMs || (a.name < b.name ? 1 : -1))[0] ?? null;
}
