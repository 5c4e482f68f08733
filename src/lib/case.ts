/**
 * The doors speak `snake_case` (`custom_field_1`), the code `camelCase` (`customField1`). Both functions rename the keys of plain objects all the way down and
 * touch no value. Not for raw vendor records: their keys are the vendor's.
 */
export const snakeCase = (value: unknown): unknown => rename(value, toSnake);
export const camelCase = (value: unknown): unknown => rename(value, toCamel);

const toSnake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/([a-z])(\d)/g, '$1_$2');
const toCamel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function rename(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, name));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [name(key), rename(item, name)]));
}
