import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { CsvEncoding } from '../../model/csv-encoding.ts';
import { badFile } from './problem.ts';

/** What a first walk through a file tells. */
export type Scan = {
  readonly bytes: number;
  /** SHA-256 of the bytes, hex. */
  readonly digest: string;
  readonly encoding: CsvEncoding;
  /** In bytes. */
  readonly markLength: number;
  /** The last bytes are those of a line's end. */
  readonly endsWithLine: boolean;
  /** The last character is a quote. */
  readonly endsWithQuote: boolean;
};

const CHUNK_BYTES = 256 * 1024;

export async function* chunksOf(handle: FileHandle, signal: AbortSignal, from = 0): AsyncGenerator<Buffer> {
  let position = from;
  for (;;) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const marks: readonly { readonly encoding: CsvEncoding; readonly bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/**
 * Digest, encoding and end of a file, in one walk.
 * @throws ForeknowError `source_invalid` when it is empty, or no encoding is certain, or it ends within a character
 */
export async function scanFile(handle: FileHandle, given: CsvEncoding | 'auto', signal: AbortSignal): Promise<Scan> {
  const hash = createHash('sha256');
  const utf8 = utf8Watch();
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of chunksOf(handle, signal)) {
    hash.update(chunk);
    utf8.look(chunk);
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
    tail = Buffer.concat([tail, chunk.subarray(-4)]).subarray(-4);
    bytes += chunk.length;
  }
  if (bytes === 0) throw badFile('The file is empty: it has not even headings.');
  refuseOthers(head);
  const mark = marks.find((one) => one.bytes.every((byte, at) => head[at] === byte));
  const encoding = given === 'auto' ? (mark?.encoding ?? guess(head, utf8.found())) : given;
  if (encoding === 'utf-8') refuseUtf8(utf8.found());
  if (encoding.startsWith('utf-16') && bytes % 2 === 1) throw badFile('The file ends in the middle of a character.');
  const last = new TextDecoder(encoding)
    .decode(tail.subarray(tail.length % 2))
    .replaceAll(END_OF_FILE, '')
    .at(-1);
  return {
    ...{ bytes, digest: hash.digest('hex'), encoding },
    markLength: mark?.encoding === encoding ? mark.bytes.length : 0,
    endsWithLine: last === '\n' || last === '\r',
    endsWithQuote: last === '"',
  };
}

const HEAD_BYTES = 512;
/** As old systems write it. */
const END_OF_FILE = '\u001a';

/** What people hand in in place of a table, by its first bytes. */
const others: readonly (readonly [begins: string, words: string])[] = [
  ['PK\u0003\u0004', 'an Excel workbook, or another archive'],
  ['\u00d0\u00cf\u0011\u00e0', 'an old Excel workbook'],
  ['\u001f\u008b', 'packed with gzip'],
  ['%PDF-', 'a PDF'],
];
const PAGE = /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html|table|\?xml)/i;

/** @throws ForeknowError `source_invalid` */
function refuseOthers(head: Buffer): void {
  const bytes = head.toString('latin1');
  const other =
    others.find(([begins]) => bytes.startsWith(begins))?.[1] ?? (PAGE.test(bytes) ? 'a web page or XML' : null);
  if (other !== null) throw badFile(`The file is ${other}, not a table in text.`, 'Have it exported as CSV.');
}

function guess(head: Buffer, utf8: Utf8Found): CsvEncoding {
  const zeros = (parity: number) => head.filter((byte, at) => at % 2 === parity && byte === 0).length;
  const half = Math.floor(head.length / 2);
  if (half > 0 && zeros(1) > half * 0.3 && zeros(0) === 0) return 'utf-16le';
  if (half > 0 && zeros(0) > half * 0.3 && zeros(1) === 0) return 'utf-16be';
  if (utf8.invalid === 0) return 'utf-8';
  if (utf8.valid === 0) return 'windows-1252';
  throw badFile(
    `The file is neither UTF-8 nor Windows-1252 for certain: line ${utf8.firstInvalidLine} is not UTF-8, other lines are.`,
    'Say which it is with encoding, or have it exported as UTF-8.',
  );
}

function refuseUtf8({ invalid, firstInvalidLine, isOpen }: Utf8Found): void {
  if (invalid > 0)
    throw badFile(`Line ${firstInvalidLine} is not valid UTF-8.`, 'Say which encoding it is: windows-1252, say.');
  if (isOpen) throw badFile('The file ends in the middle of a character: it is cut off.');
}

type Utf8Found = {
  /** Characters of more than one byte. */
  readonly valid: number;
  /** Bytes that belong to none. */
  readonly invalid: number;
  readonly firstInvalidLine: number;
  /** The last character lacks bytes. */
  readonly isOpen: boolean;
};

/** Counts what speaks for UTF-8 and against it. Overlong forms and surrogates are left to the decoder. */
function utf8Watch(): { look(chunk: Uint8Array): void; found(): Utf8Found } {
  let line = 1;
  let missing = 0;
  let valid = 0;
  let invalid = 0;
  let firstInvalidLine = 0;
  const bad = () => {
    invalid += 1;
    firstInvalidLine ||= line;
  };
  return {
    look(chunk) {
      for (const byte of chunk) {
        if (byte < 0x80 && missing === 0) {
          if (byte === 0x0a) line += 1;
          continue;
        }
        if (missing > 0) {
          if ((byte & 0xc0) === 0x80) {
            missing -= 1;
            if (missing === 0) valid += 1;
            continue;
          }
          missing = 0;
          bad();
          if (byte < 0x80) {
            if (byte === 0x0a) line += 1;
            continue;
          }
        }
        if (byte >= 0xc2 && byte <= 0xdf) missing = 1;
        else if (byte >= 0xe0 && byte <= 0xef) missing = 2;
        else if (byte >= 0xf0 && byte <= 0xf4) missing = 3;
        else bad();
      }
    },
    found: () => ({ valid, invalid, firstInvalidLine, isOpen: missing > 0 }),
  };
}
