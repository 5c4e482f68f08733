import { type ZodType, z } from 'zod';

/** `true`, `1`, an empty value (`?purge`) and their opposites. */
export const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .optional()
  .transform((text) => (text === undefined ? undefined : text !== 'false' && text !== '0'));

/** A whole number of up to 15 digits, one value and no list. */
export const wholeNumber = (from: number, to: number, usual: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    z
      .int('must be a whole number')
      .min(from, `must be from ${from} to ${to}`)
      .max(to, `must be from ${from} to ${to}`)
      .default(usual),
  );

/** A whole number from 1 to `most`. */
export const limitUpTo = (most: number, usual: number) =>
  wholeNumber(1, most, usual).describe(`Rows on a page, 1 to ${most}`);

/** A list, written `x[]=a`, `x[0]=a`, `x=a&x=b` or with commas. */
export const listOf = <Item extends ZodType>(item: Item) => z.preprocess(splitCommas, z.array(item).max(500));

function splitCommas(value: unknown): unknown {
  const split = (text: string) => text.split(',').map((part) => part.trim());
  if (typeof value === 'string') return value === '' ? [] : split(value);
  return Array.isArray(value) ? value.flatMap((item) => (typeof item === 'string' ? split(item) : [item])) : value;
}

export const connectionParameter = z
  .string()
  .max(200)
  .optional()
  .transform((name) => name || undefined)
  .describe('Id or name of the connection. May be left out where the token has exactly one');
