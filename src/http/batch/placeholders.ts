import { ForeknowError } from '../../errors/errors.ts';

/** What placeholders can name. */
export type Names = {
  /** As the caller gave them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The record that a dependent call is made for, by the name of the resource that it came from. */
  readonly row: { readonly of: string; readonly record: unknown } | null;
};

const PLACEHOLDER = /\{\{\s*([^{}]{1,300}?)\s*\}\}/g;

/**
 * A value with its placeholders filled in: `{{args.user_id}}`, `{{resources.user-directory.users.id}}`; in texts, lists and objects. What is
 * nothing but one placeholder becomes what it names.
 * @throws ForeknowError `invalid_request` for one that names nothing
 */
export function filled(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, names));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, names)]));
  }
  if (typeof value !== 'string') return value;
  const whole = /^\{\{\s*([^{}]{1,300}?)\s*\}\}$/.exec(value)?.[1];
  if (whole !== undefined) return named(whole, names);
  return value.replaceAll(PLACEHOLDER, (_, path: string) => textOf(path, named(path, names)));
}

/** @param path without its braces; a type after a colon is left out: parameters are texts in the end */
export function named(path: string, { args, row }: Names): unknown {
  const [plain = ''] = path.split(':');
  const [root, ...parts] = plain.split('.');
  const value = root === 'args' ? within(args, parts) : root === 'resources' ? ofRow(parts.join('.'), row) : undefined;
  if (value !== undefined && value !== null) return value;
  throw new ForeknowError('invalid_request', {
    detail: `The placeholder {{${path.slice(0, 80)}}} names nothing.`,
    hint: 'There are {{args.NAME}} and, with depends_on, {{resources.MODEL.RESOURCE.FIELD}}.',
  });
}

function ofRow(path: string, row: Names['row']): unknown {
  if (row === null) return undefined;
  const start = `${row.of.replaceAll('/', '.')}.`;
  return path.startsWith(start) ? within(row.record, path.slice(start.length).split('.')) : undefined;
}

const within = (value: unknown, parts: readonly string[]): unknown =>
  parts.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<string, unknown>)[part]
        : undefined,
    value,
  );

function textOf(path: string, value: unknown): string {
  if (typeof value !== 'object') return String(value);
  throw new ForeknowError('invalid_request', {
    detail: `The placeholder {{${path.slice(0, 80)}}} names a list or an object, and stands inside of a text.`,
    hint: 'Use loop_on for a list.',
  });
}
