import { widthOf } from './cell.ts';

/** Further in than this no line goes on: there would be no room left. */
const MOST_HANGING = 24;
/** Commands that stand beside each other are not broken in themselves. */
const BETWEEN = ' · ';

/**
 * Lines that are wider than the terminal go on under where their words begin, and are broken between words alone.
 * @param width columns; Infinity (a pipe, a file) breaks nothing
 */
export const wrapped = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap((line) => (widthOf(line) <= width ? [line] : broken(line, width)))
    .join('\n');

/** What stands before a gap of two spaces is a heading of the line: `  + create   12   `. */
const heading = /^ *(?:\S+(?: \S+)* {2,})*/;

function broken(line: string, width: number): readonly string[] {
  const head = heading.exec(line)![0];
  const indent = head.search(/\S|$/);
  const hanging = head.trim() === '' ? indent + 2 : widthOf(head);
  const margin = ' '.repeat(hanging <= Math.min(MOST_HANGING, width / 2) ? hanging : indent + 2);
  const lines: string[] = [];
  let last = head;
  let isEmpty = true;
  const rest = line.slice(head.length);
  const between = rest.includes(BETWEEN) ? BETWEEN : ' ';
  for (const word of rest.split(between)) {
    if (!isEmpty && widthOf(last) + between.length + widthOf(word) > width) {
      lines.push(last.trimEnd());
      last = margin;
      isEmpty = true;
    }
    last += isEmpty ? word : between + word;
    isEmpty = false;
  }
  return [...lines, last];
}
