/** A name of a directory in parts (RFC 4514): `CN=Wire\, transfers,OU=Groups` → two of them. Types are in lower case. */
export type Rdn = { readonly type: string; readonly value: string };

/** The parts of a DN, each the first pair of a `+`. What is no DN has none. */
export function partsOfDn(dn: string): readonly Rdn[] {
  const parts: Rdn[] = [];
  for (const part of split(dn, ',')) {
    const [pair = ''] = split(part, '+');
    const at = pair.indexOf('=');
    if (at < 1) return [];
    parts.push({ type: pair.slice(0, at).trim().toLowerCase(), value: unescaped(pair.slice(at + 1)) });
  }
  return parts;
}

/** Written in one way, so that a manager's DN is found among the people's: types in lower case, no spaces around, escapes as needed. */
export const canonicalDn = (dn: string): string =>
  split(dn, ',')
    .map((part) =>
      split(part, '+')
        .map((pair) => {
          const at = pair.indexOf('=');
          return at < 1
            ? pair.trim()
            : `${pair.slice(0, at).trim().toLowerCase()}=${escaped(unescaped(pair.slice(at + 1)))}`;
        })
        .join('+'),
    )
    .join(',');

/** The same for every way to write a DN, letter case aside: to find it in a map. */
export const dnKey = (dn: string): string => canonicalDn(dn).toLowerCase();

function split(text: string, separator: ',' | '+'): readonly string[] {
  if (!text.includes('\\') && !text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Pairs of hex digits are bytes of UTF-8, several in a row one letter. */
function unescaped(value: string): string {
  const trimmed = value.replace(/^ +|(?<!\\) +$/g, '').replace(/^"(.*)"$/s, '$1');
  if (!trimmed.includes('\\')) return trimmed;
  return trimmed.replace(/(?:\\[\da-fA-F]{2})+|\\(.)/gs, (found, single: string | undefined) =>
    single === undefined ? Buffer.from(found.replaceAll('\\', ''), 'hex').toString('utf8') : single,
  );
}

const escaped = (value: string): string =>
  value.replace(/[\\,+"<>;]|^[ #]| $/g, (letter) => `\\${letter}`).replaceAll('\0', '\\00');
