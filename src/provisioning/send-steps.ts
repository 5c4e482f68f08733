import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { FieldValues } from '../model/managed-field.ts';
import type { Step, StepGroup, StepPerson } from './plan.ts';
import type { ProvisionalId } from './ports.ts';
import { externalIdOf, provisionalGroupId, provisionalIdOf } from './provisional-id.ts';
import type { Accepted, Road, RoadGroup, RoadUser } from './road.ts';
import { type ScimLedger, toUserObject } from './scim-ledger.ts';
import type { ScimObject } from './state.ts';
import type { TargetIndex } from './target-index.ts';

export type SendDeps = {
  readonly connectionId: string;
  readonly road: Road;
  readonly ledger: ScimLedger;
  readonly index: TargetIndex;
  /** ISO. */
  readonly at: () => string;
};

/** What the store took. */
export type Sent = {
  readonly scimId: string;
  readonly object: ScimObject;
  readonly provisionalId: ProvisionalId | null;
  /** What the store shows otherwise than it was sent, in words; null: nothing. */
  readonly otherwise: string | null;
};

/**
 * Sends one step that is not about members. All of them can be sent again when nobody knows what became of them: creating asks before, the others
 * say how it is to be.
 * @throws ForeknowError as the road does; `remote_not_found` when somebody is not in the store
 */
export async function sendStep(deps: SendDeps, step: Step): Promise<Sent> {
  const { road } = deps;
  switch (step.action) {
    case 'claim':
      return createUser(deps, step, 'adopted');
    case 'create':
      return createUser(deps, step, 'created');
    case 'restore':
      return restore(deps, personOf(step));
    case 'update': {
      const { scimId, targetId, origin } = await required(deps, personOf(step));
      const accepted = await road.updateUser(scimId, { fields: fieldsTo(step) });
      return sentUser(deps, accepted.resource, { targetId, origin }, accepted.notTaken);
    }
    case 'manager': {
      const { scimId, targetId, origin } = await required(deps, personOf(step));
      const accepted = await road.updateUser(scimId, { fields: {}, managerId: await managerOf(deps, step) });
      return sentUser(deps, accepted.resource, { targetId, origin }, accepted.notTaken);
    }
    case 'archive': {
      const { scimId, targetId, origin } = await required(deps, personOf(step));
      const accepted = await road.setActive(scimId, false);
      return sentUser(deps, accepted.resource, { targetId, origin }, accepted.notTaken);
    }
    case 'group_create':
      return createGroup(deps, step);
    case 'group_rename': {
      const group = groupOf(step);
      const known = deps.ledger.group({ ...group, name: group.was ?? group.name });
      if (known === null) throw noGroup(group);
      await road.renameGroup(known.scimId, group.name);
      return sentGroup(deps, { ...known, name: group.name.toLowerCase(), updatedAt: deps.at() });
    }
    case 'member_add':
    case 'member_remove':
      throw new TypeError(`${step.action} is sent by group`);
  }
}

/** The store's id of the member of a step. @throws ForeknowError `remote_not_found`, `conflict` */
export const memberIdOf = async (deps: SendDeps, step: Step): Promise<string> =>
  (await required(deps, personOf(step))).scimId;

/** The store's group of a step about a member. @throws ForeknowError `remote_not_found` */
export function groupObjectOf({ ledger }: SendDeps, step: Step): ScimObject {
  const group = groupOf(step);
  const known = ledger.group(group);
  if (known === null) throw noGroup(group);
  return known;
}

async function createUser(deps: SendDeps, step: Step, origin: ScimObject['origin']): Promise<Sent> {
  const person = personOf(step);
  const { connectionId, road, at } = deps;
  const fields = { email: person.email, ...fieldsTo(step) };
  // Who is taken over keeps the GUID that KnowBe4 has for them.
  const guid = deps.index.users.get(person.userId ?? '')?.provisioningGuid ?? null;
  const externalId = guid ?? externalIdOf(person);
  const accepted = await road
    .createUser({ externalId, active: true, fields, managerId: null })
    .catch((error) => takeOver(deps, person, fields, error));
  const about = { targetId: person.userId, origin };
  const sent = sentUser(deps, accepted.resource, about, accepted.notTaken);
  if (person.userId !== null) return sent;
  const provisionalId = provisionalIdOf(connectionId, person);
  return { ...sent, provisionalId: { connectionId, provisionalId, scimId: sent.scimId, userId: null, at: at() } };
}

/** An account whose address the store has under another key, of another program before us: KnowBe4 takes accounts over by their address, and so do we. */
async function takeOver(
  { road, index }: SendDeps,
  { userId, email }: StepPerson,
  fields: FieldValues,
  error: unknown,
): Promise<Accepted<RoadUser>> {
  if (!isForeknowError(error) || error.code !== 'conflict' || userId === null || email === null) throw error;
  const [found, ...others] = await road.findUsers({ userName: email });
  const owners = found?.externalId == null ? [] : index.usersByGuid(found.externalId);
  if (found === undefined || others.length > 0 || owners.some(({ id }) => id !== userId)) throw error;
  const accepted = await road.updateUser(found.id, { fields });
  if (accepted.resource.active) return accepted;
  return { ...(await road.setActive(found.id, true)), notTaken: accepted.notTaken ?? [] };
}

