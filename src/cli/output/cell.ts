/**
 * Text from outside as it may stand on a terminal: one line, without control characters (an escape sequence in a name
 * would act on the reader's terminal) and without the marks that turn the direction of writing.
 */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

const columnsOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : 1);

/** Columns that a cleaned text takes on a terminal: wide scripts take two a character. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...segments.segment(text)].reduce((sum, { segment }) => sum + columnsOf(segment), 0);
}

/** Cut to `width` columns, the last of them an ellipsis when something was cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let used = 0;
  let kept = '';
  for (const { segment } of segments.segment(text)) {
    used += columnsOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
