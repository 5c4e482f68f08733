import type { AccountState } from '../account.ts';
import type { GroupState, Person } from '../world/state.ts';
import { isAdmin } from './resolve.ts';
import { rolesOf, type SecurityRole } from './roles.ts';

/** Smallest and largest page. A smaller `per` is raised to the one, a larger cut to the other. */
const LEAST = 25;
const MOST = 1000;

export type PageArguments = {
  readonly per?: number | null;
  readonly page?: number | null;
  readonly all?: boolean | null;
};
export type Cursor<Row> = {
  nodes: readonly Row[];
  pagination: { page: number; pages: number; per: number; totalCount: number };
};

/** One page, or with `all` everything at once. */
export function cursorOf<Row>(rows: readonly Row[], { per, page, all }: PageArguments): Cursor<Row> {
  const totalCount = rows.length;
  if (all) return { nodes: rows, pagination: { page: 1, pages: 1, per: totalCount, totalCount } };
  const size = Math.min(MOST, Math.max(LEAST, per ?? LEAST));
  const number = Math.max(1, page ?? 1);
  const nodes = rows.slice((number - 1) * size, number * size);
  return { nodes, pagination: { page: number, pages: Math.ceil(totalCount / size), per: size, totalCount } };
}

export type UserArguments = PageArguments & {
  readonly search?: string | null;
  readonly searchTypes?: readonly string[] | null;
  readonly status?: string | null;
  readonly type?: string | null;
  readonly group?: number | null;
  readonly sortBy?: string | null;
  readonly sortDirection?: string | null;
};

/** People that fit, in the order of their ids unless another is asked for. */
export function usersWanted(account: AccountState, wanted: UserArguments): Person[] {
  const { search, status, type, group, sortBy } = wanted;
  if (account.switches.anonymised) return [];
  const found = account.world.people.filter((person) => {
    const { user, hidden } = person;
    if (hidden) return false;
    if (status && status !== 'ALL' && user.status.toUpperCase() !== status) return false;
    if (type && type !== 'ALL' && isAdmin(person, account) !== (type === 'ADMIN')) return false;
    if (group !== undefined && group !== null && !user.groups.includes(group)) return false;
    return !search || texts(person, wanted.searchTypes ?? ['ALL']).some((text) => contains(text, search));
  });
  const key = sortBy ? sortKeys[sortBy] : undefined;
  if (!key) return found;
  const sign = wanted.sortDirection === 'DESCENDING' ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? a.index - b.index : sign * (x < y ? -1 : 1);
  });
}

const contains = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

/** Where a search looks. */
function texts({ user }: Person, types: readonly string[]): string[] {
  const first = user.first_name ?? '';
  const last = user.last_name ?? '';
  const byType: Readonly<Record<string, readonly string[]>> = {
    EMAIL: [user.email],
    EMAIL_ALIAS: user.aliases,
    FIRST_NAME: [first],
    LAST_NAME: [last],
    FIRST_AND_LAST_NAME: [`${first} ${last}`],
    ALL: [user.email, ...user.aliases, `${first} ${last}`],
  };
  return types.flatMap((type) => byType[type] ?? []);
}

const sortKeys: Readonly<Record<string, (person: Person) => string | number>> = {
  USER: ({ user }) => user.email.toLowerCase(),
  FIRST_NAME: ({ user }) => user.first_name ?? '',
  LAST_NAME: ({ user }) => user.last_name ?? '',
  RISK_SCORE: ({ user }) => user.current_risk_score,
  CREATED_AT: ({ user }) => user.joined_on,
  LAST_SIGN_IN_AT: ({ user }) => user.last_sign_in ?? '',
  ARCHIVED_AT: ({ user }) => user.archived_at ?? '',
};

export type NamedArguments = PageArguments & { readonly search?: string | null; readonly status?: string | null };

export const groupsWanted = ({ world }: AccountState, { search, status }: NamedArguments): GroupState[] =>
  world.groups.filter(({ isDeleted, group }) => {
    if (isDeleted || (status && status !== 'ALL' && group.status.toUpperCase() !== status)) return false;
    return !search || contains(group.name, search);
  });

export const rolesWanted = (account: AccountState, { search }: NamedArguments): SecurityRole[] =>
  rolesOf(account).filter(({ name }) => !search || contains(name, search));
