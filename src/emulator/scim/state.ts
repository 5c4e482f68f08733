import type { ScimResource } from '../../scim/json.ts';
import { schemaUrns } from '../../scim/urns.ts';
import { hash, uuid } from '../random.ts';
import { groupById } from '../world/groups.ts';
import { findPerson } from '../world/mutate.ts';
import type { Change } from '../world/records.ts';
import type { Person, World } from '../world/state.ts';
import { resourceOf } from './fields.ts';
import type { SyncReport } from './report.ts';
import { Shelf, type Stored } from './shelf.ts';

const SCIM = 21;

/** Who provisions an account when it begins: another program, with SCIM, or nobody since the old way was given up. */
export type Provisioner = 'other' | 'none';

/** What an account holds for SCIM: the store that is written to, and what became of it so far. */
export type ScimState = {
  readonly users: Shelf;
  readonly groups: Shelf;
  /** Whose account a user of the store is: places of people by id, and the other way round. */
  readonly personOf: Map<string, number>;
  readonly idOf: Map<number, string>;
  /** The same for groups, by the ids of both. */
  readonly groupOf: Map<string, number>;
  readonly groupIdOf: Map<number, string>;
  /** Places of people whom somebody has marked as not managed by SCIM. */
  readonly exempt: Set<number>;
  /** People and groups whose entry was deleted since the last sync. */
  readonly dropped: Readonly<Record<'users' | 'groups', Set<number>>>;
  testMode: boolean;
  /** Whether another program writes what happens to people; until when it did. */
  other: boolean;
  otherUntil: number;
  /** Filled with what the other program wrote, once somebody looks. */
  filled: boolean;
  /** How many changes of the world were looked at. */
  seen: number;
  made: number;
  /** Something was written that no sync has applied. */
  waiting: boolean;
  /** When the last sync ran. ms */
  last: number;
  /** The oldest first. */
  readonly reports: SyncReport[];
};

export function createScim(world: World, provisioner: Provisioner): ScimState {
  const other = provisioner === 'other';
  if (!other) endRules(world);
  world.moves = other;
  return {
    users: new Shelf('userName'),
    groups: new Shelf('displayName'),
    personOf: new Map(),
    idOf: new Map(),
    groupOf: new Map(),
    groupIdOf: new Map(),
    exempt: new Set(),
    dropped: { users: new Set(), groups: new Set() },
    testMode: !other,
    other,
    otherUntil: other ? Number.POSITIVE_INFINITY : world.begin,
    filled: !other,
    seen: 0,
    made: 0,
    waiting: false,
    last: Number.NEGATIVE_INFINITY,
    reports: [],
  };
}

/** Nobody keeps groups of provisioning up to the departments any more: their members stay who they are. */
export function endRules(world: World, only?: number): void {
  for (const state of world.groups) {
    const { id, group_type } = state.group;
    if (!state.rule || group_type !== 'provisioning_managed_group' || (only !== undefined && only !== id)) continue;
    state.rule = null;
    for (const person of world.people) {
      if (person.user.groups.includes(id) && !person.manual.includes(id)) person.manual.push(id);
    }
  }
}

export const newId = (world: World, scim: ScimState): string => {
  scim.made += 1;
  return uuid(hash(world.seed, SCIM, scim.made));
};

/** Brings the store up to what the other program wrote until now. Call it before anything is read or written. */
export function bringUpScim(scim: ScimState, world: World): void {
  if (!scim.filled) fill(scim, world);
  if (scim.seen === world.changes.length) return;
  const changes = world.changes.slice(scim.seen);
  scim.seen = world.changes.length;
  if (scim.other) follow(scim, world, changes);
  else for (const change of changes) unsettle(scim, world, change);
}

function fill(scim: ScimState, world: World): void {
  scim.filled = true;
  scim.seen = world.changes.length;
  const held = new Set(
    world.people.filter((one) => isManaged(one) && one.user.status === 'active').map((one) => addressOf(one)),
  );
  for (const person of world.people) {
    if (person.hidden) continue;
    if (!isManaged(person)) scim.exempt.add(person.index);
    else if (person.user.status === 'active' || !held.has(addressOf(person))) addUser(scim, world, person);
  }
  addManagers(scim, world);
  for (const { group, isDeleted } of world.groups) {
    if (!isDeleted && group.group_type === 'provisioning_managed_group') addGroup(scim, world, group.id);
  }
}

const isManaged = ({ hidden, user }: Person): boolean => !hidden && user.provisioning_guid !== null;
const addressOf = ({ user }: Person): string => user.email.toLowerCase();

function addUser(scim: ScimState, world: World, person: Person): void {
  const guid = person.user.provisioning_guid ?? newId(world, scim);
  const id = uuid(hash(world.seed, SCIM, person.index, 1));
  const resource = resourceOf(person.user, guid, null);
  const stored = { id, resource, created: person.joined, modified: person.joined, version: 1, settled: true };
  scim.users.add(stored);
  link(scim, id, person.index);
}

