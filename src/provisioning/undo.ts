import { holdersOf } from './addresses.ts';
import { accountPerson } from './conflicts.ts';
import { sameValue } from './fields.ts';
import { finishPlan } from './finish.ts';
import { isWritable, stepGroup } from './groups.ts';
import type { FieldChange, StepPerson } from './plan.ts';
import type { PlanInput, PlanResult } from './plan-input.ts';
import type { JournalEntry } from './ports.ts';
import { isProvisional, provisionalIdOf } from './provisional-id.ts';
import { isArchivedThere } from './put-back.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import { beginWork, type Draft, draft, exemptItem, isProtected, item, refuse, type Work } from './work.ts';

/** States in which KnowBe4 has the step, or will have. */
const taken = new Set<JournalEntry['state']>(['accepted', 'visible', 'verified', 'late']);
/** What was given up, because it was not seen as it was wanted, may be there all the same. */
const isTaken = ({ state, acceptedAt }: JournalEntry): boolean =>
  taken.has(state) || (state === 'failed' && acceptedAt !== null);

/** What the undo itself does of what others of its steps need: by user id, and by the address that comes back, in lower case. */
type Undoing = Work & {
  readonly restores: Map<string, Draft>;
  readonly updates: Map<string, Draft>;
  readonly returning: Map<string, Draft>;
  /** Who had an address, in lower case, before the application gave them another one. */
  readonly hadBefore: ReadonlyMap<string, string>;
};

/**
 * A plan that puts back what an application changed. What somebody else has changed since is left to them, and what cannot come back (enrolments, mails, a group
 * that was made, an account that was taken over) is said. An address that another account got goes back once that one gives it up.
 * @param entries journal of the application that is undone
 */
export function buildUndoPlan(input: PlanInput, entries: readonly JournalEntry[]): PlanResult {
  const going = entries.filter(isTaken);
  const work: Undoing = {
    ...beginWork({ ...input, kind: 'undo' }),
    ...{ restores: new Map(), updates: new Map(), returning: new Map(), hadBefore: new Map(going.flatMap(addressOf)) },
  };
  const made = new Set(going.flatMap((entry) => (entry.action === 'create' ? [madeId(entry)] : [])));
  // The last ones first: whoever got an address gives it up before the one who had it. Managers come after everybody's address.
  const backwards = going.toReversed().toSorted((one, other) => place(one) - place(other));
  for (const entry of backwards) {
    // Who was made is archived, with all that was given to them since.
    if (entry.action === 'create' || !made.has(madeId(entry))) putBack(work, entry);
  }
  return { plan: finishPlan(work, work.drafts), workItems: [], links: [], noticed: [], refused: [] };
}

const addressOf = ({ action, userId, step }: JournalEntry): readonly (readonly [string, string])[] =>
  step.fields.flatMap(({ name, from }) =>
    action === 'update' && name === 'email' && from !== null && userId !== null
      ? [[from.toLowerCase(), userId] as const]
      : [],
  );

const place = ({ action }: JournalEntry): number => (action === 'manager' ? 1 : 0);

const madeId = ({ connectionId, step: { person } }: JournalEntry): string | null =>
  person === null ? null : provisionalIdOf(connectionId, person);

function putBack(work: Undoing, entry: JournalEntry): void {
  const { step } = entry;
  // Sent as it was, so that the store is whole: there is nothing to put back.
  if (!step.reversible && (step.action === 'manager' || step.action === 'member_add')) return;
  const user = work.index.users.get(entry.userId ?? entry.provisionalId ?? step.person?.userId ?? '') ?? null;
  const person =
    user === null
      ? step.person
      : { ...accountPerson(user), key: step.person?.key ?? null, source: step.person?.source ?? null };
  if (person !== null && isProtected(work, person.email)) {
    refuse(work, person);
    return;
  }
  if (user !== null && person !== null && work.exempt.has(user.id)) {
    work.items.push(exemptItem(person));
    return;
  }
  switch (step.action) {
    case 'create':
      setStatus(work, entry, user, person, 'archive', ['The account stays, archived: nothing is ever deleted', MAILS]);
      return;
    case 'restore':
      setStatus(work, entry, user, person, 'archive', [MAILS]);
      return;
    case 'archive':
      // Whom the console had archived stay so.
      if (!isArchivedThere(step)) setStatus(work, entry, user, person, 'restore', []);
      return;
    case 'update':
    case 'manager':
      putFieldsBack(work, entry, user, person);
      return;
    case 'member_add':
    case 'member_remove':
      putMembershipBack(work, entry, user, person);
      return;
    case 'group_rename':
      renameBack(work, entry);
      return;
    case 'group_create':
      cannot(work, entry, person, `The group ${step.group?.name} stays: it is not deleted`);
      return;
    case 'claim':
      cannot(work, entry, person, 'The account stays in the SCIM store: taken out, KnowBe4 would archive it');
  }
}

const MAILS = 'Enrolments that were made and mails that were sent do not come back';

const cannot = (work: Work, { step }: JournalEntry, person: StepPerson | null, text: string): void =>
  void work.items.push(item('held', 'undo', text, { person, group: step.group }));

const because = ({ planId, stepId }: JournalEntry): readonly string[] => [`undo ${planId} ${stepId}`];

