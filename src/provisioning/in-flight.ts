import type { Action } from './plan.ts';
import type { JournalEntry, ProvisionalId } from './ports.ts';
import { externalIdOf, provisionalGroupId, provisionalIdOf } from './provisional-id.ts';
import type { Target, TargetGroup, TargetUser } from './target.ts';

/** States of steps that the store has taken and that our own reads have not confirmed. */
const inFlight: ReadonlySet<JournalEntry['state']> = new Set(['accepted', 'visible', 'late']);

type Layers = {
  readonly connectionId: string;
  readonly users: Map<string, TargetUser>;
  readonly groups: Map<string, TargetGroup>;
  readonly known: ReadonlyMap<string, string>;
  readonly groupIds: Map<string, string>;
  /** Addresses of people who are there, in lower case. */
  readonly emails: Set<string>;
  /** Sets of members that were copied and may be changed. */
  readonly own: Set<ReadonlySet<string>>;
};

/**
 * What KnowBe4 will look like once everything that was accepted is at work: the steps in flight laid over the mirror, so that nothing is planned twice.
 * Somebody who is being created has a provisional id in it. Other entries say nothing.
 * @param entries in the order in which they were accepted
 */
export function layOver(
  target: Target,
  entries: readonly JournalEntry[],
  provisionalIds: readonly ProvisionalId[],
): Target {
  const flying = entries.filter(({ state }) => inFlight.has(state));
  if (flying.length === 0) return target;
  const on: Layers = {
    connectionId: target.connectionId,
    users: new Map(target.users.map((user) => [user.id, user])),
    groups: new Map(target.groups.map((group) => [group.id, group])),
    known: new Map(provisionalIds.flatMap(({ provisionalId, userId }) => (userId ? [[provisionalId, userId]] : []))),
    groupIds: new Map(
      target.groups.filter(({ status }) => status === 'active').map(({ id, name }) => [name.toLowerCase(), id]),
    ),
    emails: new Set(target.users.flatMap(({ fields }) => fields.email?.toLowerCase() ?? [])),
    own: new Set(),
  };
  for (const entry of flying) layers[entry.action](on, entry);
  return { ...target, users: [...on.users.values()], groups: [...on.groups.values()] };
}

const layers: Readonly<Record<Action, (layers: Layers, entry: JournalEntry) => void>> = {
  claim: (on, entry) => change(on, entry, (user) => ({ ...user, provisioningManaged: true })),
  create,
  restore: (on, entry) => change(on, entry, (user) => ({ ...user, status: 'active', archivedAt: null })),
  archive: (on, entry) => change(on, entry, (user) => ({ ...user, status: 'archived', archivedAt: entry.acceptedAt })),
  update: (on, entry) => change(on, entry, (user) => withFields(user, entry)),
  manager: (on, entry) => change(on, entry, (user) => withFields(user, entry)),
  group_create: createGroup,
  group_rename: renameGroup,
  member_add: changeMember,
  member_remove: changeMember,
};

const withFields = (user: TargetUser, entry: JournalEntry): TargetUser => ({
  ...user,
  fields: { ...user.fields, ...wanted(entry) },
});

const wanted = ({ step }: JournalEntry) => Object.fromEntries(step.fields.map(({ name, to }) => [name, to]));

function userIdOf({ connectionId, known }: Layers, { userId, step: { person } }: JournalEntry): string | null {
  if (userId === null && person === null) return null;
  const id = userId ?? provisionalIdOf(connectionId, person!);
  return known.get(id) ?? id;
}

function change(on: Layers, entry: JournalEntry, to: (user: TargetUser) => TargetUser): void {
  const user = on.users.get(userIdOf(on, entry) ?? '');
  if (user !== undefined) on.users.set(user.id, to(user));
}

function create(on: Layers, entry: JournalEntry): void {
  const person = entry.step.person!;
  const id = userIdOf(on, entry)!;
  const email = person.email?.toLowerCase() ?? null;
  if (on.users.has(id) || (email !== null && on.emails.has(email))) return;
  if (email !== null) on.emails.add(email);
  on.users.set(id, {
    ...{ id, status: 'active', aliases: [], provisioningManaged: true, provisioningGuid: externalIdOf(person) },
    fields: { email: person.email, ...wanted(entry) },
    ...{ groupIds: [], archivedAt: null, lastSignIn: null },
  });
}

function createGroup(on: Layers, entry: JournalEntry): void {
  const { name, groupId } = entry.step.group!;
  if (groupId !== null || on.groupIds.has(name.toLowerCase())) return;
  const id = provisionalGroupId(on.connectionId, { name });
  on.groupIds.set(name.toLowerCase(), id);
  const none = { provisioningGuid: null, memberIds: new Set<string>() };
  on.groups.set(id, { id, name, type: 'provisioning_managed_group', status: 'active', ...none });
}

function renameGroup(on: Layers, { step }: JournalEntry): void {
  const group = on.groups.get(step.group?.groupId ?? '');
  if (group === undefined) return;
  on.groups.set(group.id, { ...group, name: step.group!.name });
  on.groupIds.set(step.group!.name.toLowerCase(), group.id);
}

function changeMember(on: Layers, entry: JournalEntry): void {
  const { name, groupId } = entry.step.group!;
  const user = on.users.get(userIdOf(on, entry) ?? '');
  const group = on.groups.get(groupId ?? on.groupIds.get(name.toLowerCase()) ?? '');
  if (user === undefined || group === undefined) return;
  const memberIds = ownMembers(on, group);
  const groupIds = user.groupIds.filter((id) => id !== group.id);
  if (entry.step.action === 'member_add') {
    memberIds.add(user.id);
    groupIds.push(group.id);
  } else memberIds.delete(user.id);
  on.users.set(user.id, { ...user, groupIds });
}

/** Copied once, however many members change. */
function ownMembers(on: Layers, group: TargetGroup): Set<string> {
  if (on.own.has(group.memberIds)) return group.memberIds as Set<string>;
  const memberIds = new Set(group.memberIds);
  on.own.add(memberIds);
  on.groups.set(group.id, { ...group, memberIds });
  return memberIds;
}
