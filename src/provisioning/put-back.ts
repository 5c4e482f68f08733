import { isManagedField, type ManagedField } from '../model/managed-field.ts';
import { accountPerson } from './conflicts.ts';
import { sameValue } from './fields.ts';
import type { Step } from './plan.ts';
import { isProvisional } from './provisional-id.ts';
import type { ScimObject } from './state.ts';
import type { TargetUser } from './target.ts';
import { activeUsers, type Draft, draft, isProtected, item, refuse, type Work } from './work.ts';

/*
 * What the SCIM store has and KnowBe4 shows otherwise: somebody changed it in the console. KnowBe4 puts it back with its next sync; a write that says the
 * same once more changes nothing in the store, and asks for no sync.
 */

/** Whether the store has already what a step would write. */
export function isInStore(work: Work, { action, person, group, fields }: Draft): boolean {
  const user = work.scim.users.get(person?.userId ?? '');
  const there = work.scim.groups.get(group?.groupId ?? '');
  switch (action) {
    case 'update':
      return user !== undefined && fields.every(({ name, to }) => sameValue(name, to, textIn(user, name)));
    case 'manager':
      return user !== undefined && scimIdByEmail(work, fields[0]?.to ?? null) === textIn(user, 'managerId');
    case 'restore':
      return user?.active === true;
    case 'archive':
      return user?.active === false;
    case 'group_rename':
      return there?.name === group!.name.toLowerCase();
    case 'member_add':
    case 'member_remove': {
      const { memberIds } = there?.known ?? {};
      if (user === undefined || !Array.isArray(memberIds)) return false;
      return memberIds.includes(user.scimId) === (action === 'member_add');
    }
    case 'claim':
    case 'create':
    case 'group_create':
      return false;
  }
}

/** Whether a step waits for a sync that nothing of it asks for. */
export const waitsForSync = ({ effects }: Pick<Step, 'effects'>): boolean =>
  effects.some(({ kind }) => kind === 'put_back');

const textIn = ({ known }: ScimObject, name: string): string | null => {
  const value = known[name];
  return typeof value === 'string' ? value : null;
};

function scimIdByEmail(work: Work, email: string | null): string | null | undefined {
  if (email === null) return null;
  const [manager, ...others] = activeUsers(work.index.usersByEmail(email));
  return manager === undefined || others.length > 0 ? undefined : work.scim.users.get(manager.id)?.scimId;
}

/** Whose account the console has otherwise than the store is listed; whom it has archived the store is told of, or the next sync would restore them. */
export function carryConsole(work: Work): void {
  const touched = new Set(work.drafts.flatMap(({ person }) => person?.userId ?? []));
  const exempt = new Set(work.input.state.exempt);
  for (const user of work.input.target.users) {
    const object = work.scim.users.get(user.id);
    if (object?.active !== true || touched.has(user.id) || exempt.has(user.id) || isProvisional(user.id)) continue;
    if (user.status === 'archived') carryArchived(work, user, object);
    else listPutBack(work, user, object);
  }
}

/** Only who is the same person beyond doubt: the store's user may stand for another account by now, which would be archived. */
function carryArchived(work: Work, user: TargetUser, { name, externalId }: ScimObject): void {
  const { index } = work;
  const alike = [...index.usersByEmail(name), ...(externalId === null ? [] : index.usersByGuid(externalId))];
  if (!sameValue('email', name, user.fields.email) || activeUsers(alike).length > 0) return;
  const person = accountPerson(user);
  if (isProtected(work, user.fields.email)) refuse(work, person);
  else work.drafts.push(draft('archive', { person, situation: 'archived', matchedOn: 'scim', because: ['console'] }));
}

/** A step of `carryConsole`: the account is archived already. */
export const isArchivedThere = ({ action, situation }: Pick<Draft, 'action' | 'situation'>): boolean =>
  action === 'archive' && situation === 'archived';

function listPutBack(work: Work, user: TargetUser, object: ScimObject): void {
  const names = otherwise(object, user);
  if (names.length === 0) return;
  const text = `Otherwise in the SCIM store: ${names.join(', ')}; KnowBe4 puts back what the console changed with its next sync`;
  work.items.push(item('carried', 'put_back', text, { person: accountPerson(user) }));
}

/** Fields that KnowBe4 fills from elsewhere where SCIM says nothing of them. */
const derived: ReadonlySet<string> = new Set(['manager_name', 'language']);

const otherwise = ({ known }: ScimObject, { fields }: TargetUser): readonly string[] =>
  Object.keys(known).filter((name) => {
    const value = known[name];
    if (value === (fields[name as ManagedField] ?? null)) return false;
    if (!isManagedField(name) || derived.has(name) || (typeof value !== 'string' && value !== null)) return false;
    return !sameValue(name, value, fields[name]);
  });
