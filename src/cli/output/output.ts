import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { clean } from './cell.ts';

export type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

type Style = Parameters<typeof styleText>[0];

/** What a command says: its answer on stdout, everything about the way there on stderr. */
export type Output = {
  readonly json: boolean;
  /** Nobody reads stdout any more (`| head`): going on would be for nothing. */
  readonly isClosed: () => boolean;
  /** Why stdout could not be written, where that is not that nobody reads it: a full disk, say. */
  readonly failure: () => string | null;
  /** Columns of stdout; Infinity when it is no terminal. */
  readonly width: number;
  /** stderr, for what redraws itself; `isLive` when it is a terminal. */
  readonly progress: { readonly isLive: boolean; readonly width: number; write(text: string): void };
  /** The answer: one JSON value on one line, or text for people. */
  answer(value: unknown, text: () => string): void;
  /** JSON that comes in pieces. */
  writeJson(text: string): void;
  /** Text of the answer that comes bit by bit, for people or not at all. */
  write(text: string): void;
  /** A line on the way there. */
  note(line: string): void;
  warn(line: string): void;
  /** Colours where stdout is a terminal and colour is wanted. */
  paint(style: Style, text: string): string;
};

/** Columns of a terminal; one that does not know (0, where a program plays the terminal) is taken for 80 wide. */
export const columnsOf = ({ columns }: Pick<Stream, 'columns'>): number => columns || 80;

export function createOutput(options: {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly json: boolean;
  readonly noColor: boolean;
  /** Told when stdout takes nothing any more. */
  readonly onClosed: () => void;
}): Output {
  const { stdout, stderr, json, noColor } = options;
  let isClosed = false;
  let failure: string | null = null;
  stdout.on('error', (error: { code?: string }) => {
    if (error.code !== 'EPIPE') failure = error.code ?? 'unknown';
    isClosed = true;
    options.onClosed();
  });
  // There is nowhere left to say so.
  stderr.on('error', () => undefined);
  const colored = stdout.isTTY === true && !noColor;
  const widthOfStream = (stream: Stream) => (stream.isTTY ? columnsOf(stream) : Number.POSITIVE_INFINITY);
  const print = (text: string) => void stdout.write(text);
  return {
    json,
    isClosed: () => isClosed,
    failure: () => failure,
    width: widthOfStream(stdout),
    progress: {
      isLive: stderr.isTTY === true,
      width: widthOfStream(stderr),
      write: (text) => void stderr.write(text),
    },
    answer: (value, text) => print(json ? `${JSON.stringify(value)}\n` : text()),
    writeJson: print,
    write: (text) => {
      if (!json) print(text);
    },
    note: (line) => void stderr.write(`${line}\n`),
    warn: (line) => void stderr.write(`warning: ${clean(line)}\n`),
    paint: (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text),
  };
}
