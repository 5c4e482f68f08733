import { guidKey } from '../lib/guid.ts';
import type { Target, TargetGroup, TargetUser } from './target.ts';

/** KnowBe4's people and groups, to be found by whatever tells them apart. */
export type TargetIndex = {
  readonly target: Target;
  readonly users: ReadonlyMap<string, TargetUser>;
  readonly groups: ReadonlyMap<string, TargetGroup>;
  /** Active groups by name in lower case. */
  readonly groupsByName: ReadonlyMap<string, readonly TargetGroup[]>;
  usersByGuid(guid: string): readonly TargetUser[];
  usersByEmployeeNumber(number: string): readonly TargetUser[];
  usersByEmail(email: string): readonly TargetUser[];
  usersByAlias(alias: string): readonly TargetUser[];
};

const nobody: readonly TargetUser[] = [];

export function indexTarget(target: Target): TargetIndex {
  const guids = new Map<string, TargetUser[]>();
  const numbers = new Map<string, TargetUser[]>();
  const emails = new Map<string, TargetUser[]>();
  const aliases = new Map<string, TargetUser[]>();
  const users = new Map<string, TargetUser>();
  for (const user of target.users) {
    users.set(user.id, user);
    if (user.provisioningGuid !== null) add(guids, comparableGuid(user.provisioningGuid), user);
    add(numbers, comparableNumber(user.fields.employee_number), user);
    add(emails, emailOf(user), user);
    for (const alias of user.aliases) add(aliases, alias.toLowerCase(), user);
  }
  const groupsByName = new Map<string, TargetGroup[]>();
  for (const group of target.groups) {
    if (group.status === 'active') add(groupsByName, group.name.toLowerCase(), group);
  }
  return {
    target,
    users,
    groups: new Map(target.groups.map((group) => [group.id, group])),
    groupsByName,
    usersByGuid: (guid) => guids.get(comparableGuid(guid) ?? '') ?? nobody,
    usersByEmployeeNumber: (number) => numbers.get(comparableNumber(number) ?? '') ?? nobody,
    usersByEmail: (email) => emails.get(email.trim().toLowerCase()) ?? nobody,
    usersByAlias: (alias) => aliases.get(alias.trim().toLowerCase()) ?? nobody,
  };
}

function add<T>(index: Map<string, T[]>, key: string | null, value: T): void {
  if (key === null) return;
  const there = index.get(key);
  if (there === undefined) index.set(key, [value]);
  else there.push(value);
}

/** A provisioning GUID that is no GUID (another provisioner's id) is compared as text. */
const comparableGuid = (guid: string): string | null => guidKey(guid) ?? (guid.trim().toLowerCase() || null);

/** Leading zeros count, case and outer spaces do not; null for none. */
export const comparableNumber = (number: string | null | undefined): string | null =>
  number?.trim().toLowerCase() || null;

/** In lower case; null for none. */
export const emailOf = (user: TargetUser): string | null => user.fields.email?.trim().toLowerCase() || null;