/** Somebody whom the store does not know any more is sent anew, as KnowBe4 has them. */
async function restore(deps: SendDeps, person: StepPerson): Promise<Sent> {
  const { road, ledger, index } = deps;
  const known = await ledger.user(person);
  const about = { targetId: person.userId, origin: known?.origin ?? ('adopted' as const) };
  if (known !== null) {
    const accepted = await road.setActive(known.scimId, true);
    return sentUser(deps, accepted.resource, about, accepted.notTaken);
  }
  const there = index.users.get(person.userId ?? '')?.fields ?? {};
  const carried = Object.entries(there).filter(([name]) => road.carries.has(name as never));
  const fields = { email: person.email, ...Object.fromEntries(carried) };
  // Their manager is known by the store's own id: who is not in it cannot be named.
  const manager = there.manager_email == null ? null : await ledger.byEmail(there.manager_email);
  const user = { externalId: externalIdOf(person), active: true, fields, managerId: manager?.scimId ?? null };
  const accepted = await road.createUser(user);
  return sentUser(deps, accepted.resource, about, accepted.notTaken);
}

async function createGroup(deps: SendDeps, step: Step): Promise<Sent> {
  const { connectionId, road, ledger, at } = deps;
  const group = groupOf(step);
  // When the rule calls its group otherwise some day, the group is renamed, not made anew.
  const rule = step.because.find((cause) => cause.startsWith('groups.'))?.slice('groups.'.length);
  const known = ledger.group(group);
  if (known !== null) return sentGroup(deps, { ...known, targetId: group.groupId ?? known.targetId });
  const externalId = provisionalGroupId(connectionId, group);
  const { resource } = await road
    .createGroup({ name: group.name, externalId })
    .catch((error) => takeGroupOver(deps, group, error));
  return sentGroup(deps, {
    ...{ connectionId, kind: 'group', scimId: resource.id, targetId: group.groupId, externalId: resource.externalId },
    ...{ name: resource.name.toLowerCase(), origin: group.groupId === null ? 'created' : 'adopted' },
    ...{ known: { memberIds: resource.memberIds ?? [], ...(rule && { rule }) }, active: true, updatedAt: at() },
  });
}

/** The same for a group that is there. */
async function takeGroupOver(
  { road }: SendDeps,
  { name, groupId }: StepGroup,
  error: unknown,
): Promise<Pick<Accepted<RoadGroup>, 'resource'>> {
  if (!isForeknowError(error) || error.code !== 'conflict' || groupId === null) throw error;
  const [found, ...others] = await road.findGroups(name);
  if (found === undefined || others.length > 0) throw error;
  return { resource: found };
}

/** The manager as the store knows them. @throws ForeknowError `remote_not_found` when they are not in it */
async function managerOf({ ledger }: SendDeps, step: Step): Promise<string | null> {
  const email = step.fields.find(({ name }) => name === 'manager_email')?.to ?? null;
  if (email === null) return null;
  const manager = await ledger.byEmail(email);
  if (manager !== null) return manager.scimId;
  throw new ForeknowError('remote_not_found', {
    detail: `The manager ${email} is not in the SCIM store.`,
    hint: 'It is tried again with the next plan, when they are there.',
  });
}

async function required({ ledger }: SendDeps, person: StepPerson): Promise<ScimObject> {
  const known = await ledger.user(person);
  if (known !== null) return known;
  throw new ForeknowError('remote_not_found', {
    detail: `${person.name} is not in the SCIM store.`,
    hint: 'The next plan sends them there first.',
  });
}

function sentUser(
  { connectionId, ledger, at }: SendDeps,
  user: RoadUser,
  about: Pick<ScimObject, 'targetId' | 'origin'>,
  notTaken: readonly string[] = [],
): Sent {
  const object = toUserObject(connectionId, user, { ...about, at: at() });
  ledger.put(object);
  const otherwise = notTaken.length === 0 ? null : `The store did not take ${notTaken.join(', ')}.`;
  return { scimId: object.scimId, object, provisionalId: null, otherwise };
}

function sentGroup({ ledger }: SendDeps, object: ScimObject): Sent {
  ledger.put(object);
  return { scimId: object.scimId, object, provisionalId: null, otherwise: null };
}

const fieldsTo = ({ fields }: Step): FieldValues => Object.fromEntries(fields.map(({ name, to }) => [name, to]));

function personOf({ id, person }: Step): StepPerson {
  if (person === null) throw new TypeError(`step ${id} names no person`);
  return person;
}

function groupOf({ id, group }: Step): StepGroup {
  if (group === null) throw new TypeError(`step ${id} names no group`);
  return group;
}

const noGroup = ({ name }: StepGroup) =>
  new ForeknowError('remote_not_found', {
    detail: `The group ${name} is not in the SCIM store.`,
    hint: 'The next plan sends it there first.',
  });
