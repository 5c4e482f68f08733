import { instant } from '../time.ts';
import { addGroup, groupById, joinGroups } from '../world/groups.ts';
import { applyChange, type HandMade } from '../world/mutate.ts';
import { type GroupState, isActive, note, type Person } from '../world/state.ts';
import { memberIdsOf } from './fields.ts';
import type { ReportRow } from './report.ts';
import type { Stored } from './shelf.ts';
import { endRules } from './state.ts';
import type { SyncRun } from './sync-run.ts';

/** Brings groups and their members up to the store, after the users. Smart groups, and the members of console groups, stay as they are. */
export function syncGroups(run: SyncRun): void {
  const held = new Set<number>();
  for (const stored of run.scim.groups.all()) {
    const linked = run.scim.groupOf.get(stored.id);
    if (linked !== undefined && isSettled(run, stored)) {
      held.add(linked);
      continue;
    }
    const state = groupFor(run, stored);
    if (state) held.add(state.group.id);
    syncMembers(run, stored, state);
  }
  archiveOthers(run, held);
  if (!run.dry) for (const person of run.touched) joinGroups(run.world, person, run.at);
}

/** Nothing has moved since it and its group were the same, and its members have the accounts they had then. */
function isSettled({ fresh }: SyncRun, stored: Stored): boolean {
  return stored.settled && (fresh.size === 0 || !memberIdsOf(stored.resource).some((id) => fresh.has(id)));
}

/** @returns null for one that Test Mode does not make */
function groupFor(run: SyncRun, stored: Stored): GroupState | null {
  const { scim, world } = run;
  const name = scim.groups.nameOf(stored);
  const linked = groupById(world, scim.groupOf.get(stored.id) ?? -1);
  const state = linked ?? claimable(run, name);
  if (!state) return createGroup(run, stored, name);
  if (!linked) claim(run, stored, state);
  else if (linked.rule && !run.dry) endRules(world, linked.group.id);
  if (state.group.status === 'archived') {
    tell(run, 'UNARCHIVED', name);
    apply(run, { kind: 'restore-group', group: state.group.id });
  }
  if (state.group.name !== name) {
    tell(run, 'CHANGED', name, { message: `Renamed from ${state.group.name}` });
    apply(run, { kind: 'rename-group', group: state.group.id, name });
  }
  return state;
}

/** A group of that name that no other of the store is: one of an earlier provisioning, or where it may be one of the console. */
function claimable({ world, scim, switches }: SyncRun, name: string): GroupState | undefined {
  const open = world.groups.filter(
    ({ group, isDeleted }) =>
      !isDeleted && !scim.groupIdOf.has(group.id) && group.name.toLowerCase() === name.toLowerCase(),
  );
  const managed = open.find(({ group }) => group.group_type === 'provisioning_managed_group');
  if (managed || !switches.scimClaimGroups) return managed;
  return open.find(({ group }) => group.group_type === 'console_group');
}

function claim(run: SyncRun, stored: Stored, state: GroupState): void {
  const { group } = state;
  tell(run, 'CLAIMED', group.name);
  if (run.dry) return;
  endRules(run.world, group.id);
  own(run, stored, group.id);
  const changed: Record<string, readonly [unknown, unknown]> = {};
  const wanted = { group_type: 'provisioning_managed_group' as const, provisioning_guid: guidOf(run, stored) };
  for (const [field, value] of Object.entries(wanted)) {
    const before = group[field as keyof typeof wanted];
    if (before !== value) changed[field] = [before, value];
  }
  Object.assign(group, wanted);
  if (Object.keys(changed).length === 0) return;
  note(run.world, { at: instant(run.at), stream: 'groups', id: String(group.id), kind: 'changed', changed });
}

