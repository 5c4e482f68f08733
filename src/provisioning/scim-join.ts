import { sameGuid } from '../lib/guid.ts';
import type { ScimObject } from './state.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import type { TargetIndex } from './target-index.ts';

/** Which object behind the road stands for which user or group of KnowBe4. */
export type ScimJoin = {
  readonly users: ReadonlyMap<string, ScimObject>;
  readonly groups: ReadonlyMap<string, ScimObject>;
  /** By user id: why nobody can say which object is theirs. They are left alone. */
  readonly conflicts: ReadonlyMap<string, string>;
};

/**
 * The second join: by the kept id, then by `externalId` (KnowBe4 shows it as the provisioning GUID), then by address. Two objects for one account, or an
 * object whose keys point at another account than its kept id, are conflicts.
 */
export function joinScim(objects: readonly ScimObject[], index: TargetIndex): ScimJoin {
  const users = new Map<string, ScimObject>();
  const groups = new Map<string, ScimObject>();
  const conflicts = new Map<string, string>();
  for (const object of objects) {
    if (object.kind === 'group') {
      const group = groupOf(object, index);
      if (group) groups.set(group.id, object);
      continue;
    }
    const user = userOf(object, index);
    if (user === null) continue;
    const other = disagreeing(object, user, index);
    if (other !== null) {
      const text = `The SCIM user ${object.scimId} is kept for one account and has the keys of another`;
      conflicts.set(user.id, text);
      conflicts.set(other.id, text);
    } else if (users.has(user.id)) {
      conflicts.set(
        user.id,
        `Two SCIM users stand for one account: ${users.get(user.id)!.scimId} and ${object.scimId}`,
      );
    } else {
      users.set(user.id, object);
    }
  }
  return { users, groups, conflicts };
}

function userOf(object: ScimObject, index: TargetIndex): TargetUser | null {
  if (object.targetId !== null) {
    const kept = index.users.get(object.targetId);
    if (kept) return kept;
  }
  const byExternalId = object.externalId === null ? [] : index.usersByGuid(object.externalId);
  if (byExternalId.length === 1) return byExternalId[0]!;
  const byName = index.usersByEmail(object.name);
  return byName.length === 1 ? byName[0]! : null;
}

/** The account that an object's `externalId` names, when it is not the one it is kept for. */
function disagreeing(object: ScimObject, user: TargetUser, index: TargetIndex): TargetUser | null {
  if (object.targetId === null || object.externalId === null) return null;
  if (user.provisioningGuid !== null && isSameKey(user.provisioningGuid, object.externalId)) return null;
  return index.usersByGuid(object.externalId).find(({ id }) => id !== user.id) ?? null;
}

const isSameKey = (one: string, other: string): boolean => one === other || sameGuid(one, other);

function groupOf(object: ScimObject, index: TargetIndex): TargetGroup | null {
  if (object.targetId !== null) return index.groups.get(object.targetId) ?? null;
  const named = index.groupsByName.get(object.name) ?? [];
  return named.find(({ type }) => type === 'provisioning_managed_group') ?? null;
}
