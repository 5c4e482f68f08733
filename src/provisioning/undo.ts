import { holdersOf } from './addresses.ts';
import { accountPerson } from './conflicts.ts';
import { sameValue } from './fields.ts';
import { finishPlan } from './finish.ts';
import { isWritable, stepGroup } from './groups.ts';
import type { FieldChange, StepPerson } from './plan.ts';
import type { PlanInput, PlanResult } from './plan-input.ts';
import type { JournalEntry } from './ports.ts';
import { isProvisional, provisionalIdOf } from './provisional-id.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import { beginWork, draft, isProtected, item, refuse, type Work } from './work.ts';

/** States in which KnowBe4 has the step, or will have. */
const taken = new Set<JournalEntry['state']>(['accepted', 'visible', 'verified', 'late']);

/**
 * A plan that puts back what an application changed. What somebody else has changed since is left to them, and what cannot come back (enrolments, mails, a group
 * that was made, an account that was taken over) is said.
 * @param entries journal of the application that is undone
 */
export function buildUndoPlan(input: PlanInput, entries: readonly JournalEntry[]): PlanResult {
  const work = beginWork({ ...input, kind: 'undo' });
  const going = entries.filter(({ state }) => taken.has(state));
  const made = new Set(going.flatMap((entry) => (entry.action === 'create' ? [madeId(entry)] : [])));
  for (const entry of going.toReversed()) {
    // Who was made is archived, with all that was given to them since.
    if (entry.action === 'create' || !made.has(madeId(entry))) putBack(work, entry);
  }
  return { plan: finishPlan(work, work.drafts), workItems: [], links: [], noticed: [], refused: [] };
}

const madeId = ({ connectionId, step: { person } }: JournalEntry): string | null =>
  person === null ? null : provisionalIdOf(connectionId, person);

function putBack(work: Work, entry: JournalEntry): void {
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
  switch (step.action) {
    case 'create':
      setStatus(work, entry, user, person, 'archive', ['The account stays, archived: nothing is ever deleted', MAILS]);
      return;
    case 'restore':
      setStatus(work, entry, user, person, 'archive', [MAILS]);
      return;
    case 'archive':
      setStatus(work, entry, user, person, 'restore', []);
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
  work: Work,
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
  work.drafts.push(draft(action, { person, matchedOn: 'link', because: because(entry), cannot: lost }));
}

function putFieldsBack(work: Work, entry: JournalEntry, user: TargetUser | null, person: StepPerson | null): void {
  const { step } = entry;
  if (user === null || person === null) {
    cannot(work, entry, person, 'The account is not at KnowBe4 any more');
    return;
  }
  const fields: FieldChange[] = [];
  for (const { name, from, to } of step.fields) {
    const now = user.fields[name] ?? null;
    if (sameValue(name, now, from)) continue;
    if (!sameValue(name, now, to))
      cannot(work, entry, person, `${name} was changed by somebody else since: it stays ${now ?? 'empty'}`);
    else if (name === 'email' && work.input.state.renames.state !== 'keep')
      cannot(work, entry, person, `${name}: a change of address is not known to keep the account here`);
    // KnowBe4 gives nobody an address that an archived account has.
    else if (name === 'email' && holdersOf(work, from ?? '', user.id).some(({ status }) => status === 'archived'))
      cannot(work, entry, person, `${name}: ${from} belongs to another account, which is archived`);
    else fields.push({ name, from: now, to: from });
  }
  if (fields.length === 0) return;
  const action = step.action === 'manager' ? 'manager' : 'update';
  work.drafts.push(draft(action, { person, matchedOn: 'link', fields, because: because(entry) }));
}

function putMembershipBack(work: Work, entry: JournalEntry, user: TargetUser | null, person: StepPerson | null): void {
  const group = groupOf(work, entry);
  if (user === null || person === null || group === undefined) {
    cannot(work, entry, person, 'The account or the group is not at KnowBe4 (yet)');
    return;
  }
  const wasAdded = entry.step.action === 'member_add';
  if (user.groupIds.includes(group.id) !== wasAdded) return;
  const about = { person, group: stepGroup(group), matchedOn: 'link' as const, because: because(entry) };
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
