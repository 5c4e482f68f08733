import type { Proof } from '../source.ts';
import type { CompleteWhen, OpenedFile } from './options.ts';
import type { Scan } from './scan.ts';
import type { Trailer } from './trailer.ts';

/** What a walk through the rows has met. */
export type Seen = {
  /** Rows of people, without headings and trailer. */
  rows: number;
  /** Lines of the first rows without an id; `unknown` counts all of them. */
  readonly withoutId: number[];
  unknown?: number;
  trailer: Trailer | null;
  /** What the column with the number of rows says. */
  rowCount: number | null;
  lastLine?: number;
  /** Line of a last row that may be half of one, and was left out. */
  leftOut: number | null;
  state: 'reading' | 'ended';
};

/** What stands beside the file; null: not asked for. */
export type Beside = { readonly name: string; readonly text: string | null } | null;

export async function besideWords(file: OpenedFile, completeWhen: CompleteWhen | undefined): Promise<Beside> {
  const pattern = completeWhen?.rowsFile ?? completeWhen?.digestFile;
  if (pattern === undefined) return null;
  const name = pattern.replaceAll('{file}', file.name);
  return { name, text: await file.beside(name) };
}

type Facts = {
  readonly scan: Scan;
  readonly seen: Seen;
  readonly beside: Beside;
  /** Why the file cannot be trusted any more. */
  readonly changed: string | null;
  /** Why the walk ended before its end. */
  readonly failed: string | null;
  readonly completeWhen: CompleteWhen | undefined;
};

/** How a read ended. */
export function proofOf(facts: Facts): Proof {
  const { seen, scan } = facts;
  const delivery = `sha256:${scan.digest}`;
  const incomplete = (words: string): Proof => ({ state: 'incomplete', words, delivery });
  if (facts.failed !== null) return incomplete(facts.failed);
  if (seen.state !== 'ended') return incomplete('The file was not read to its end.');
  if (facts.changed !== null) return incomplete(facts.changed);
  if (facts.completeWhen === undefined) return { state: 'unproven', words: unproven(seen), delivery };
  const { isMet, words } = judge(facts.completeWhen, facts);
  if (!isMet) return incomplete(words);
  const unknown = seen.unknown ?? 0;
  if (unknown === 0) return { state: 'complete', words, delivery };
  const lines = `${seen.withoutId.join(', ')}${unknown > seen.withoutId.length ? ' …' : ''}`;
  return {
    state: 'unproven',
    words: `${unknown} of ${seen.rows} rows have no id (lines ${lines}): who is in them is not known, so nobody counts as absent`,
    delivery,
  };
}

function unproven({ rows, leftOut }: Seen): string {
  const half = leftOut === null ? '' : `; line ${leftOut} has no end and was left out: it may be half a line`;
  return `${rows} rows; nothing says that these are all (complete_when)${half}`;
}

type Verdict = { readonly isMet: boolean; readonly words: string };

/** Every proof that was asked for has to hold. */
function judge(asked: CompleteWhen, { seen, beside, scan }: Facts): Verdict {
  const verdicts: Verdict[] = [];
  if (asked.trailer !== undefined) verdicts.push(judgeTrailer(seen));
  if (asked.rowCountColumn !== undefined) verdicts.push(judgeColumn(seen));
  if (asked.rowsFile !== undefined) verdicts.push(judgeBeside(true, beside, seen, scan));
  if (asked.digestFile !== undefined) verdicts.push(judgeBeside(false, beside, seen, scan));
  const unmet = verdicts.find(({ isMet }) => !isMet);
  return unmet ?? { isMet: verdicts.length > 0, words: verdicts.map(({ words }) => words).join('; ') };
}

const judgeTrailer = ({ trailer, rows }: Seen): Verdict =>
  trailer === null
    ? { isMet: false, words: 'The last line is not the trailer: the file is cut off.' }
    : compared('the trailer', trailer.rows, rows);

const judgeColumn = ({ rowCount, rows }: Seen): Verdict =>
  rowCount === null ? { isMet: false, words: 'No row says how many there are.' } : compared('each row', rowCount, rows);

function judgeBeside(isRows: boolean, beside: Beside, seen: Seen, scan: Scan): Verdict {
  const { name, text } = beside!;
  if (text === null) return { isMet: false, words: `The file ${name} is not there (yet).` };
  const said = text.trim().split(/\s/, 1)[0]!;
  if (!isRows) {
    const isMet = said.toLowerCase() === scan.digest;
    return { isMet, words: `${name} ${isMet ? 'has' : 'does not have'} the digest of the file` };
  }
  if (!/^\d{1,12}$/.test(said)) return { isMet: false, words: `The file ${name} does not begin with a number.` };
  return compared(name, Number(said), seen.rows);
}

const compared = (who: string, said: number, rows: number): Verdict => ({
  isMet: said === rows,
  words: `${who} says ${said} rows, ${said === rows ? 'and so many are there' : `${rows} are there`}`,
});
