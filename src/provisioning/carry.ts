import { managedFields } from '../model/managed-field.ts';
import { accountPerson, stepPerson } from './conflicts.ts';
import { textOf } from './fields.ts';
import { isWritable, stepGroup } from './groups.ts';
import type { Identified } from './identify.ts';
import type { FieldChange } from './plan.ts';
import { isProvisional } from './provisional-id.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import { activeUsers, type Draft, draft, exemptItem, item, type Work } from './work.ts';

/**
 * What keeps the SCIM store whole: KnowBe4 archives whoever is not in it. Every active account that is missing there is sent as it is, whoever manages it, and
 * every provisioning-managed group with its members. People whom the console exempts are listed, not sent.
 * @param people those of the sources, so that theirs are sent under their key
 * @returns the steps, by user id, and by `group:` and the id of the group
 */
export function carryMissing(work: Work, people: readonly Identified[]): ReadonlyMap<string, Draft> {
  const claims = new Map<string, Draft>();
  const owners = new Map(people.flatMap((one) => (one.user && one.conflict === null ? [[one.user.id, one]] : [])));
  for (const user of activeUsers(work.input.target.users)) {
    if (work.exempt.has(user.id) || work.scim.users.has(user.id) || isProvisional(user.id)) continue;
    const doubt = doubtAbout(work, user);
    const owner = owners.get(user.id);
    if (doubt === null) claims.set(user.id, claimOf(work, user, owner));
    // Who is known to a source is listed with their own conflict.
    else if (owner === undefined || work.input.kind === 'adoption')
      work.items.push(item('conflict', 'carry', doubt, { person: accountPerson(user) }));
  }
  for (const group of work.input.target.groups) {
    if (!isWritable(group) || work.scim.groups.has(group.id) || isProvisional(group.id)) continue;
    claims.set(`group:${group.id}`, draft('group_create', { group: stepGroup(group), because: ['adoption'] }));
  }
  for (const claim of claims.values()) work.drafts.push(claim);
  for (const user of activeUsers(work.input.target.users)) {
    const claim = claims.get(user.id);
    if (claim !== undefined || lacksManager(work, user)) carryManager(work, user, claim ?? null, claims);
  }
  for (const group of work.input.target.groups) {
    if (isWritable(group) && claims.has(`group:${group.id}`)) carryMembers(work, group.id, claims);
  }
  return claims;
}

/** Why an account cannot be sent: KnowBe4 takes an account over by its address. */
export function doubtAbout(work: Work, user: TargetUser): string | null {
  const conflict = work.scim.conflicts.get(user.id);
  if (conflict !== undefined) return conflict;
  const email = textOf(user.fields.email);
  if (email === null) return 'The account has no address, so it cannot be taken over';
  const same = activeUsers(work.index.usersByEmail(email)).length;
  return same > 1 ? `${same} active accounts have the address ${email}` : null;
}

function claimOf(work: Work, user: TargetUser, owner: Identified | undefined): Draft {
  const fields: FieldChange[] = [];
  const left: string[] = [];
  for (const name of managedFields) {
    const value = textOf(user.fields[name]);
    if (value === null || name === 'manager_email') continue;
    if (work.input.carries.has(name)) fields.push({ name, from: value, to: value });
    else left.push(name);
  }
  return draft('claim', {
    person: owner ? stepPerson(owner.evaluated, user) : accountPerson(user),
    matchedOn: owner?.matchedOn ?? 'scim',
    situation: owner ? 'found' : 'unmanaged',
    fields,
    because: ['adoption'],
    reversible: false,
    cannot: left.length === 0 ? [] : [`SCIM does not carry ${left.join(', ')}`],
  });
}

/**
 * The manager is a reference, so it is sent once both are there. One who cannot be found is not sent, and KnowBe4 empties the field.
 * @param entry the step that sends them to the store; null: they are there
 */
function carryManager(work: Work, user: TargetUser, entry: Draft | null, claims: ReadonlyMap<string, Draft>): void {
  const email = textOf(user.fields.manager_email);
  if (email === null || !work.input.carries.has('manager_email')) return;
  const person = accountPerson(user);
  const [manager, ...others] = activeUsers(work.index.usersByEmail(email));
  const isInStore = manager !== undefined && (claims.has(manager.id) || work.scim.users.has(manager.id));
  if (!isInStore || others.length > 0) {
    const what = manager === undefined ? 'active account' : 'account in the SCIM store';
    const text = `Their manager ${email} has no ${what}, so it cannot be carried`;
    work.items.push(item('carried', 'manager', text, { person }));
    return;
  }
  const fields = [{ name: 'manager_email' as const, from: email, to: email }];
  const needs = [entry, claims.get(manager.id)].filter((need) => need != null);
  const { situation = 'unmanaged' as const, because = ['adoption'] } = entry ?? {};
  work.drafts.push(
    draft('manager', { person, matchedOn: 'scim', situation, because, fields, needs, reversible: false }),
  );
}

