import type { AttributeValue } from '../../model/source-person.ts';

/**
 * What stands at a dotted path: `data.people`, `emails.0.value`. Names with dots in them cannot be reached.
 * @returns undefined where nothing is
 */
export function atPath(value: unknown, path: string): unknown {
  let found = value;
  for (const step of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    if (Array.isArray(found) && !/^\d+$/.test(step)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[step];
  }
  return found;
}

/** Text, numbers and flags as text, lists of them as lists; nothing, and what is no value, as null. */
export function attributeOf(value: unknown): AttributeValue {
  if (!Array.isArray(value)) return scalar(value);
  const texts = value.map(scalar).filter((text) => text !== null);
  return texts.length > 1 ? texts : (texts[0] ?? null);
}

function scalar(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** Numbers that JavaScript would round stay as they are written: two ids could become one. */
export const parseExactly = (text: string): unknown =>
  /\d{16}/.test(text)
    ? JSON.parse(text, (_, value: unknown, { source }: { readonly source?: string } = {}) =>
        typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
          ? source
          : value,
      )
    : JSON.parse(text);
