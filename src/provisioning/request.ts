import { ForeknowError } from '../errors/errors.ts';
import { type FieldValues, isManagedField } from '../model/managed-field.ts';
import { holdersOf } from './addresses.ts';
import { carryRestored } from './carry.ts';
import { accountPerson } from './conflicts.ts';
import { fieldChanges, textOf } from './fields.ts';
import { finishPlan } from './finish.ts';
import { isWritable, stepGroup } from './groups.ts';
import { isInDomains } from './people.ts';
import type { StepGroup, StepPerson } from './plan.ts';
import type { PlanInput, PlanResult } from './plan-input.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import { activeUsers, beginWork, type Draft, draft, isProtected, type Work } from './work.ts';

/** A write of the unified API or of an agent. Lists of groups and members are sets: who is not named leaves. */
export type WriteRequest =
  | { readonly kind: 'create_user'; readonly fields: FieldValues; readonly groupIds?: readonly string[] }
  | {
      readonly kind: 'change_user';
      readonly userId: string;
      readonly fields?: FieldValues;
      readonly status?: 'active' | 'archived';
      readonly groupIds?: readonly string[];
    }
  | { readonly kind: 'create_group'; readonly name: string; readonly memberIds?: readonly string[] }
  | {
      readonly kind: 'change_group';
      readonly groupId: string;
      readonly name?: string;
      readonly memberIds?: readonly string[];
    }
  | {
      readonly kind: 'change_members';
      readonly groupId: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    };

/**
 * A plan of one write, with the same effects, guards and approvals as any other.
 * @throws ForeknowError `not_found`, `conflict` (the address or name is taken), `group_not_writable`, `field_not_writable`, `person_protected`, `invalid_request`
 */
export function buildRequestPlan(input: PlanInput, request: WriteRequest): PlanResult {
  const work = beginWork({ ...input, kind: 'request' });
  switch (request.kind) {
    case 'create_user':
      createUser(work, request);
      break;
    case 'change_user':
      changeUser(work, request);
      break;
    case 'create_group':
      createGroup(work, request);
      break;
    case 'change_group':
      changeGroup(work, request);
      break;
    case 'change_members':
      changeMembers(work, writableGroup(work, request.groupId), request.add, request.remove);
  }
  carryRestored(work);
  return { plan: finishPlan(work, work.drafts), workItems: [], links: [], noticed: [], refused: [] };
}

const BECAUSE = ['request'];

function createUser(work: Work, { fields, groupIds = [] }: Extract<WriteRequest, { kind: 'create_user' }>): void {
  const email = textOf(fields.email);
  if (email === null)
    throw new ForeknowError('invalid_request', { detail: 'A person needs an address.', field: 'email' });
  refuseTaken(work, email, null);
  refuseStrange(work, email);
  refuseFull(work);
  const person: StepPerson = {
    source: null,
    key: null,
    userId: null,
    name: [fields.first_name, fields.last_name].filter(Boolean).join(' ') || email,
    email,
  };
  refuseProtected(work, email);
  const { own, manager } = split(work, fields, {});
  const entry = draft('create', { person, situation: 'absent', fields: own, because: BECAUSE });
  work.drafts.push(entry);
  addManager(work, person, manager, [entry]);
  for (const group of groupIds.map((id) => writableGroup(work, id))) {
    work.drafts.push(draft('member_add', { person, group: stepGroup(group), because: BECAUSE, needs: [entry] }));
  }
}

function changeUser(work: Work, request: Extract<WriteRequest, { kind: 'change_user' }>): void {
  const user = userOf(work, request.userId);
  const { fields = {}, status, groupIds } = request;
  refuseExempt(work, user);
  refuseProtected(work, user.fields.email, fields.email);
  const person = accountPerson(user);
  const needs: Draft[] = [];
  if (status === 'archived') {
    if (user.status === 'active') work.drafts.push(draft('archive', { person, matchedOn: 'link', because: BECAUSE }));
    return;
  }
  if (status === 'active' && user.status === 'archived') {
    refuseFull(work);
    needs.push(draft('restore', { person, situation: 'archived', matchedOn: 'link', because: BECAUSE }));
    work.drafts.push(...needs);
  }
  const { own, manager } = split(work, fields, user.fields);
  if (own.some(({ name }) => name === 'email')) refuseRename(work, textOf(fields.email), user);
  if (own.length > 0) {
    const update = draft('update', {
      person,
      situation: 'linked',
      matchedOn: 'link',
      fields: own,
      because: BECAUSE,
      needs,
    });
    work.drafts.push(update);
  }
  addManager(work, person, manager, needs);
  if (groupIds !== undefined) setGroups(work, user, new Set(groupIds), needs);
}