/** References can only be written once everybody has an id. */
function addManagers(scim: ScimState, world: World): void {
  for (const [index, id] of scim.idOf) {
    const stored = scim.users.get(id)!;
    const manager = scim.users.named(world.people[index]!.user.manager_email ?? '');
    if (manager) stored.resource = resourceFor(scim, world.people[index]!, stored);
  }
}

function resourceFor(scim: ScimState, { user }: Person, { resource }: Stored): ScimResource {
  const manager = scim.users.named(user.manager_email ?? '');
  return resourceOf(user, String(resource.externalId), manager?.id ?? null);
}

function addGroup(scim: ScimState, world: World, groupId: number): void {
  const { group } = groupById(world, groupId)!;
  const id = uuid(hash(world.seed, SCIM, groupId, 2));
  const resource = groupResource(scim, world, groupId, group.name, group.provisioning_guid);
  const at = world.founded;
  scim.groups.add({ id, resource, created: at, modified: at, version: 1, settled: true });
  scim.groupOf.set(id, groupId);
  scim.groupIdOf.set(groupId, id);
}

function groupResource(scim: ScimState, world: World, groupId: number, name: string, guid: string | null) {
  const members = world.people.flatMap(({ index, user, hidden }) => {
    const id = scim.idOf.get(index);
    return id === undefined || hidden || !user.groups.includes(groupId) ? [] : [{ value: id }];
  });
  return { schemas: [schemaUrns.group], ...(guid !== null && { externalId: guid }), displayName: name, members };
}

export function link(scim: ScimState, id: string, index: number): void {
  scim.personOf.set(id, index);
  scim.idOf.set(index, id);
}

export function unlink(scim: ScimState, id: string): void {
  const index = scim.personOf.get(id);
  if (index !== undefined) scim.idOf.delete(index);
  scim.personOf.delete(id);
}

/** The other program writes what happened to its people. */
function follow(scim: ScimState, world: World, changes: readonly Change[]): void {
  const touched = new Set<number>();
  const groups = new Set<number>();
  for (const change of changes) {
    const { stream, id, group_id } = change;
    if (isOfNoConcern(change)) continue;
    if (stream === 'users') {
      if (group_id === undefined) touched.add(Number(id));
      else groups.add(group_id);
    } else if (stream === 'groups') groups.add(Number(id));
  }
  for (const id of touched) followPerson(scim, world, id);
  for (const id of groups) followGroup(scim, world, id);
}

function followPerson(scim: ScimState, world: World, userId: number): void {
  const person = findPerson(world, userId);
  if (!person) {
    forgetHidden(scim, world);
    return;
  }
  const stored = scim.users.get(scim.idOf.get(person.index) ?? '');
  if (stored) scim.users.write(stored, resourceFor(scim, person, stored), world.live);
  else if (!isManaged(person)) scim.exempt.add(person.index);
  else if (!scim.users.named(person.user.email)) {
    addUser(scim, world, person);
    const added = scim.users.get(scim.idOf.get(person.index)!)!;
    added.resource = resourceFor(scim, person, added);
  }
}

/** Who was deleted has no entry any more. */
function forgetHidden(scim: ScimState, world: World): void {
  for (const [index, id] of scim.idOf) {
    const stored = scim.users.get(id);
    if (!world.people[index]!.hidden) continue;
    if (stored) scim.users.remove(stored);
    unlink(scim, id);
  }
}

function followGroup(scim: ScimState, world: World, groupId: number): void {
  const stored = scim.groups.get(scim.groupIdOf.get(groupId) ?? '');
  const state = groupById(world, groupId);
  if (!stored?.settled) return;
  if (state) {
    const { name, provisioning_guid } = state.group;
    scim.groups.write(stored, groupResource(scim, world, groupId, name, provisioning_guid), world.live);
    return;
  }
  scim.groups.remove(stored);
  scim.groupOf.delete(stored.id);
  scim.groupIdOf.delete(groupId);
}

/** What somebody changes at the console is looked at, and overwritten, by the next sync. */
function unsettle(scim: ScimState, world: World, change: Change): void {
  const { stream, id, group_id } = change;
  if ((stream !== 'users' && stream !== 'groups') || isOfNoConcern(change)) return;
  const group = stream === 'groups' ? Number(id) : group_id;
  const person = group === undefined ? findPerson(world, Number(id)) : undefined;
  const stored =
    group === undefined
      ? person && scim.users.get(scim.idOf.get(person.index) ?? '')
      : scim.groups.get(scim.groupIdOf.get(group) ?? '');
  if (stored) stored.settled = false;
}

/** Scores and sign-ins are nothing that SCIM knows. */
const isOfNoConcern = ({ kind, changed = {} }: Change): boolean =>
  kind === 'score' || (kind === 'changed' && Object.keys(changed).every((field) => field === 'last_sign_in'));

/** The other program is switched off, or on again. Off: nobody comes and goes by itself any more, and the store stays as it is. */
export function setOther(scim: ScimState, world: World, on: boolean, now: number): void {
  bringUpScim(scim, world);
  if (!on && scim.other) {
    endRules(world);
    scim.otherUntil = now;
  }
  if (on) scim.otherUntil = Number.POSITIVE_INFINITY;
  scim.other = on;
  world.moves = on;
}
