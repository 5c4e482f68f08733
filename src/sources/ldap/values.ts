import type { Attribute } from 'ldapts';
import { guidFromBytes } from '../../lib/guid.ts';
import type { AttributeValue } from '../../model/source-person.ts';
import { canonicalDn } from './dn.ts';

/**
 * The values of an attribute as text: none → null, one → text, several → a list. GUIDs and SIDs as people write them, times as ISO, DNs in
 * one way of writing; bytes that are no text as Base64.
 */
export function valueFrom(attribute: Attribute | undefined): AttributeValue {
  if (attribute === undefined) return null;
  const texts = textsOf(attribute);
  return texts.length > 1 ? texts : (texts[0] ?? null);
}

export function textsOf(attribute: Attribute): readonly string[] {
  const name = attribute.type.toLowerCase();
  const fromBytes = binary[name];
  if (fromBytes !== undefined) return attribute.parsedBuffers.map(fromBytes);
  const read = written[name];
  const texts: string[] = [];
  for (const [at, value] of attribute.values.entries()) {
    const text = typeof value === 'string' ? value : attribute.parsedBuffers[at]!.toString('base64');
    const said = read === undefined ? text : read(text);
    if (said !== null && said !== '') texts.push(said);
  }
  return texts;
}

const guid = (bytes: Buffer): string => (bytes.length === 16 ? guidFromBytes(bytes) : bytes.toString('base64'));
const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** Attributes whose values are bytes, also where they happen to look like text. */
const binary: Readonly<Record<string, ((bytes: Buffer) => string) | undefined>> = {
  objectguid: guid,
  'ms-ds-consistencyguid': guid,
  msexchmailboxguid: guid,
  objectsid: sidOf,
  jpegphoto: base64,
  thumbnailphoto: base64,
  usercertificate: base64,
};

/** `S-1-5-21-…` (MS-DTYP 2.4.2): revision, count, an authority of 6 bytes, then numbers of 4 bytes, little-endian. */
function sidOf(bytes: Buffer): string {
  if (bytes.length < 8 || bytes.length !== 8 + bytes[1]! * 4) return base64(bytes);
  const numbers = Array.from({ length: bytes[1]! }, (_, at) => bytes.readUInt32LE(8 + at * 4));
  return ['S', bytes[0], bytes.readUIntBE(2, 6), ...numbers].join('-');
}

/** Ticks of 100 ns since 1601; 0 and the largest number are never. */
function fromTicks(text: string): string | null {
  if (!/^\d{1,19}$/.test(text)) return text;
  const ms = Number(BigInt(text) / 10_000n) - TICKS_TO_UNIX_MS;
  if (text === '0' || ms > LAST_DATE_MS) return null;
  return new Date(ms).toISOString();
}
const TICKS_TO_UNIX_MS = 11_644_473_600_000;
const LAST_DATE_MS = Date.UTC(9999, 11, 31);

/** `20261121101500.0Z` → ISO; in another form it stays as it is. */
const fromGeneralized = (text: string): string =>
  text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z$/, '$1-$2-$3T$4:$5:$6.000Z');

/** Attributes that are written in a way of their own. */
const written: Readonly<Record<string, ((text: string) => string | null) | undefined>> = {
  accountexpires: fromTicks,
  pwdlastset: fromTicks,
  lastlogon: fromTicks,
  lastlogontimestamp: fromTicks,
  lockouttime: fromTicks,
  whencreated: fromGeneralized,
  whenchanged: fromGeneralized,
  createtimestamp: fromGeneralized,
  modifytimestamp: fromGeneralized,
  manager: canonicalDn,
  secretary: canonicalDn,
  assistant: canonicalDn,
  directreports: canonicalDn,
  owner: canonicalDn,
  seealso: canonicalDn,
  member: canonicalDn,
  uniquemember: canonicalDn,
  memberof: canonicalDn,
};