/** While accounts are taken over: who was sent by an earlier plan, whose manager was not there yet. */
function lacksManager({ input, scim }: Work, { id }: TargetUser): boolean {
  const object = scim.users.get(id);
  return input.kind === 'adoption' && object?.active === true && object.known.managerId === undefined;
}

function carryMembers(work: Work, groupId: string, claims: ReadonlyMap<string, Draft>): void {
  const group = work.index.groups.get(groupId)!;
  for (const userId of group.memberIds) {
    const user = work.index.users.get(userId);
    if (user?.status !== 'active') continue;
    if (claims.has(userId) || work.scim.users.has(userId)) carryMember(work, user, group, claims);
    else {
      const text = `Leaves ${group.name}: who is not in the SCIM store cannot be in its groups`;
      work.items.push(item('carried', 'member', text, { person: accountPerson(user), group: stepGroup(group) }));
    }
  }
}

function carryMember(work: Work, user: TargetUser, group: TargetGroup, claims: ReadonlyMap<string, Draft>): void {
  const needs = [claims.get(`group:${group.id}`), claims.get(user.id)].filter((need) => need !== undefined);
  const about = { person: accountPerson(user), group: stepGroup(group), matchedOn: 'scim' as const };
  work.drafts.push(draft('member_add', { ...about, because: ['adoption'], needs, reversible: false }));
}

/** Memberships that this plan gives or takes anyhow. */
const settledBy = (drafts: readonly Draft[]): ReadonlySet<string> =>
  new Set(
    drafts.flatMap(({ action, person, group }) =>
      action === 'member_remove' || action === 'member_add' ? [`${group?.groupId} ${person?.userId}`] : [],
    ),
  );

/** Ids of the members of a group of the store, as we last wrote it; null: it is none of ours, or nobody knows. */
function writtenMembers(work: Work, groupId: string): ReadonlySet<unknown> | null {
  const group = work.index.groups.get(groupId);
  const memberIds = work.scim.groups.get(groupId)?.known.memberIds;
  return group !== undefined && isWritable(group) && Array.isArray(memberIds) ? new Set<unknown>(memberIds) : null;
}

/**
 * Members at KnowBe4 of groups that the store has, whom its group lacks as we last wrote it: somebody put them there in the console, or they are taken over now.
 * They stay, unless this plan takes them out.
 */
export function carryLateMembers(work: Work, claims: ReadonlyMap<string, Draft>): void {
  const settled = settledBy(work.drafts);
  for (const groupId of work.scim.groups.keys()) {
    const written = writtenMembers(work, groupId);
    if (written === null) continue;
    const group = work.index.groups.get(groupId)!;
    for (const userId of group.memberIds) {
      const user = work.index.users.get(userId);
      const scimId = work.scim.users.get(userId)?.scimId;
      if (user?.status !== 'active' || work.exempt.has(userId) || settled.has(`${groupId} ${userId}`)) continue;
      if (scimId === undefined ? claims.has(userId) : !written.has(scimId)) carryMember(work, user, group, claims);
    }
  }
}

/**
 * Who is restored comes back into the groups that KnowBe4 shows them in, also where the store took the group over without its archived members; and whom the
 * store does not know comes into it with their manager.
 * @param claims steps of the plan that take accounts over
 */
export function carryRestored(work: Work, claims: ReadonlyMap<string, Draft> = new Map()): void {
  const settled = settledBy(work.drafts);
  const managed = new Set(
    work.drafts.flatMap(({ action, person }) => (action === 'manager' ? (person?.userId ?? []) : [])),
  );
  for (const restored of work.drafts.filter(({ action }) => action === 'restore')) {
    const userId = restored.person!.userId!;
    const user = work.index.users.get(userId)!;
    const scimId = work.scim.users.get(userId)?.scimId;
    if (scimId === undefined && !managed.has(userId)) carryManager(work, user, restored, claims);
    for (const groupId of user.groupIds) {
      const written = writtenMembers(work, groupId);
      if (written === null || written.has(scimId) || settled.has(`${groupId} ${userId}`)) continue;
      const about = { person: restored.person!, group: stepGroup(work.index.groups.get(groupId)!) };
      const { situation, matchedOn, because } = restored;
      work.drafts.push(
        draft('member_add', { ...about, situation, matchedOn, because, needs: [restored], reversible: false }),
      );
    }
  }
}

/** Accounts that are nobody's: they stay as they are. @param unclaimed accounts that no person is joined to */
export function listUnmanaged(work: Work, unclaimed: readonly TargetUser[]): void {
  for (const user of activeUsers(unclaimed)) {
    const person = accountPerson(user);
    work.items.push(
      work.exempt.has(user.id)
        ? exemptItem(person)
        : item('unmanaged', 'unmanaged', 'No source knows them: carried as they are', { person }),
    );
  }
}