function setStatus(
  work: Undoing,
  entry: JournalEntry,
  user: TargetUser | null,
  person: StepPerson | null,
  action: 'archive' | 'restore',
  lost: readonly string[],
): void {
  if (user === null || person === null) {
    cannot(work, entry, person, 'The account is not at KnowBe4 (yet), so it cannot be put back');
    return;
  }
  if ((user.status === 'archived') === (action === 'archive')) return;
  const step = draft(action, { person, matchedOn: 'link', because: because(entry), cannot: lost });
  if (action === 'restore') work.restores.set(user.id, step);
  work.drafts.push(step);
}

function putFieldsBack(work: Undoing, entry: JournalEntry, user: TargetUser | null, person: StepPerson | null): void {
  const { step } = entry;
  if (user === null || person === null) {
    cannot(work, entry, person, 'The account is not at KnowBe4 any more');
    return;
  }
  const fields: FieldChange[] = [];
  const needs = restoreOf(work, user);
  for (const field of step.fields) {
    const { name } = field;
    const now = user.fields[name] ?? null;
    const back = goingBack(work, user, field);
    if (typeof back === 'string') cannot(work, entry, person, back);
    else if (!sameValue(name, now, back.to)) {
      fields.push({ name, from: now, to: back.to });
      needs.push(...back.needs);
    }
  }
  if (fields.length === 0) return;
  const action = step.action === 'manager' ? 'manager' : 'update';
  const depth = Math.max(0, ...needs.map((need) => (need.action === action ? need.depth + 1 : 0)));
  const back = draft(action, { person, matchedOn: 'link', fields, because: because(entry), needs, depth });
  const address = fields.find(({ name }) => name === 'email')?.to?.toLowerCase();
  if (action === 'update') work.updates.set(user.id, back);
  if (address !== undefined) work.returning.set(address, back);
  work.drafts.push(back);
}

/** Who was archived is there again first. */
const restoreOf = ({ restores }: Undoing, { id }: TargetUser): Draft[] => [restores.get(id) ?? []].flat();

type Back = { readonly to: string | null; readonly needs: readonly Draft[] };

/** What a field goes back to, after which other steps; in words, why it cannot. */
function goingBack(work: Undoing, user: TargetUser, { name, from, to }: FieldChange): Back | string {
  const now = user.fields[name] ?? null;
  const isBack = sameValue(name, now, from);
  if (!isBack && !sameValue(name, now, to))
    return `${name} was changed by somebody else since: it stays ${now ?? 'empty'}`;
  if (from === null || isBack) return { to: from, needs: [] };
  if (name === 'email') return addressBack(work, user, from);
  return name === 'manager_email' ? managerBack(work, from) : { to: from, needs: [] };
}

function addressBack(work: Undoing, { id }: TargetUser, address: string): Back | string {
  if (work.input.state.renames.state !== 'keep') {
    return 'email: a change of address is not known to keep the account here';
  }
  const needs: Draft[] = [];
  for (const holder of holdersOf(work, address, id)) {
    const leaving = work.updates.get(holder.id);
    const givesUp = leaving?.fields.some(({ name, from }) => name === 'email' && sameValue(name, from, address));
    if (leaving === undefined || !givesUp) {
      const how = holder.status === 'archived' ? ', which is archived' : ' by now';
      return `email: ${address} belongs to another account${how}`;
    }
    needs.push(leaving);
  }
  return { to: address, needs };
}

/** Whoever had the address then: they have it again by this plan, keep another one, or never had another. */
function managerBack(work: Undoing, address: string): Back | string {
  const returning = work.returning.get(address.toLowerCase());
  if (returning !== undefined) return { to: address, needs: [returning] };
  const owner = work.hadBefore.get(address.toLowerCase());
  const owners = owner === undefined ? work.index.usersByEmail(address) : [work.index.users.get(owner) ?? []].flat();
  const there = owners.find(({ id, status }) => status === 'active' || work.restores.has(id));
  if (there === undefined) return `manager_email: ${address} has no active account`;
  const now = there.fields.email ?? address;
  return { to: sameValue('manager_email', now, address) ? address : now, needs: restoreOf(work, there) };
}

function putMembershipBack(
  work: Undoing,
  entry: JournalEntry,
  user: TargetUser | null,
  person: StepPerson | null,
): void {
  const group = groupOf(work, entry);
  if (user === null || person === null || group === undefined) {
    cannot(work, entry, person, 'The account or the group is not at KnowBe4 (yet)');
    return;
  }
  const wasAdded = entry.step.action === 'member_add';
  if (user.groupIds.includes(group.id) !== wasAdded) return;
  const needs = wasAdded ? [] : restoreOf(work, user);
  const about = { person, group: stepGroup(group), matchedOn: 'link' as const, because: because(entry), needs };
  work.drafts.push(draft(wasAdded ? 'member_remove' : 'member_add', { ...about, cannot: wasAdded ? [MAILS] : [] }));
}

/** One that the same plan made had no id when its members were sent: it has its name. */
function groupOf({ index }: Work, { groupId, step: { group } }: JournalEntry): TargetGroup | undefined {
  const id = groupId ?? group?.groupId ?? null;
  if (id !== null) return index.groups.get(id);
  const named = index.groupsByName.get(group?.name.toLowerCase() ?? '') ?? [];
  return named.find((one) => isWritable(one) && !isProvisional(one.id));
}

function renameBack(work: Work, entry: JournalEntry): void {
  const { was, name, groupId } = entry.step.group!;
  const group = work.index.groups.get(entry.groupId ?? groupId ?? '');
  if (group === undefined || was === undefined || group.name !== name) {
    cannot(work, entry, null, `The group is not called ${name} any more`);
    return;
  }
  work.drafts.push(
    draft('group_rename', { group: { name: was, groupId: group.id, was: group.name }, because: because(entry) }),
  );
}
