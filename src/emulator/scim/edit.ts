import { ScimError } from '../../scim/errors.ts';
import { isObject, type Json, type ScimResource } from '../../scim/json.ts';
import type { Shelf, Stored } from './shelf.ts';
import { bringUpScim, newId, unlink } from './state.ts';
import type { Synced } from './sync-run.ts';
import { askForSync, catchUp } from './windows.ts';

export type Kind = 'users' | 'groups';

/** @throws ScimError 409 `uniqueness` */
export function add(synced: Synced, kind: Kind, resource: ScimResource, now: number): Stored {
  const { scim, switches, world } = synced;
  const shelf = scim[kind];
  const external = typeof resource.externalId === 'string' && resource.externalId !== '' ? resource.externalId : null;
  const wanted = switches.scimIdIsExternalId ? external : null;
  if (wanted !== null && shelf.get(wanted)) throw taken('externalId');
  refuseTaken(shelf, kind, resource, null);
  const given = kind === 'users' && resource.active === undefined ? { ...resource, active: true } : resource;
  const id = wanted ?? newId(world, scim);
  const stored: Stored = { id, resource: given, created: now, modified: now, version: 1, settled: false };
  shelf.add(stored);
  written(synced, now);
  return stored;
}

/** @throws ScimError 409 `uniqueness` */
export function edit(synced: Synced, kind: Kind, stored: Stored, resource: ScimResource, now: number): void {
  refuseTaken(synced.scim[kind], kind, resource, stored);
  synced.scim[kind].write(stored, resource, now);
  stored.settled = false;
  written(synced, now);
}

/** Its account or group is archived at the next sync; a user leaves its groups at once. */
export function remove(synced: Synced, kind: Kind, stored: Stored, now: number): void {
  const gone = drop(synced, kind, stored);
  if (gone !== undefined) synced.scim.dropped[kind].add(gone);
  if (kind === 'users') leaveGroups(synced, stored.id, now);
  written(synced, now);
}

/** @returns the place of the person or the id of the group that it was */
function drop({ scim }: Synced, kind: Kind, { id }: Stored): number | undefined {
  const stored = scim[kind].get(id);
  if (stored) scim[kind].remove(stored);
  const was = kind === 'users' ? scim.personOf.get(id) : scim.groupOf.get(id);
  if (kind === 'users') unlink(scim, id);
  else if (was !== undefined) {
    scim.groupOf.delete(id);
    scim.groupIdOf.delete(was);
  }
  return was;
}

function leaveGroups({ scim }: Synced, id: string, now: number): void {
  for (const group of scim.groups.all()) {
    const { members } = group.resource;
    if (!Array.isArray(members)) continue;
    const left = (members as readonly Json[]).filter((member) => !(isObject(member) && member.value === id));
    if (left.length === members.length) continue;
    scim.groups.write(group, withMembers(group, left), now);
    group.settled = false;
  }
}

function withMembers({ resource: { members: _, ...rest } }: Stored, members: readonly Json[]): ScimResource {
  return members.length === 0 ? rest : { ...rest, members };
}

/** Empties the store as the console can. What that does to accounts and groups is for the authority. */
export function purge(synced: Synced, what: 'ALL' | 'USERS' | 'GROUPS', now: number): void {
  const { scim, world } = synced;
  bringUpScim(scim, world);
  if (what !== 'GROUPS') for (const stored of scim.users.all()) drop(synced, 'users', stored);
  if (what !== 'USERS') for (const stored of scim.groups.all()) drop(synced, 'groups', stored);
  else for (const group of scim.groups.all()) scim.groups.write(group, withMembers(group, []), now);
  for (const group of scim.groups.all()) group.settled = false;
  written(synced, now);
}

/** With no delay it is applied before the answer. */
function written(synced: Synced, now: number): void {
  askForSync(synced.scim, synced.switches, now);
  catchUp(synced, now);
}

/** Names are told apart without their letter case. */
function refuseTaken(shelf: Shelf, kind: Kind, resource: ScimResource, self: Stored | null): void {
  const key = kind === 'users' ? 'userName' : 'displayName';
  const holder = shelf.named(String(resource[key] ?? ''));
  if (holder && holder !== self) throw taken(key);
}

const taken = (name: string): ScimError => new ScimError(409, `${name} is already in use`, 'uniqueness');
