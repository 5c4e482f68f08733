import { sameValue } from './fields.ts';
import type { Step } from './plan.ts';
import type { JournalEntry } from './ports.ts';
import type { Target, TargetUser } from './target.ts';

/**
 * The mirror without what steps of a plan have brought about, where it shows that by now: what the other steps of the plan were planned upon. What
 * anybody else has changed since stays in it.
 * @param entries of the plan: steps that were taken, and those of which nobody knows
 */
export function takenBack(target: Target, entries: readonly JournalEntry[]): Target {
  if (entries.length === 0) return target;
  const byUser = Map.groupBy(entries, ({ userId, step }) => userId ?? step.person?.userId ?? '');
  const addressBefore = new Map(entries.flatMap(renamed));
  const idByName = new Map(target.groups.map(({ id, name }) => [name.toLowerCase(), id]));
  const groupIdOf = ({ group }: Step): string => group?.groupId ?? idByName.get(group?.name.toLowerCase() ?? '') ?? '';
  const before = (user: TargetUser): TargetUser =>
    (byUser.get(user.id) ?? []).reduceRight((shown, entry) => without(shown, entry, groupIdOf), user);
  return { ...target, users: target.users.map((user) => withManager(before(user), addressBefore)) };
}

/** The address before by the one after. */
const renamed = ({ step }: JournalEntry): readonly (readonly [string, string])[] =>
  step.fields.flatMap(({ name, from, to }) =>
    name === 'email' && step.action === 'update' && from !== null && to !== null
      ? [[to.toLowerCase(), from] as const]
      : [],
  );

/** A manager who has another address is the same one. */
function withManager(user: TargetUser, addressBefore: ReadonlyMap<string, string>): TargetUser {
  const before = addressBefore.get(user.fields.manager_email?.toLowerCase() ?? '');
  return before === undefined ? user : { ...user, fields: { ...user.fields, manager_email: before } };
}

function without(
  user: TargetUser,
  { action, step, before }: JournalEntry,
  groupIdOf: (step: Step) => string,
): TargetUser {
  switch (action) {
    case 'restore':
      return user.status === 'active' ? { ...user, status: 'archived' } : user;
    case 'archive':
      return user.status === 'archived' ? { ...user, status: 'active' } : user;
    case 'claim':
      return { ...user, provisioningManaged: before?.provisioningManaged === true };
    case 'update':
    case 'manager': {
      const shown = step.fields.filter(({ name, to }) => sameValue(name, to, user.fields[name]));
      return {
        ...user,
        fields: { ...user.fields, ...Object.fromEntries(shown.map(({ name, from }) => [name, from])) },
      };
    }
    case 'member_add':
    case 'member_remove': {
      const groupId = groupIdOf(step);
      const others = user.groupIds.filter((id) => id !== groupId);
      return { ...user, groupIds: action === 'member_remove' ? [...others, groupId] : others };
    }
    case 'create':
    case 'group_create':
    case 'group_rename':
      return user;
  }
}
