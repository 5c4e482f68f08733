import type { AttributeValue, SourcePerson } from '../../model/source-person.ts';
import { isActive } from '../activity.ts';
import type { Column, Columns } from './columns.ts';
import type { CsvOptions } from './options.ts';
import { badFile } from './problem.ts';
import type { CsvRecord } from './records.ts';

/**
 * One row as a person; null when it has no id.
 * @throws ForeknowError `source_invalid` when it has more or fewer values than there are headings
 */
export function personOf(
  record: CsvRecord,
  columns: Columns,
  { active, keep }: { readonly active: CsvOptions['active']; readonly keep: ReadonlySet<string> | null },
): SourcePerson | null {
  refuseRagged(record, columns);
  const { values } = record;
  const sourceId = cell(values, columns.id);
  if (sourceId === null) return null;
  const kept = columns.attributes.filter(({ attribute }) => keep === null || keep.has(attribute));
  return {
    sourceId,
    attributes: Object.fromEntries(kept.map((column) => [column.attribute, attributeOf(values, column)])),
    groups: columns.groups === null ? [] : several(values, columns.groups),
    active: isActive(columns.active === null ? null : cell(values, columns.active), active),
  };
}

/** Columns at the end without a heading may be left out. */
function refuseRagged({ values, line }: CsvRecord, { headings, named }: Columns): void {
  if (values.length < named) {
    const at = values.length;
    throw badFile(
      `Line ${line} ends after ${at} of ${named} values: column ${at + 1} ("${headings[at]}") is missing.`,
      'A separator is missing, or the file is cut off there.',
    );
  }
  const extra = values.findIndex((value, at) => at >= headings.length && value.trim() !== '');
  if (extra < 0) return;
  throw badFile(
    `Line ${line} has a value in column ${extra + 1}, and there are ${headings.length} headings.`,
    'A value that holds the separator has to stand in quotes.',
  );
}

const cell = (values: readonly string[], { index }: Column): string | null => values[index]?.trim() || null;

function several(values: readonly string[], column: Column): readonly string[] {
  const parts = (cell(values, column) ?? '').split(column.separator ?? '\u0000');
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))];
}

function attributeOf(values: readonly string[], column: Column): AttributeValue {
  if (column.separator === null) return cell(values, column);
  const parts = several(values, column);
  return parts.length === 0 ? null : parts;
}
