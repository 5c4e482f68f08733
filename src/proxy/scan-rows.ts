/** What is needed of a list to hand it on: how many rows it has, and its first one. */
export type ScannedRows = {
  readonly count: number;
  /** Null without rows. */
  readonly first: Uint8Array | null;
};

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  ...[0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d],
] as [number, number, number, number, number, number, number];

/**
 * Counts the rows of a JSON list without parsing it, which takes longer. Reads what is well formed; of everything
 * else it sees only that it was cut.
 * @returns null when it is no list, `cut` when it does not end
 */
export function scanRows(bytes: Uint8Array): ScannedRows | 'cut' | null {
  let index = 0;
  while (isSpace(bytes[index])) index += 1;
  if (bytes[index] !== OPEN_LIST) return null;
  let depth = 0;
  let commas = 0;
  let begin = -1;
  let end = -1;
  for (; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (depth === 1 && begin === -1 && !isSpace(byte) && byte !== CLOSE_LIST) begin = index;
    if (byte === QUOTE) {
      index += 1;
      while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
      if (depth === 0) return rowsOf(bytes, begin, end === -1 ? index : end, commas);
    } else if (byte === COMMA && depth === 1) {
      commas += 1;
      if (end === -1) end = index;
    }
  }
  return 'cut';
}

const rowsOf = (bytes: Uint8Array, begin: number, end: number, commas: number): ScannedRows =>
  begin === -1 ? { count: 0, first: null } : { count: commas + 1, first: bytes.subarray(begin, end) };

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
