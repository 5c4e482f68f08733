import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { badFile } from './problem.ts';
import type { Scan } from './scan.ts';

/** One record of a file: its values, and the line on which it ends. */
export type CsvRecord = { readonly values: readonly string[]; readonly line: number };

const delimiters = [',', ';', '\t', '|'] as const;

/** What stands between values: what is most frequent in the first line, outside of quotes. */
function delimiterOf(firstLine: string): string {
  const bare = firstLine.replace(/"[^"]*"?/g, '');
  const counts = delimiters.map((one) => ({ one, count: bare.split(one).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).one;
}

/** A line that Excel writes so that others need not guess. */
const SEP = /^"?sep=(.)"?(?:\r\n|\n|\r)/i;
/** More is no person, but a quote that was never closed. */
const MOST_OF_A_RECORD = 1_000_000;
const HEAD_CHARS = 64 * 1024;

export type Records = {
  readonly delimiter: string;
  readonly records: AsyncIterable<CsvRecord>;
};

/**
 * The records of a file, read as they come.
 * @param chunks its bytes, after the byte order mark
 */
export async function recordsOf(
  chunks: AsyncGenerator<Buffer>,
  { encoding }: Pick<Scan, 'encoding'>,
  given: string | undefined,
): Promise<Records> {
  const text = decoded(chunks, encoding);
  let head = '';
  while (head.length < HEAD_CHARS && !/[\r\n]./s.test(head)) {
    const { value, done } = await text.next();
    if (done) break;
    head += value;
  }
  const said = SEP.exec(head);
  const skipped = said?.[0].length ?? 0;
  const first = head.slice(skipped).split(/\r\n|\n|\r/, 1)[0]!;
  const delimiter = given ?? said?.[1] ?? delimiterOf(first);
  return { delimiter, records: parsed(joined(head.slice(skipped), text), delimiter, said === null ? 0 : 1) };
}

/** @throws ForeknowError `source_invalid` when the bytes are not of the encoding */
async function* decoded(chunks: AsyncGenerator<Buffer>, encoding: Scan['encoding']): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding !== 'windows-1252', ignoreBOM: true });
  try {
    for await (const chunk of chunks) yield clean(decoder.decode(chunk, { stream: true }));
    yield clean(decoder.decode());
  } catch (error) {
    if (error instanceof TypeError) throw badFile(`The file is not valid ${encoding.toUpperCase()}.`);
    throw error;
  }
}

/** What is nobody's name: U+0000, which not every store keeps; the end of a file in old systems; byte order marks of files that were put together. */
const clean = (text: string): string => text.replaceAll('\u0000', '').replaceAll('\u001a', '').replaceAll('\ufeff', '');

async function* joined(head: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (head !== '') yield head;
  yield* rest;
}

type ParserRow = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

async function* parsed(text: AsyncGenerator<string>, delimiter: string, before: number): AsyncGenerator<CsvRecord> {
  const parser = parse({
    ...{ delimiter, columns: false, info: true, relax_column_count: true },
    ...{ skip_empty_lines: true, skip_records_with_empty_values: true, max_record_size: MOST_OF_A_RECORD },
    record_delimiter: ['\r\n', '\n', '\r'],
    // Blanks around a value in quotes; a tab may be a separator.
    trim: delimiter.trim() !== '',
  });
  const feeding = pipeline(Readable.from(text), parser);
  feeding.catch(() => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<ParserRow>) {
      yield { values: record, line: info.lines + before };
    }
    await feeding;
  } catch (error) {
    throw inWords(error, before);
  }
}

function inWords(error: unknown, before: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const { code, lines = 0, column } = error as CsvError & { lines?: number; column?: number | string };
  const place = `line ${lines + before}${typeof column === 'number' ? `, column ${column + 1}` : ''}`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return badFile(`A quote that begins before ${place} is never closed: the file is cut off, or a quote is missing.`);
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return badFile(`A row before ${place} is longer than a million characters: a quote is not closed.`);
  }
  if (quotes.has(code)) {
    return badFile(`In ${place} stands a quote within a value.`, 'A quote within a quoted value is written twice: "".');
  }
  return badFile(`The file cannot be read at ${place} (${code}).`);
}

/** Codes of a quote that stands where none may. */
const quotes: ReadonlySet<string> = new Set([
  'CSV_INVALID_CLOSING_QUOTE',
  'INVALID_OPENING_QUOTE',
  'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE',
]);