function createGroup(run: SyncRun, stored: Stored, name: string): GroupState | null {
  tell(run, 'CREATED', name);
  if (run.dry) return null;
  const id = addGroup(run.world, { name, type: 'provisioning_managed_group', rule: null, status: 'active' });
  const state = groupById(run.world, id)!;
  Object.assign(state.group, { provisioning_guid: guidOf(run, stored) });
  own(run, stored, id);
  note(run.world, { at: instant(run.at), stream: 'groups', id: String(id), kind: 'created' });
  return state;
}

function own({ scim }: SyncRun, { id }: Stored, groupId: number): void {
  scim.groupOf.set(id, groupId);
  scim.groupIdOf.set(groupId, id);
}

function guidOf({ switches }: SyncRun, { id, resource }: Stored): string | null {
  if (switches.scimProvisioningGuid === 'id') return id;
  return typeof resource.externalId === 'string' ? resource.externalId : null;
}

/** People, and nobody through another group: nested groups are not known. */
function syncMembers(run: SyncRun, stored: Stored, state: GroupState | null): void {
  const group = run.scim.groups.nameOf(stored);
  const wanted = wantedMembers(run, stored, group);
  if (!state) {
    for (const [email] of wanted) tellMember(run, 'CREATED', email, group);
    return;
  }
  const { id } = state.group;
  const places = new Set(wanted.map(([, index]) => index));
  for (const person of run.world.people) {
    if (person.hidden || !isIn(person, id) || places.has(person.index)) continue;
    tellMember(run, 'DELETED', person.user.email, group);
    if (!run.dry) leave(run, person, id);
  }
  for (const [email, index] of wanted) {
    const person = index === 'new' ? undefined : run.world.people[index]!;
    if (person && isIn(person, id)) continue;
    tellMember(run, 'CREATED', email, group);
    if (person && !run.dry) enter(run, person, id);
  }
}

type Wanted = readonly (readonly [email: string, place: number | 'new'])[];

function wantedMembers(run: SyncRun, stored: Stored, group: string): Wanted {
  return [...new Set(memberIdsOf(stored.resource))].flatMap((id): Wanted => {
    const user = run.scim.users.get(id);
    const account = run.accounts.get(id);
    if (!user) {
      run.rows.push({ type: 'MEMBERSHIP', action: 'CREATED', group, guid: id, error: 'The member is no user' });
      return [];
    }
    return account === undefined ? [] : [[run.scim.users.nameOf(user), account]];
  });
}

/** Who is archived is in the groups it will be in when it comes back. */
const isIn = (person: Person, id: number): boolean =>
  person.manual.includes(id) || (isActive(person) && person.user.groups.includes(id));

function enter({ touched }: SyncRun, person: Person, id: number): void {
  person.manual = [...person.manual, id];
  touched.add(person);
}

function leave({ touched }: SyncRun, person: Person, id: number): void {
  person.manual = person.manual.filter((one) => one !== id);
  touched.add(person);
}

/** What was deleted from the store, and with the authority on every other group of provisioning. */
function archiveOthers(run: SyncRun, held: ReadonlySet<number>): void {
  const { scim, switches, world } = run;
  for (const { group, isDeleted } of world.groups) {
    if (isDeleted || group.status === 'archived' || held.has(group.id)) continue;
    const isOurs = group.group_type === 'provisioning_managed_group' && switches.scimAuthoritativeArchive;
    if (!isOurs && !scim.dropped.groups.has(group.id)) continue;
    tell(run, 'ARCHIVED', group.name);
    if (!run.dry) endRules(world, group.id);
    apply(run, { kind: 'archive-group', group: group.id });
  }
}

function apply(run: SyncRun, change: HandMade): void {
  if (!run.dry) applyChange(run.world, change, run.at);
}

function tell(run: SyncRun, action: ReportRow['action'], group: string, more: Partial<ReportRow> = {}): void {
  run.rows.push({ type: 'GROUP', action, group, ...more });
}

function tellMember(run: SyncRun, action: ReportRow['action'], email: string, group: string): void {
  run.rows.push({ type: 'MEMBERSHIP', action, email, group });
}
