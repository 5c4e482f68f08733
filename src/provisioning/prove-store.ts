import { isForeknowError } from '../errors/errors.ts';
import type { Road, RoadGroup, RoadUser } from './road.ts';
import { createLedger, type ScimLedger } from './scim-ledger.ts';
import type { ScimObject } from './state.ts';
import type { Target, TargetGroup, TargetUser } from './target.ts';
import { indexTarget } from './target-index.ts';

/** Whether the store behind the road holds everybody, as it stands. KnowBe4 archives whoever is not in it. */
export type StoreProof = {
  /** Nobody would be archived, no group emptied, nobody made twice. */
  readonly isWhole: boolean;
  /** What was read and asked, for people. */
  readonly words: string;
  /** Active accounts that are not in the store, or not active there: KnowBe4 would archive them. By KnowBe4's id. */
  readonly wouldBeArchived: readonly string[];
  /** Provisioning-managed groups that are not in the store. */
  readonly missingGroups: readonly string[];
  /** Memberships that are not in the store: KnowBe4 would take them away. */
  readonly missingMembers: readonly { readonly groupId: string; readonly userId: string }[];
  /** Active people of the store whom no account matches: KnowBe4 would make accounts of them. Addresses. */
  readonly wouldBeCreated: readonly string[];
  /** Accounts of which nobody can say which user of the store is theirs. By KnowBe4's id. */
  readonly unclear: readonly string[];
  /** Objects that are not there as they were kept, or lack members: they have to be sent once more. */
  readonly toSendAgain: readonly Pick<ScimObject, 'kind' | 'scimId'>[];
  /** Users who are there and not active, of active accounts. */
  readonly inactive: readonly Pick<ScimObject, 'kind' | 'scimId'>[];
};

export type ProveDeps = { readonly road: Road; readonly now: () => Date };

type Proving = {
  readonly road: Road;
  readonly ledger: ScimLedger;
  /** The store's user of each account, by KnowBe4's id. */
  readonly users: ReadonlyMap<string, RoadUser>;
  /** Accounts that have to be in the store. */
  readonly people: readonly TargetUser[];
  readonly unclear: string[];
  readonly toSendAgain: ScimObject[];
  readonly inactive: ScimObject[];
};

/**
 * Compares the store with the account. What a list does not show is asked for directly: lists are cut without a word.
 * @param exempt people whom the console exempts, by KnowBe4's id
 */
export async function proveStore(
  { road, now }: ProveDeps,
  about: {
    readonly target: Target;
    readonly scimObjects: readonly ScimObject[];
    readonly exempt: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<StoreProof> {
  const { target, signal } = about;
  const exempt = new Set(about.exempt);
  const people = target.users.filter(({ id, status }) => status === 'active' && !exempt.has(id));
  const listed = await road.readAll('users', signal);
  const listedGroups = await road.readAll('groups', signal);
  const index = indexTarget(target);
  const ledger = createLedger(about.scimObjects, index, road, target.connectionId, () => now().toISOString());
  const byId = new Map(listed.resources.map((user) => [user.id, user]));
  const users = new Map<string, RoadUser>();
  const proving: Proving = { road, ledger, users, people, unclear: [], toSendAgain: [], inactive: [] };
  for (const person of people) {
    signal.throwIfAborted();
    const found = await userOf(proving, byId, person);
    if (found !== null) users.set(person.id, found);
  }
  const groups = await provedGroups(proving, target.groups, listedGroups.resources, signal);
  const { unclear, toSendAgain, inactive } = proving;
  const isLacking = ({ id }: TargetUser): boolean => users.get(id)?.active !== true && !unclear.includes(id);
  const wouldBeArchived = people.filter(isLacking).map(({ id }) => id);
  const wouldBeCreated = strangers(listed.resources, index, new Set([...users.values()].map(({ id }) => id)));
  const isWhole =
    listed.complete &&
    listedGroups.complete &&
    [wouldBeArchived, wouldBeCreated, unclear, groups.missingGroups, groups.missingMembers].every(
      ({ length }) => length === 0,
    );
  const words = `People: ${listed.words}. Groups: ${listedGroups.words}. ${users.size} of ${people.length} accounts are in the store.`;
  return { isWhole, words, wouldBeArchived, wouldBeCreated, unclear, toSendAgain, inactive, ...groups };
}

/** Who is kept under an id that the store does not know is looked for by their names. */
async function userOf(
  { road, ledger, unclear, toSendAgain, inactive }: Proving,
  listed: ReadonlyMap<string, RoadUser>,
  { id, fields, provisioningGuid }: TargetUser,
): Promise<RoadUser | null> {
  const email = fields.email ?? null;
  const person = { source: null, key: provisioningGuid, userId: id, name: email ?? id, email };
  const shown = async (object: ScimObject | null): Promise<RoadUser | null> =>
    object && (listed.get(object.scimId) ?? road.getUser(object.scimId));
  try {
    const object = await ledger.user(person);
    const found = await shown(object);
    if (object === null || found?.active === true) return found;
    (found === null ? toSendAgain : inactive).push(object);
    return found === null && (await ledger.isGone(object)) ? await shown(await ledger.user(person)) : found;
  } catch (error) {
    if (!isForeknowError(error) || error.code !== 'conflict') throw error;
    unclear.push(id);
    return null;
  }
}

async function provedGroups(
  proving: Proving,
  groups: readonly TargetGroup[],
  listed: readonly RoadGroup[],
  signal: AbortSignal,
): Promise<Pick<StoreProof, 'missingGroups' | 'missingMembers'>> {
  const missingGroups: string[] = [];
  const missingMembers: StoreProof['missingMembers'][number][] = [];
  const owned = groups.filter(({ type, status }) => type === 'provisioning_managed_group' && status === 'active');
  const active = new Set(proving.people.map(({ id }) => id));
  for (const group of owned) {
    const object = proving.ledger.group({ name: group.name, groupId: group.id });
    const again = (): void => {
      if (object !== null && !proving.toSendAgain.includes(object)) proving.toSendAgain.push(object);
    };
    const known = listed.find(
      ({ id, name }) => id === object?.scimId || name.toLowerCase() === group.name.toLowerCase(),
    );
    const found = known ?? (await proving.road.findGroups(group.name))[0];
    if (found === undefined) {
      missingGroups.push(group.name);
      again();
      continue;
    }
    const members = new Set(found.memberIds);
    for (const userId of group.memberIds) {
      if (!active.has(userId)) continue;
      signal.throwIfAborted();
      const scimId = proving.users.get(userId)?.id;
      if (scimId === undefined || members.has(scimId)) continue;
      if (await proving.road.isMember(found.id, scimId)) continue;
      missingMembers.push({ groupId: group.id, userId });
      again();
    }
  }
  return { missingGroups, missingMembers };
}

/** Addresses of active people of the store who are nobody at KnowBe4. */
function strangers(
  listed: readonly RoadUser[],
  index: ReturnType<typeof indexTarget>,
  matched: ReadonlySet<string>,
): readonly string[] {
  return listed
    .filter(({ id, active, externalId, fields }) => {
      if (!active || matched.has(id)) return false;
      const known = [
        ...index.usersByEmail(fields.email ?? ''),
        ...(externalId === null ? [] : index.usersByGuid(externalId)),
      ];
      return known.length === 0;
    })
    .map(({ fields, id }) => fields.email ?? id);
}
