import { hash, uuid } from '../random.ts';
import { DAY, instant } from '../time.ts';
import { archivedGroups, consoleGroups, departments, locations } from './names.ts';
import type { Group, GroupRef } from './records.ts';
import { type GroupState, isActive, note, type Person, type SmartRule, type World } from './state.ts';

const GROUPS = 2;
const FIRST_GROUP = 81001;
export const ALL_USERS: GroupRef = { group_id: 0, name: 'All Users' };
const NEW_FOR = 90 * DAY;
const HIGH_RISK = 48;

/** Creates the groups; memberships follow with `joinGroups`. */
export function settleGroups(world: World): void {
  const add = (name: string, type: Group['group_type'], rule: SmartRule | null = null, status?: 'archived') =>
    addGroup(world, { name, type, rule, status: status ?? 'active' });
  for (const name of consoleGroups) add(name, 'console_group');
  for (const { name } of departments)
    add(name, 'provisioning_managed_group', (person) => person.user.department === name);
  for (const { name } of locations) add(`Location: ${name}`, 'smart_group', (person) => person.user.location === name);
  add('New starters', 'smart_group', (person, now) => now - person.joined < NEW_FOR);
  add('Managers', 'smart_group', (person) => person.user.job_title?.startsWith('Head of') ?? false);
  add('High risk', 'smart_group', (person) => person.user.current_risk_score >= HIGH_RISK);
  add('Archived by rule (nobody)', 'smart_group', () => false);
  for (const name of archivedGroups) add(name, 'console_group', null, 'archived');
}

type GroupPlan = { name: string; type: Group['group_type']; rule: SmartRule | null; status: Group['status'] };

/** Adds a group without members. @returns its id */
export function addGroup(world: World, { name, type, rule, status }: GroupPlan): number {
  const id = FIRST_GROUP + world.groups.length;
  const provisioning_guid = type === 'provisioning_managed_group' ? uuid(hash(world.seed, GROUPS, id)) : null;
  const group = { id, name, group_type: type, provisioning_guid, member_count: 0, status };
  world.groups.push({ group, rule, history: [], isDeleted: false });
  return id;
}

export const groupNamed = (world: World, name: string): GroupState =>
  world.groups.find((state) => state.group.name === name)!;

export function groupById(world: World, id: number): GroupState | undefined {
  const state = world.groups[id - FIRST_GROUP];
  return state?.isDeleted ? undefined : state;
}

/** The ids of a campaign's groups; null, which is everybody, when the group 0 is among them. */
export const audienceOf = (groups: readonly GroupRef[]): number[] | null =>
  groups.some((group) => group.group_id === 0) ? null : groups.map((group) => group.group_id);

export const isMember = (person: Person, audience: readonly number[] | null): boolean =>
  audience === null || audience.some((id) => person.user.groups.includes(id));

/** The groups that a person belongs to by hand and by rule. Archiving keeps them as they were. */
function groupsOf(world: World, person: Person, now: number): number[] {
  const found: number[] = [];
  for (const { group, rule, isDeleted } of world.groups) {
    if (isDeleted) continue;
    if (person.manual.includes(group.id) || rule?.(person, now)) found.push(group.id);
  }
  return found;
}

/**
 * Brings a person's memberships up to its attributes.
 * @returns the groups it came into
 */
export function joinGroups(world: World, person: Person, now: number, silent = false): number[] {
  if (!isActive(person) && !silent) return [];
  const before = person.user.groups;
  const after = isOrphan(person) ? [] : groupsOf(world, person, now);
  if (before.length === after.length && before.every((id, i) => id === after[i])) return [];
  const added = after.filter((id) => !before.includes(id));
  const removed = before.filter((id) => !after.includes(id));
  person.user.groups = after;
  if (isActive(person)) {
    count(world, added, 1);
    count(world, removed, -1);
  }
  if (!silent) {
    noteMemberships(world, person, added, 'member_added', now);
    noteMemberships(world, person, removed, 'member_removed', now);
  }
  return added;
}

/** The person whom no rule reaches: a mailbox that is a user. */
const isOrphan = (person: Person): boolean => person.user.first_name === '' && person.user.department === null;

function noteMemberships(
  world: World,
  person: Person,
  ids: readonly number[],
  kind: 'member_added' | 'member_removed',
  now: number,
): void {
  for (const id of ids) {
    note(world, { at: instant(now), stream: 'users', id: String(person.user.id), kind, group_id: id });
  }
}

/** Only active people count as members. */
export function count(world: World, ids: readonly number[], by: 1 | -1): void {
  for (const id of ids) {
    const state = groupById(world, id);
    if (state) state.group.member_count += by;
  }
}
