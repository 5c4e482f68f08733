import { clean, cut, widthOf } from './cell.ts';

export type Column<Row> = {
  readonly title: string;
  /** null shows as a dash. */
  readonly value: (row: Row) => string | number | null;
  readonly align?: 'left' | 'right';
  /** Columns below which it is not cut. Default 8 for text; figures are never cut. */
  readonly least?: number;
  /** Left out where the terminal is too narrow for all columns, the last such column first. */
  readonly spare?: boolean;
};

const GAP = '  ';

/**
 * Rows under their titles, columns aligned.
 * @param width columns of the terminal; Infinity (a pipe, a file) cuts nothing
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string {
  const sheet = sheetOf(rows, columns, width);
  const spare = sheet.fits ? -1 : columns.findLastIndex((column) => column.spare);
  return spare === -1 ? sheet.text : table(rows, columns.toSpliced(spare, 1), width);
}

/** The table, and whether it fits without hiding a column's end. */
function sheetOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number) {
  const cells = rows.map((row) => columns.map(({ value }) => clean(String(value(row) ?? '–'))));
  const natural = columns.map(({ title }, at) =>
    cells.reduce((most, line) => Math.max(most, widthOf(line[at]!)), widthOf(title)),
  );
  const widths = narrow(
    natural,
    columns.map(({ align, least = 8 }, at) => (align === 'right' ? natural[at]! : Math.min(least, natural[at]!))),
    width - GAP.length * (columns.length - 1),
  );
  const lines = [columns.map(({ title }) => title.toUpperCase()), ...cells].map((line) =>
    line
      .map((cell, at) => pad(cut(cell, widths[at]!), widths[at]!, columns[at]!.align ?? 'left'))
      .join(GAP)
      .trimEnd(),
  );
  const taken = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1));
  return { text: `${lines.map((line) => cut(line, width)).join('\n')}\n`, fits: taken <= width };
}

/** Takes from the widest column first until the line fits or every column is at its least. */
function narrow(natural: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = widths.reduce(
      (found, width, at) => (width > least[at]! && (found === -1 || width > widths[found]!) ? at : found),
      -1,
    );
    if (widest === -1) break;
    widths[widest]! -= 1;
    excess -= 1;
  }
  return widths;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

/** Names and values under each other; null and empty values are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string | number | null | undefined])[]): string {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => `${pad(name, width, 'left')}  ${clean(String(value))}\n`).join('');
}
