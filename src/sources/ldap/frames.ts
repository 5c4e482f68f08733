/** Larger than any entry that is of use: a group with half a million members. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Cuts what arrives into messages of LDAP, each a BER sequence (RFC 4511, 5.1).
 * @returns takes a piece, and says how many bytes of a message that is not whole yet are kept
 * @throws RangeError for what is not a message, or one of more than 64 MB
 */
export function frames(take: (frame: Buffer) => void): (chunk: Buffer) => number {
  let kept: Buffer[] = [];
  let size = 0;
  let wanted = 0;
  return (chunk) => {
    kept.push(chunk);
    size += chunk.length;
    while (size >= 2 && size >= wanted) {
      // Joined only when a message is whole, or its length is not known yet.
      let bytes = kept.length === 1 ? kept[0]! : Buffer.concat(kept, size);
      kept = [bytes];
      wanted = lengthOf(bytes);
      if (wanted === 0 || wanted > size) break;
      take(bytes.subarray(0, wanted));
      bytes = bytes.subarray(wanted);
      kept = bytes.length === 0 ? [] : [bytes];
      size = bytes.length;
      wanted = 0;
    }
    return size;
  };
}

/** Bytes of the message with its head; 0 when the head is not whole yet. */
function lengthOf(bytes: Buffer): number {
  if (bytes[0] !== 0x30) throw new RangeError('not a message');
  const first = bytes[1]!;
  if (first < 0x80) return first + 2;
  const digits = first & 0x7f;
  if (digits === 0 || digits > 4) throw new RangeError('not a length');
  if (bytes.length < 2 + digits) return 0;
  const length = bytes.readUIntBE(2, digits) + 2 + digits;
  if (length > MOST_BYTES) throw new RangeError('too long');
  return length;
}
