const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 16;

/** A new id: the prefix and 16 random letters and digits (82 bits), so that two never meet and none can be guessed. */
export function randomId(prefix: string): string {
  // 252 is the largest multiple of 36 in a byte: bytes above it would favour some letters.
  const fair = letters.length * Math.floor(256 / letters.length);
  let id = '';
  while (id.length < LENGTH) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0]!;
    if (byte < fair) id += letters[byte % letters.length];
  }
  return `${prefix}${id}`;
}
