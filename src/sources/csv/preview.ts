import { isForeknowError } from '../../errors/errors.ts';
import type { SourcePerson } from '../../model/source-person.ts';
import type { ColumnPreview, SourceCheck } from '../source.ts';
import { type Columns, columnsOf, suggestField } from './columns.ts';
import type { CsvOptions } from './options.ts';
import { personOf } from './person.ts';
import type { CsvRecord } from './records.ts';
import type { Scan } from './scan.ts';
import { readTrailer } from './trailer.ts';

type Raw = {
  readonly delimiter: string;
  readonly headings: readonly string[];
  /** The first rows. */
  readonly rows: readonly CsvRecord[];
  /** Why no more could be read; null: they could. */
  readonly problem: string | null;
};

const SAMPLE = 5;
const delimiterWords: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/** What a file looks like, and what its columns are taken for. */
export function previewOf(file: string, scan: Scan, raw: Raw, options: CsvOptions): SourceCheck {
  const { delimiter, headings, rows } = raw;
  const trailer = options.completeWhen?.trailer;
  const people = rows.filter(
    ({ values }) => trailer === undefined || readTrailer(trailer, values.join(delimiter)) === null,
  );
  const mapped = mappingOf(headings, options);
  const read = sampleOf(people, mapped.columns, options);
  const problem = raw.problem ?? mapped.problem ?? read.problem;
  return {
    ok: problem === null,
    words: [
      `${file}: ${scan.bytes} bytes, ${scan.encoding}, separated by ${delimiterWords[delimiter] ?? `"${delimiter}"`}`,
      `${headings.length} columns, ${people.length < rows.length || rows.length < 1000 ? people.length : 'more than 999'} rows looked at`,
      ...(problem === null ? [] : [problem]),
    ],
    sample: read.sample,
    columns: previewColumns(headings, people, mapped.columns),
  };
}

function mappingOf(
  headings: readonly string[],
  options: CsvOptions,
): { columns: Columns | null; problem: string | null } {
  try {
    return { columns: columnsOf(headings, options), problem: null };
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return { columns: null, problem: error.detail };
  }
}

function sampleOf(
  rows: readonly CsvRecord[],
  columns: Columns | null,
  { active }: CsvOptions,
): { sample: SourcePerson[]; problem: string | null } {
  const sample: SourcePerson[] = [];
  if (columns === null) return { sample, problem: null };
  try {
    for (const row of rows) {
      const person = personOf(row, columns, { active, keep: null });
      if (person !== null && sample.length < SAMPLE) sample.push(person);
    }
    return { sample, problem: null };
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return { sample, problem: error.detail };
  }
}

function previewColumns(
  headings: readonly string[],
  rows: readonly CsvRecord[],
  columns: Columns | null,
): readonly ColumnPreview[] {
  return headings.map((heading, index) => ({
    heading: heading.trim(),
    attribute: columns?.attributes.find((column) => column.index === index)?.attribute ?? null,
    suggested: suggestField(heading),
    filled:
      rows.length === 0 ? 0 : rows.filter(({ values }) => (values[index] ?? '').trim() !== '').length / rows.length,
  }));
}
