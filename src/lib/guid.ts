/**
 * GUIDs as directories write them. Active Directory keeps `objectGUID` as 16 bytes whose first three fields (4, 2 and 2 bytes) are
 * little-endian (MS-DTYP 2.3.4.2); its own text turns them around. Tools that print the bytes as they stand write another text of the
 * same GUID, so two texts of one GUID may differ: `guidKey` and `sameGuid` take both for one.
 */

/** `directory`: the first three fields are little-endian, as Active Directory keeps them. `written`: as the text says. */
export type GuidByteOrder = 'directory' | 'written';

/** Where each byte stands when the first three fields are turned around; turning twice gives the first order again. */
const turned = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/**
 * The text of 16 bytes, in lower case with dashes.
 * @throws RangeError when there are not 16
 */
export function guidFromBytes(bytes: Uint8Array, order: GuidByteOrder = 'directory'): string {
  if (bytes.length !== 16) throw new RangeError(`a GUID has 16 bytes, not ${bytes.length}`);
  let hex = '';
  for (let at = 0; at < 16; at += 1) {
    const byte = bytes[order === 'directory' ? turned[at]! : at]!;
    hex += (byte < 16 ? '0' : '') + byte.toString(16);
  }
  return dashed(hex);
}

/** The 16 bytes of any written form; null for what is no GUID. */
export function bytesOfGuid(text: string, order: GuidByteOrder = 'directory'): Uint8Array | null {
  const canonical = canonicalGuid(text);
  if (canonical === null) return null;
  const hex = canonical.replaceAll('-', '');
  return Uint8Array.from(turned, (from, at) => {
    const place = (order === 'directory' ? from : at) * 2;
    return Number.parseInt(hex.slice(place, place + 2), 16);
  });
}

const DASHED = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const HEX = /^[\da-f]{32}$/;
/** Each byte behind a backslash, as LDAP filters want it: bytes of the directory. */
const ESCAPED = /^(?:\\[\da-f]{2}){16}$/;
/** 16 bytes in Base64, as Entra ID's `ImmutableID` holds an `objectGUID`: the last of 22 letters has two bits. */
const BASE64 = /^[\w+/-]{21}[AQgw](?:==)?$/;

/**
 * The one form of a GUID, in lower case with dashes, from what people and tools write: upper case, without dashes, in braces, as
 * `urn:uuid:`, with `\xx` as in LDAP filters, in Base64. Null for what is no GUID.
 */
export function canonicalGuid(text: string): string | null {
  const trimmed = text.trim();
  const plain = bare(trimmed.toLowerCase());
  if (DASHED.test(plain)) return plain;
  if (HEX.test(plain)) return dashed(plain);
  if (ESCAPED.test(plain)) return guidFromBytes(bytesOfHex(plain.replaceAll('\\', '')));
  return BASE64.test(trimmed) ? guidFromBytes(bytesOfBase64(trimmed)) : null;
}

/** The same for both byte orders of one GUID: to find it in a map. Null for what is no GUID. */
export function guidKey(text: string): string | null {
  const canonical = canonicalGuid(text);
  if (canonical === null) return null;
  const other = guidFromBytes(bytesOfHex(canonical.replaceAll('-', '')));
  return canonical < other ? canonical : other;
}

/** Whether two texts mean one GUID, in whatever form and byte order. What is no GUID is like nothing. */
export function sameGuid(one: string, other: string): boolean {
  const key = guidKey(one);
  return key !== null && key === guidKey(other);
}

const bare = (text: string): string =>
  text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text.replace(/^urn:uuid:/, '');

const dashed = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));

const bytesOfBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.codePointAt(0)!);
