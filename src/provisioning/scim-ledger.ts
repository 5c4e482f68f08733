import { ForeknowError } from '../errors/errors.ts';
import type { Step, StepGroup, StepPerson } from './plan.ts';
import { externalIdOf } from './provisional-id.ts';
import type { Road, RoadUser } from './road.ts';
import { joinScim } from './scim-join.ts';
import type { ScimObject } from './state.ts';
import type { TargetIndex } from './target-index.ts';

/** What is known of the store behind the road, kept up while a plan is applied. */
export type ScimLedger = {
  /**
   * The object of a person; asks the store where it is not known.
   * @returns null when the store has none
   * @throws ForeknowError `conflict` when nobody can say which it is
   */
  user(person: StepPerson): Promise<ScimObject | null>;
  group(group: StepGroup): ScimObject | null;
  /** Whoever has the address, or is to have it by a step of this plan. */
  byEmail(email: string): Promise<ScimObject | null>;
  put(object: ScimObject): void;
  /** What a step would change, as far as it is known without asking. */
  knownOf(step: Pick<Step, 'action' | 'person' | 'group'>): ScimObject | null;
  /**
   * Looks again for an object whose id the store did not know, by its names; one that is not there, or has another id, is forgotten.
   * @returns whether it was forgotten
   */
  isGone(object: ScimObject): Promise<boolean>;
};

/** @param at when something is found in the store, ISO */
export function createLedger(
  objects: readonly ScimObject[],
  index: TargetIndex,
  road: Road,
  connectionId: string,
  at: () => string,
): ScimLedger {
  const { users, groups, conflicts } = joinScim(objects, index);
  const byTarget = new Map(users);
  const byGroupTarget = new Map(groups);
  const byExternalId = new Map<string, ScimObject>();
  const byName = new Map<string, ScimObject>();
  const put = (object: ScimObject): void => {
    if (object.kind === 'user' && object.externalId !== null) byExternalId.set(object.externalId, object);
    byName.set(nameKey(object.kind, object.name), object);
    const known = object.kind === 'user' ? byTarget : byGroupTarget;
    if (object.targetId !== null) known.set(object.targetId, object);
  };
  for (const object of objects) put(object);
  const forget = (object: ScimObject): void => {
    for (const known of [byTarget, byGroupTarget, byExternalId, byName]) {
      for (const [key, value] of known) if (value === object) known.delete(key);
    }
  };
  const keptOf = ({ userId, ...person }: StepPerson): ScimObject | null => {
    const externalId = externalIdOf({ userId, ...person });
    return (userId === null ? undefined : byTarget.get(userId)) ?? byExternalId.get(externalId ?? '') ?? null;
  };
  const groupOf = ({ groupId, name }: StepGroup): ScimObject | null =>
    (groupId === null ? undefined : byGroupTarget.get(groupId)) ?? byName.get(nameKey('group', name)) ?? null;

  const ask = async (found: readonly RoadUser[], targetId: string | null): Promise<ScimObject | null> => {
    if (found.length > 1) throw severalFound(found.length);
    const user = found[0];
    if (user === undefined) return null;
    const object = toUserObject(connectionId, user, { targetId, origin: 'adopted', at: at() });
    put(object);
    return object;
  };

  return {
    async user(person) {
      const { userId, email } = person;
      const why = userId === null ? undefined : conflicts.get(userId);
      if (why !== undefined) throw new ForeknowError('conflict', { detail: `${why}.`, hint: 'Decide the conflict.' });
      const externalId = externalIdOf(person);
      const kept = keptOf(person);
      if (kept !== null) return kept;
      const known = externalId === null ? null : await ask(await road.findUsers({ externalId }), userId);
      if (known !== null || email === null) return known;
      return ask(await road.findUsers({ userName: email }), userId);
    },
    group: groupOf,
    async byEmail(email) {
      const [holder, ...others] = index.usersByEmail(email).filter(({ status }) => status === 'active');
      const kept = holder !== undefined && others.length === 0 ? byTarget.get(holder.id) : undefined;
      return kept ?? byName.get(nameKey('user', email)) ?? ask(await road.findUsers({ userName: email }), null);
    },
    put,
    knownOf: ({ person, group }) =>
      group === null ? person && keptOf(person) : groupOf({ ...group, name: group.was ?? group.name }),
    async isGone(object) {
      const found = object.kind === 'group' ? await road.findGroups(object.name) : await usersLike(road, object);
      if (found.some(({ id }) => id === object.scimId)) return false;
      forget(object);
      return true;
    },
  };
}

const usersLike = async (road: Road, { externalId, name }: ScimObject): Promise<readonly RoadUser[]> => [
  ...(externalId === null ? [] : await road.findUsers({ externalId })),
  ...(await road.findUsers({ userName: name })),
];

const nameKey = (kind: ScimObject['kind'], name: string): string => `${kind} ${name.toLowerCase()}`;

const severalFound = (count: number) =>
  new ForeknowError('conflict', {
    detail: `The SCIM store has ${count} users with these keys.`,
    hint: 'Remove the one that is not theirs in KnowBe4’s console.',
  });

type About = { readonly targetId: string | null; readonly origin: ScimObject['origin']; readonly at: string };

export const toUserObject = (connectionId: string, user: RoadUser, { targetId, origin, at }: About): ScimObject => ({
  ...{ connectionId, kind: 'user', scimId: user.id, targetId, externalId: user.externalId },
  ...{ name: (user.fields.email ?? '').toLowerCase(), origin, active: user.active, updatedAt: at },
  known: { ...user.fields, ...(user.managerId === null ? {} : { managerId: user.managerId }) },
});
