import { createHash } from 'node:crypto';
import { isForeknowError } from '../../errors/errors.ts';
import type { SourcePerson } from '../../model/source-person.ts';
import type { Proof, Source, SourceCheck, SourceRead } from '../source.ts';
import { type Columns, columnsOf } from './columns.ts';
import type { CsvOptions, Locate, OpenedFile } from './options.ts';
import { personOf } from './person.ts';
import { previewOf } from './preview.ts';
import { badFile } from './problem.ts';
import { besideWords, proofOf, type Seen } from './proof.ts';
import { type CsvRecord, type Records, recordsOf } from './records.ts';
import { chunksOf, type Scan, scanFile } from './scan.ts';
import { readTrailer } from './trailer.ts';

/**
 * A table of people, in a file that `locate` finds. The file is read twice, as a stream: once for its digest and encoding, once for its rows.
 * Memory does not grow with it.
 */
export const csvSource = (options: CsvOptions, locate: Locate): Source => ({
  name: options.name,
  kind: 'csv',
  read: async ({ keep, signal }) => closing(await locate(signal), (file) => begin(file, options, keep, signal)),
  test: async (signal) => {
    const file = await locate(signal);
    try {
      return await check(file, options, signal);
    } finally {
      await file.close();
    }
  },
});

/** The file stays open when all went well: whoever reads it closes it. */
async function closing<T>(file: OpenedFile, work: (file: OpenedFile) => Promise<T>): Promise<T> {
  try {
    return await work(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function begin(
  file: OpenedFile,
  options: CsvOptions,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<SourceRead> {
  const scan = await scanFile(file.handle, options.encoding ?? 'auto', signal);
  const beside = await besideWords(file, options.completeWhen);
  const table = await openTable(file, scan, options, signal);
  const seen: Seen = { rows: 0, withoutId: [], trailer: null, rowCount: null, leftOut: null, state: 'reading' };
  let failed: unknown = null;
  async function* people(): AsyncGenerator<SourcePerson> {
    try {
      yield* walk(table, { scan, options, keep, seen });
      seen.state = 'ended';
    } catch (error) {
      failed = error;
      throw error;
    }
  }
  return {
    people: people(),
    async done(): Promise<Proof> {
      try {
        const changed = (await file.changed()) ?? changedDigest(seen, scan, table);
        return proofOf({ scan, seen, beside, changed, failed: wordsOf(failed), completeWhen: options.completeWhen });
      } finally {
        await file.close();
      }
    },
  };
}

const wordsOf = (error: unknown): string | null => {
  if (error === null) return null;
  return isForeknowError(error) ? error.detail : 'The read broke off.';
};

const changedDigest = (seen: Seen, scan: Scan, { digest }: Table): string | null =>
  seen.state === 'ended' && digest() !== scan.digest ? 'The file changed while it was read.' : null;

type Table = Omit<Records, 'records'> & {
  readonly columns: Columns;
  readonly rows: AsyncIterator<CsvRecord>;
  /** Of what was read, hex. */
  digest(): string;
};

async function openTable(file: OpenedFile, scan: Scan, options: CsvOptions, signal: AbortSignal): Promise<Table> {
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Buffer> {
    let isFirst = true;
    for await (const chunk of chunksOf(file.handle, signal)) {
      hash.update(chunk);
      yield isFirst ? chunk.subarray(scan.markLength) : chunk;
      isFirst = false;
    }
  }
  const { delimiter, records } = await recordsOf(chunks(), scan, options.delimiter);
  const rows = records[Symbol.asyncIterator]();
  const first = await rows.next();
  if (first.done) throw badFile('The file has no headings.');
  return { delimiter, rows, columns: columnsOf(first.value.values, options), digest: () => hash.copy().digest('hex') };
}

type Walk = {
  readonly scan: Scan;
  readonly options: CsvOptions;
  readonly keep: ReadonlySet<string> | null;
  readonly seen: Seen;
};

/** One row is held back: the last one may turn out to be half of one. */
async function* walk(table: Table, { scan, options, keep, seen }: Walk): AsyncGenerator<SourcePerson> {
  const trailer = options.completeWhen?.trailer;
  let held: SourcePerson | null = null;
  try {
    for (;;) {
      const { value: record, done } = await table.rows.next();
      if (done) break;
      if (seen.trailer !== null) throw badFile(`Line ${record.line} stands after the trailer.`);
      const said = trailer === undefined ? null : readTrailer(trailer, lineOf(record, table.delimiter));
      if (said !== null) {
        seen.trailer = said;
        continue;
      }
      const person = personOf(record, table.columns, { active: options.active, keep });
      seen.rows += 1;
      noteRowCount(seen, table.columns, record);
      if (person === null && seen.withoutId.length < LINES_TOLD) seen.withoutId.push(record.line);
      if (person === null) seen.unknown = (seen.unknown ?? 0) + 1;
      if (held !== null) yield held;
      held = person;
      seen.lastLine = record.line;
    }
    if (held !== null && mayBeHalf(scan, options)) seen.leftOut = seen.lastLine ?? null;
    else if (held !== null) yield held;
  } finally {
    await table.rows.return?.();
  }
}

const LINES_TOLD = 10;

const lineOf = ({ values }: CsvRecord, delimiter: string): string => {
  const last = values.findLastIndex((value) => value.trim() !== '');
  return values.slice(0, last + 1).join(delimiter);
};

/** Where nothing proves the end, a last line that is not ended may have been cut within a value. */
const mayBeHalf = ({ endsWithLine, endsWithQuote }: Scan, { completeWhen }: CsvOptions): boolean =>
  completeWhen === undefined && !endsWithLine && !endsWithQuote;

function noteRowCount(seen: Seen, { rowCount }: Columns, { values, line }: CsvRecord): void {
  if (rowCount === null) return;
  const said = Number(values[rowCount.index]?.trim() || Number.NaN);
  if (!Number.isInteger(said)) throw badFile(`Line ${line} does not say how many rows there are.`);
  if (seen.rowCount !== null && seen.rowCount !== said)
    throw badFile(`Line ${line} says another number of rows than those before it.`);
  seen.rowCount = said;
}

async function check(file: OpenedFile, options: CsvOptions, signal: AbortSignal): Promise<SourceCheck> {
  const scan = await scanFile(file.handle, options.encoding ?? 'auto', signal);
  const raw = await openRaw(file, scan, options, signal);
  return previewOf(file.name, scan, raw, options);
}

/** Headings and first rows, whether or not they are what the options say. */
async function openRaw(file: OpenedFile, scan: Scan, options: CsvOptions, signal: AbortSignal) {
  const { delimiter, records } = await recordsOf(
    chunksOf(file.handle, signal, scan.markLength),
    scan,
    options.delimiter,
  );
  const rows: CsvRecord[] = [];
  const told = (problem: string | null) => ({
    delimiter,
    headings: rows[0]?.values ?? [],
    rows: rows.slice(1),
    problem,
  });
  try {
    for await (const record of records) {
      rows.push(record);
      if (rows.length > ROWS_LOOKED_AT) break;
    }
    return told(null);
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return told(error.detail);
  }
}

const ROWS_LOOKED_AT = 1000;
