import { snakeCase } from '../lib/case.ts';
import type { ChangeFields, LoggedChange } from '../model/change.ts';
import type { EventType } from './catalog.ts';

/** An event before it has its place. */
export type Draft = { readonly type: EventType; readonly data: Readonly<Record<string, unknown>> };

export const draft = (type: EventType, data: Readonly<Record<string, unknown>>): Draft => ({ type, data });

/** Lists that have events of their own, or that grow without end. */
const leftOut = new Set(['groupIds', 'admins', 'tests']);
const LIST_LIMIT = 50;

/** Fields as events show them: `snake_case`, without what can be very long. */
export const shown = (fields: ChangeFields | null): Readonly<Record<string, unknown>> =>
  snakeCase(
    Object.fromEntries(
      Object.entries(fields ?? {}).flatMap(([name, value]) => {
        if (leftOut.has(name)) return [];
        return [[name, Array.isArray(value) ? value.slice(0, LIST_LIMIT) : value]];
      }),
    ),
  ) as Record<string, unknown>;

export const moved = ({ current, previous }: LoggedChange) => ({
  attributes: shown(current),
  previous_attributes: shown(previous),
});

type Person = {
  readonly id?: unknown;
  readonly email?: unknown;
  readonly firstName?: unknown;
  readonly lastName?: unknown;
};

/**
 * A person in short.
 * @param id stands in where nothing more is known, as in entries that older versions wrote
 */
export function shortUser(user: unknown, id: string | null): Readonly<Record<string, unknown>> | null {
  if (user === null || (user === undefined && id === null)) return null;
  const { email, firstName, lastName, id: own } = (user ?? {}) as Person;
  return { id: own ?? id, email: email ?? null, first_name: firstName ?? null, last_name: lastName ?? null };
}

/** Any other record in short: its id and its name. */
export function item({ about, key }: LoggedChange, name: string): { readonly id?: unknown; readonly name: unknown } {
  const short = about?.[name] as { readonly id?: unknown; readonly name?: unknown } | null | undefined;
  if (name === 'account') return { name: short?.name ?? null };
  return { id: short?.id ?? key, name: short?.name ?? null };
}
