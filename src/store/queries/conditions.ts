import { type RawBuilder, sql } from 'kysely';
import type { Condition } from '../../directory/ports.ts';

type Sql = RawBuilder<boolean>;

/** A condition on one value in SQL; an empty `in` matches nothing. All of its parts must hold. */
export function matching<T extends string | number>(
  value: RawBuilder<unknown>,
  condition: Condition<T> | undefined,
): readonly Sql[] {
  if (condition === undefined) return [];
  const { eq, in: among, gt, gte, lt, lte, like } = condition;
  return [
    ...(eq === undefined ? [] : [eq === null ? sql<boolean>`${value} is null` : sql<boolean>`${value} = ${eq}`]),
    ...(among === undefined ? [] : [isAmong(value, among)]),
    ...(gt === undefined ? [] : [sql<boolean>`${value} > ${gt}`]),
    ...(gte === undefined ? [] : [sql<boolean>`${value} >= ${gte}`]),
    ...(lt === undefined ? [] : [sql<boolean>`${value} < ${lt}`]),
    ...(lte === undefined ? [] : [sql<boolean>`${value} <= ${lte}`]),
    ...(like === undefined ? [] : [contains(value, like)]),
  ];
}

/** All of them. */
export const every = (conditions: readonly (Sql | null)[]): Sql =>
  sql<boolean>`${sql.join(
    conditions.filter((condition) => condition !== null),
    sql` and `,
  )}`;

export const isAmong = (value: RawBuilder<unknown>, among: readonly (string | number)[]): Sql => {
  if (among.length === 0) return sql<boolean>`1 = 0`;
  return among.length === 1 ? sql<boolean>`${value} = ${among[0]}` : sql<boolean>`${value} in (${sql.join(among)})`;
};

/** Case-insensitive substring. SQLite folds the case of ASCII letters alone. */
export const contains = (value: RawBuilder<unknown>, text: string): Sql =>
  sql<boolean>`lower(${value}) like lower(${`%${text.replace(/[\\%_]/g, '\\$&')}%`}) escape '\\'`;

/** Addresses are kept in lower case. */
export function lowerCased(condition: Condition<string> | undefined): Condition<string> | undefined {
  if (condition === undefined) return undefined;
  const { eq, in: among } = condition;
  return {
    ...condition,
    ...(typeof eq === 'string' ? { eq: eq.toLowerCase() } : {}),
    ...(among === undefined ? {} : { in: among.map((text) => text.toLowerCase()) }),
  };
}