/** Only groups that can be written are in the set that counts: those of the console stay as they are. */
function setGroups(work: Work, user: TargetUser, wanted: ReadonlySet<string>, needs: readonly Draft[]): void {
  const person = accountPerson(user);
  for (const id of wanted) {
    if (user.groupIds.includes(id)) continue;
    const group = stepGroup(writableGroup(work, id));
    work.drafts.push(draft('member_add', { person, group, matchedOn: 'link', because: BECAUSE, needs }));
  }
  for (const id of user.groupIds) {
    const group = work.index.groups.get(id);
    if (group === undefined || wanted.has(id) || !isWritable(group)) continue;
    refuseProtected(work, group.name);
    work.drafts.push(
      draft('member_remove', { person, group: stepGroup(group), matchedOn: 'link', because: BECAUSE, needs }),
    );
  }
}

function createGroup(work: Work, { name, memberIds = [] }: Extract<WriteRequest, { kind: 'create_group' }>): void {
  const trimmed = name.trim();
  if (trimmed === '') throw new ForeknowError('invalid_request', { detail: 'A group needs a name.', field: 'name' });
  refuseName(work, trimmed);
  const group = { name: trimmed, groupId: null };
  const made = draft('group_create', { group, because: BECAUSE });
  work.drafts.push(made);
  for (const id of new Set(memberIds)) addMember(work, userOf(work, id), group, [made]);
}

function changeGroup(work: Work, { groupId, name, memberIds }: Extract<WriteRequest, { kind: 'change_group' }>): void {
  const group = writableGroup(work, groupId);
  if (memberIds !== undefined) {
    const wanted = new Set(memberIds);
    const there = [...group.memberIds].filter((id) => work.index.users.get(id)?.status === 'active');
    changeMembers(
      work,
      group,
      memberIds,
      there.filter((id) => !wanted.has(id)),
    );
  }
  const trimmed = name?.trim();
  if (trimmed === undefined || trimmed === group.name) return;
  if (trimmed.toLowerCase() !== group.name.toLowerCase()) refuseName(work, trimmed);
  const renamed = { name: trimmed, groupId: group.id, was: group.name };
  work.drafts.push(draft('group_rename', { group: renamed, because: BECAUSE }));
}

function changeMembers(work: Work, group: TargetGroup, add: readonly string[], remove: readonly string[]): void {
  for (const id of new Set(add)) {
    const user = userOf(work, id);
    if (!user.groupIds.includes(group.id)) addMember(work, user, stepGroup(group), []);
  }
  for (const id of new Set(remove)) {
    const user = userOf(work, id);
    if (!user.groupIds.includes(group.id)) continue;
    refuseExempt(work, user);
    refuseProtected(work, user.fields.email);
    const about = {
      person: accountPerson(user),
      group: stepGroup(group),
      matchedOn: 'link' as const,
      because: BECAUSE,
    };
    work.drafts.push(draft('member_remove', about));
  }
}

function addMember(work: Work, user: TargetUser, group: StepGroup, needs: readonly Draft[]): void {
  refuseExempt(work, user);
  refuseProtected(work, user.fields.email);
  work.drafts.push(
    draft('member_add', { person: accountPerson(user), group, matchedOn: 'link', because: BECAUSE, needs }),
  );
}

/** The manager is a reference and a step of its own. @throws ForeknowError `field_not_writable` */
function split(work: Work, fields: FieldValues, there: FieldValues) {
  const lost = Object.keys(fields).find((name) => isManagedField(name) && !work.input.carries.has(name));
  if (lost !== undefined) {
    const hint = 'Set it in KnowBe4’s console or by a CSV import.';
    throw new ForeknowError('field_not_writable', { detail: `SCIM does not carry ${lost}.`, hint, field: lost });
  }
  const changes = fieldChanges(fields, there);
  const manager = changes.filter(({ name }) => name === 'manager_email');
  return { own: changes.filter(({ name }) => name !== 'manager_email'), manager };
}

