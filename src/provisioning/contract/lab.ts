import type { FieldValues } from '../../model/managed-field.ts';
import { assumedBy } from '../digest.ts';
import { type Action, actions, type Plan, type Step } from '../plan.ts';
import type { ProvisioningStore } from '../ports.ts';
import type { ScimObject } from '../state.ts';
import type { Target, TargetGroup, TargetUser } from '../target.ts';
import { indexTarget } from '../target-index.ts';
import { anApproval, aPerson, aPlan, aScimObject, aState, aStep, at, con } from './builders.ts';
import type { MemoryRoad } from './memory-road.ts';

/* A small account whose SCIM store is whole, and plans for it. People are called by one word, which is also their id. */

export const emailOf = (name: string): string => `${name}@example.com`;
export const anAccount = (name: string, changes: Partial<TargetUser> = {}): TargetUser => ({
  ...{ id: name, status: 'active', aliases: [], provisioningManaged: true, provisioningGuid: `hr:${name}` },
  fields: { email: emailOf(name), first_name: name, job_title: 'Clerk' },
  ...{ groupIds: [], archivedAt: null, lastSignIn: null },
  ...changes,
});
export const aGroup = (name: string, members: readonly string[] = []): TargetGroup => ({
  ...{ id: `g-${name}`, name, type: 'provisioning_managed_group', status: 'active', provisioningGuid: null },
  memberIds: new Set(members),
});
export const aTarget = (users: readonly TargetUser[], groups: readonly TargetGroup[] = []): Target => ({
  ...{ connectionId: con, asOf: at(0), groups, campaigns: [] },
  users: users.map((user) => ({
    ...user,
    groupIds: groups.filter(({ memberIds }) => memberIds.has(user.id)).map(({ id }) => id),
  })),
  account: { name: null, domains: ['example.com'], seats: null, admins: [] },
});

export const personOf = (name: string, isNew = false) =>
  aPerson({
    ...{ source: { source: 'hr', sourceId: name }, key: `hr:${name}`, userId: isNew ? null : name },
    ...{ name, email: emailOf(name) },
  });

type Wish = Partial<Step> & { readonly action: Action; readonly who?: string; readonly into?: string };

/** A plan of steps that assume the target as it is; they stand in the order of actions and are numbered so. */
export function planFor(target: Target, wishes: readonly Wish[], changes: Partial<Plan> = {}): Plan {
  const index = indexTarget(target);
  const isNew = (name: string) => !index.users.has(name);
  const ordered = wishes.toSorted((one, other) => actions.indexOf(one.action) - actions.indexOf(other.action));
  const steps = ordered.map(({ who, into, ...wish }, place) => {
    const there = target.groups.find(({ name }) => name === into);
    const bare = {
      ...{ id: `st_${place + 1}`, fields: [], person: who === undefined ? null : personOf(who, isNew(who)) },
      group: into === undefined ? null : { name: into, groupId: there?.id ?? null },
      ...wish,
    };
    const step = aStep(bare);
    return aStep({ ...bare, assumes: assumedBy(step, index) });
  });
  return aPlan({ state: 'approved', steps, ...changes });
}

export const set = (name: keyof FieldValues, from: string | null, to: string | null) => [{ name, from, to }];

/** The same people and groups behind the road, all adopted. @returns the ledger */
export async function fillRoad(road: MemoryRoad, target: Target): Promise<readonly ScimObject[]> {
  const ids = new Map<string, string>();
  const objects: ScimObject[] = [];
  for (const { id, fields, status, provisioningGuid } of target.users) {
    const user = { externalId: provisioningGuid, active: status === 'active', fields, managerId: null };
    const { resource } = await road.createUser(user);
    ids.set(id, resource.id);
    const about = { scimId: resource.id, targetId: id, externalId: provisioningGuid, name: fields.email ?? '' };
    objects.push(aScimObject({ ...about, known: fields, active: user.active }));
  }
  for (const { id, name, memberIds } of target.groups) {
    const { resource } = await road.createGroup({ name, externalId: null });
    const members = [...memberIds].map((member) => ids.get(member)!);
    await road.changeMembers(resource.id, { add: members, remove: [] });
    const about = { kind: 'group', scimId: resource.id, targetId: id, externalId: null, name } as const;
    objects.push(aScimObject({ ...about, known: { memberIds: members } }));
  }
  road.writes.length = 0;
  return objects;
}

/**
 * The account once KnowBe4 has applied what is behind the road.
 * @param objects the ledger of `fillRoad`; whoever was made since has the id `kb-` and theirs behind the road
 */
export function mirrorOf(road: MemoryRoad, before: Target, objects: readonly ScimObject[]): Target {
  const idOf = new Map(objects.map(({ scimId, targetId }) => [scimId, targetId!]));
  const there = (id: string) => idOf.get(id) ?? `kb-${id}`;
  const users = [...road.users.values()].map(({ id, externalId, active, fields, managerId }): TargetUser => {
    const manager = managerId === null ? {} : { manager_email: road.users.get(managerId)!.fields.email! };
    return anAccount(there(id), {
      ...{ status: active ? 'active' : 'archived', provisioningGuid: externalId, fields: { ...fields, ...manager } },
    });
  });
  const groups = [...road.groups].map(([id, { name, members }]) => ({
    ...aGroup(name, [...members].map(there)),
    id: there(id),
  }));
  return { ...aTarget(users, groups), account: before.account };
}

/** A connection that may be written, its ledger, and an approved plan. */
export async function readyStore(
  store: ProvisioningStore,
  plan: Plan,
  objects: readonly ScimObject[],
  state = aState(),
): Promise<void> {
  await store.saveProvisioning(state, null);
  await store.saveScimObjects(con, { save: objects, drop: [] });
  await keepApproved(store, plan);
}

export async function keepApproved(store: ProvisioningStore, plan: Plan): Promise<void> {
  await store.createPlan({ ...plan, state: 'waiting' }, { supersedes: [], at: at(1) });
  const expects = { states: ['waiting'], approvals: 0, to: 'approved', end: null } as const;
  const operators = [
    { id: 'op_1', name: 'priya' },
    { id: 'op_2', name: 'sam' },
  ];
  for (const [approvals, operator] of operators.entries()) {
    const approval = anApproval(plan, { id: `apr_${plan.id}_${approvals}`, operator });
    await store.addApproval(approval, { ...expects, states: ['waiting', 'approved'], approvals });
  }
}
