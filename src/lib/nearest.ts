/** The name that a misspelt one was meant to be; null when none is near enough to be worth saying. */
export function nearest(word: string, names: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(Math.min(word.length, 24) / 3));
  const wanted = word.slice(0, 64).toLowerCase();
  let best: string | null = null;
  // What is not nearer than the best so far is not looked at to its end.
  let reach = limit;
  for (const name of names) {
    const far = distance(wanted, name.toLowerCase(), reach);
    if (far > reach) continue;
    best = name;
    reach = far - 1;
    if (reach < 0) break;
  }
  return best;
}

/** Letters to put in, take out, replace or swap with their neighbour; for more than `most` some number above it. */
function distance(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      row.push(swaps ? Math.min(least, rows[i - 2]![j - 2]! + 1) : least);
    }
    rows.push(row);
    // A swap reaches two rows back.
    if (Math.min(...row) > most && Math.min(...rows[i - 1]!) > most) return most + 1;
  }
  return rows[from.length]![to.length]!;
}