function addManager(work: Work, person: StepPerson, fields: Draft['fields'], needs: readonly Draft[]): void {
  const wanted = fields[0];
  if (wanted === undefined) return;
  if (wanted.to !== null && activeUsers(work.index.usersByEmail(wanted.to)).length !== 1) {
    throw new ForeknowError('not_found', {
      detail: `The manager ${wanted.to} has no active account.`,
      field: 'manager_email',
    });
  }
  work.drafts.push(draft('manager', { person, matchedOn: 'link', fields, because: BECAUSE, needs }));
}

function userOf({ index }: Work, id: string): TargetUser {
  const user = index.users.get(id);
  if (user === undefined) throw new ForeknowError('not_found', { detail: `There is no user ${id}.` });
  return user;
}

function writableGroup(work: Work, id: string): TargetGroup {
  const group = work.index.groups.get(id);
  if (group === undefined) throw new ForeknowError('not_found', { detail: `There is no group ${id}.` });
  if (!isWritable(group)) {
    const why = group.status === 'archived' ? 'archived' : group.type.replaceAll('_', ' ');
    throw new ForeknowError('group_not_writable', {
      detail: `"${group.name}" is ${why === 'archived' ? why : `a ${why}`}: its members cannot be set.`,
      hint: 'Only provisioning-managed groups take members; make one, or set this one in KnowBe4’s console.',
    });
  }
  refuseProtected(work, group.name);
  return group;
}

function refuseProtected(work: Work, ...names: readonly (string | null | undefined)[]): void {
  if (!isProtected(work, ...names)) return;
  throw new ForeknowError('person_protected', { detail: `${names.find(Boolean)} is protected: no step touches them.` });
}

/** Somebody whom the console exempts is not in the store: what is sent about them changes nothing, or takes the exemption away. */
function refuseExempt({ exempt }: Work, { id, fields }: TargetUser): void {
  if (!exempt.has(id)) return;
  throw new ForeknowError('person_protected', {
    detail: `${fields.email ?? id} is exempted from SCIM in the console: no step touches them.`,
    hint: 'Change them in the console, or end the exemption there and here.',
  });
}

function refuseTaken(work: Work, email: string, exceptId: string | null): void {
  if (holdersOf(work, email, exceptId).length === 0) return;
  throw new ForeknowError('conflict', { detail: `${email} belongs to another account.`, field: 'email' });
}

function refuseStrange(work: Work, email: string): void {
  if (isInDomains(work, email)) return;
  const detail = `${email} is outside the account’s domains.`;
  throw new ForeknowError('invalid_request', {
    detail,
    hint: 'Add the domain in KnowBe4’s console first.',
    field: 'email',
  });
}

function refuseName(work: Work, name: string): void {
  refuseProtected(work, name);
  if ((work.index.groupsByName.get(name.toLowerCase()) ?? []).length === 0) return;
  throw new ForeknowError('conflict', { detail: `There is a group ${name} already.`, field: 'name' });
}

function refuseFull({ input }: Work): void {
  const { seats } = input.target.account;
  if (seats === null || activeUsers(input.target.users).length < seats) return;
  const hint = 'Archive somebody first, or buy seats.';
  throw new ForeknowError('conflict', { detail: `All ${seats} seats are taken.`, hint });
}

/** @throws ForeknowError `field_not_writable` while a change of address is not known to keep the account here */
function refuseRename(work: Work, to: string | null, user: TargetUser): void {
  if (to === null) throw new ForeknowError('invalid_request', { detail: 'A person needs an address.', field: 'email' });
  refuseTaken(work, to, user.id);
  refuseStrange(work, to);
  if (work.input.state.renames.state === 'keep') return;
  throw new ForeknowError('field_not_writable', {
    detail: 'A change of address is not known to keep the account here: it may make a second one.',
    hint: 'Try it with one person in KnowBe4’s console, then attest what happened.',
    field: 'email',
  });
}
