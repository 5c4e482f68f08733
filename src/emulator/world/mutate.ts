import { ForeknowError } from '../../errors/errors.ts';
import { DAY, instant } from '../time.ts';
import { addGroup, count, groupById, joinGroups } from './groups.ts';
import { addPerson } from './people.ts';
import {
  deleteCampaign,
  deleteTest,
  FIRST_RECIPIENT,
  happenByHand,
  type RecipientEvent,
  sendTest,
} from './phishing.ts';
import type { User } from './records.ts';
import { scoreOn } from './risk.ts';
import { isActive, nextByHand, note, type Person, settle, type World } from './state.ts';
import {
  completeByHand,
  deleteTraining,
  enrollNewcomer,
  FIRST_ENROLLMENT,
  openTraining,
  removeEnrollment,
  removeEnrollments,
} from './training.ts';

/** What can be changed of a person; memberships and scores follow by themselves. */
export type UserFields = Partial<
  Omit<User, 'id' | 'groups' | 'status' | 'archived_at' | 'phish_prone_percentage' | 'current_risk_score' | 'joined_on'>
>;

/** These follow from other changes. */
const derived: ReadonlySet<string> = new Set([
  'id',
  'groups',
  'status',
  'archived_at',
  'phish_prone_percentage',
  'current_risk_score',
  'joined_on',
] satisfies (keyof User)[]);

/** The control API takes what it is sent: an id set by hand would put the list out of order. */
function checkFields(user: User, fields: UserFields): void {
  for (const field of Object.keys(fields)) {
    if (field in user && !derived.has(field)) continue;
    throw new ForeknowError('invalid_request', { detail: `The field "${field}" of a user cannot be set.`, field });
  }
}

/** What people do to a world. `at` is when; every kind is noted in the log. */
export type HandMade =
  | { kind: 'change-user'; user: number; fields: UserFields }
  | { kind: 'archive-user'; user: number }
  | { kind: 'restore-user'; user: number }
  | { kind: 'delete-user'; user: number }
  | { kind: 'add-user'; fields?: UserFields /** Take a free place near the front of the list. */; early?: boolean }
  | { kind: 'add-member'; group: number; user: number }
  | { kind: 'remove-member'; group: number; user: number }
  | { kind: 'add-group'; name: string }
  | { kind: 'rename-group'; group: number; name: string }
  | { kind: 'archive-group'; group: number }
  | { kind: 'restore-group'; group: number }
  | { kind: 'delete-group'; group: number }
  /** Sends the next test of a phishing campaign; default the first campaign. */
  | { kind: 'add-test'; campaign?: number }
  | { kind: 'delete-test'; test: number }
  /** A phishing campaign with its tests. */
  | { kind: 'delete-campaign'; campaign: number }
  /** Opens a training campaign for everybody; default 30 days. */
  | { kind: 'add-training'; name: string; days?: number }
  /** A training campaign with its enrollments. */
  | { kind: 'delete-training'; campaign: number }
  | { kind: 'complete-enrollment'; enrollment: number }
  | { kind: 'delete-enrollment'; enrollment: number }
  | { kind: 'recipient'; test: number; recipient: number; event: Exclude<RecipientEvent, 'scheduled_at'> };

const FOREVER = Number.MAX_SAFE_INTEGER;

const missing = (what: string, id: number): ForeknowError =>
  new ForeknowError('not_found', { detail: `The emulated account has no ${what} ${id}.` });

/**
 * Makes one change.
 * @returns the id of the record it was made to
 * @throws ForeknowError `not_found` when there is no such record, `invalid_request` for an unknown kind
 */
export function applyChange(world: World, change: HandMade, at: number): number {
  switch (change.kind) {
    case 'add-user':
      return addUser(world, change.fields ?? {}, change.early ?? false, at);
    case 'change-user':
      return changeUser(world, personById(world, change.user), change.fields, at);
    case 'archive-user':
      return archive(world, personById(world, change.user), at);
    case 'restore-user':
      return restore(world, personById(world, change.user), at);
    case 'delete-user':
      return remove(world, personById(world, change.user), at);
    case 'add-member':
    case 'remove-member':
      return changeMember(world, change, at);
    case 'add-group':
      return addConsoleGroup(world, change.name, at);
    case 'delete-group':
      return deleteGroup(world, change.group, at);
    case 'add-test':
      return addTestByHand(world, change.campaign, at);
    case 'delete-test':
      return deleteTestByHand(world, change.test, at);
    case 'add-training':
      return openTraining(world, change.name, at, change.days ?? 30).campaign.campaign_id;
    case 'rename-group':
      return changeGroup(world, change.group, 'name', change.name, at);
    case 'archive-group':
      return changeGroup(world, change.group, 'status', 'archived', at);
    case 'restore-group':
      return changeGroup(world, change.group, 'status', 'active', at);
    case 'complete-enrollment':
      completeByHand(world, enrollmentPlace(world, change.enrollment), at);
      return change.enrollment;
    case 'delete-enrollment':
      removeEnrollment(world, enrollmentPlace(world, change.enrollment), at);
      return change.enrollment;
    case 'delete-campaign':
      return deleteCampaignByHand(world, change.campaign, at);
    case 'delete-training':
      return deleteTrainingByHand(world, change.campaign, at);
    case 'recipient':
      return changeRecipient(world, change, at);
    default:
      throw new ForeknowError('invalid_request', { detail: 'The emulator knows no such change.', field: 'kind' });
  }
}

/** Makes one change outside of any step, a moment after the one before. Returns and throws as `applyChange`. */
export function changeByHand(world: World, change: HandMade): number {
  const id = applyChange(world, change, nextByHand(world));
  settle(world);
  return id;
}

/** Binary search: people are in order of their ids. */
export function findPerson(world: World, id: number): Person | undefined {
  let low = 0;
  let high = world.people.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const person = world.people[middle]!;
    if (person.user.id === id) return person.hidden ? undefined : person;
    if (person.user.id < id) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function personById(world: World, id: number): Person {
  const person = findPerson(world, id);
  if (!person) throw missing('user', id);
  return person;
}

function addUser(world: World, fields: UserFields, early: boolean, at: number): number {
  checkFields(world.people[0]!.user, fields);
  const spare = early ? world.people.find((person) => person.hidden && person.away.length === 0) : undefined;
  const person = spare ?? addPerson(world, at, fields);
  if (spare) {
    Object.assign(spare.user, fields, { joined_on: instant(at), last_sign_in: null });
    spare.hidden = false;
    spare.away = [0, at];
  }
  settleIn(world, person, at);
  enrollNewcomer(world, person, at);
  return person.user.id;
}

function settleIn(world: World, person: Person, at: number): void {
  person.user.current_risk_score = scoreOn(world, person, Math.floor(at / DAY));
  note(world, { at: instant(at), stream: 'users', id: String(person.user.id), kind: 'created' });
  joinGroups(world, person, at);
}

/** What nobody has said of a new person. */
const unsaid = {
  employee_number: null,
  first_name: null,
  last_name: null,
  job_title: null,
  phone_number: null,
  extension: null,
  mobile_phone_number: null,
  location: null,
  division: null,
  manager_name: null,
  manager_email: null,
  aliases: [],
  last_sign_in: null,
  organization: null,
  department: null,
  language: null,
  comment: null,
  employee_start_date: null,
  custom_field_1: null,
  custom_field_2: null,
  custom_field_3: null,
  custom_field_4: null,
  custom_date_1: null,
  custom_date_2: null,
} satisfies UserFields;

/** Adds a person of whom nothing is known but these fields, not yet enrolled in anything. */
export function admit(world: World, fields: UserFields & { readonly email: string }, at: number): Person {
  const local = fields.email.toLowerCase().split('@')[0]!;
  world.addresses.set(local, (world.addresses.get(local) ?? 0) + 1);
  const person = addPerson(world, at, { ...unsaid, ...fields, aliases: [], manual: [] });
  settleIn(world, person, at);
  return person;
}

export function changeUser(world: World, person: Person, fields: UserFields, at: number): number {
  const changed: Record<string, readonly [unknown, unknown]> = {};
  const { user } = person;
  checkFields(user, fields);
  for (const [name, value] of Object.entries(fields) as [keyof UserFields, never][]) {
    if (user[name] === value) continue;
    changed[name] = [user[name], value];
    user[name] = value;
  }
  if (Object.keys(changed).length === 0) return user.id;
  note(world, { at: instant(at), stream: 'users', id: String(user.id), kind: 'changed', changed });
  joinGroups(world, person, at);
  if (isActive(person)) enrollNewcomer(world, person, at);
  return user.id;
}

function archive(world: World, person: Person, at: number): number {
  const { user } = person;
  if (user.status === 'archived') return user.id;
  count(world, user.groups, -1);
  user.status = 'archived';
  user.archived_at = instant(at);
  person.away.push(at, FOREVER);
  note(world, { at: instant(at), stream: 'users', id: String(user.id), kind: 'archived' });
  return user.id;
}

function restore(world: World, person: Person, at: number): number {
  if (person.user.status === 'active') return person.user.id;
  bringBack(world, person, at);
  enrollNewcomer(world, person, at, true);
  return person.user.id;
}

/** Makes an archived person active again, not yet enrolled in what takes those who come back. */
export function bringBack(world: World, person: Person, at: number): void {
  const { user } = person;
  user.status = 'active';
  user.archived_at = null;
  person.away[person.away.length - 1] = at;
  count(world, user.groups, 1);
  note(world, { at: instant(at), stream: 'users', id: String(user.id), kind: 'restored' });
  joinGroups(world, person, at);
}

function remove(world: World, person: Person, at: number): number {
  if (isActive(person)) {
    count(world, person.user.groups, -1);
    person.away.push(at, FOREVER);
  }
  person.hidden = true;
  note(world, { at: instant(at), stream: 'users', id: String(person.user.id), kind: 'deleted' });
  removeEnrollments(world, person.index, at);
  return person.user.id;
}

function changeMember(world: World, change: HandMade & { kind: 'add-member' | 'remove-member' }, at: number): number {
  const person = personById(world, change.user);
  if (!groupById(world, change.group)) throw missing('group', change.group);
  const others = person.manual.filter((id) => id !== change.group);
  person.manual = change.kind === 'add-member' ? [...others, change.group] : others;
  joinGroups(world, person, at);
  if (isActive(person)) enrollNewcomer(world, person, at);
  return person.user.id;
}

function changeGroup(world: World, id: number, field: 'name' | 'status', value: string, at: number): number {
  const state = groupById(world, id);
  if (!state) throw missing('group', id);
  const before = state.group[field];
  if (before === value) return id;
  Object.assign(state.group, { [field]: value });
  const kind = field === 'name' ? 'changed' : value === 'archived' ? 'archived' : 'restored';
  const changed = { [field]: [before, value] as const };
  note(world, { at: instant(at), stream: 'groups', id: String(id), kind, changed });
  return id;
}

function addConsoleGroup(world: World, name: string, at: number): number {
  const id = addGroup(world, { name, type: 'console_group', rule: null, status: 'active' });
  note(world, { at: instant(at), stream: 'groups', id: String(id), kind: 'created' });
  return id;
}

/** Everybody leaves the group, archived people too. */
function deleteGroup(world: World, id: number, at: number): number {
  const state = groupById(world, id);
  if (!state) throw missing('group', id);
  state.isDeleted = true;
  note(world, { at: instant(at), stream: 'groups', id: String(id), kind: 'deleted' });
  for (const person of world.people) {
    const { user } = person;
    person.manual = person.manual.filter((one) => one !== id);
    if (!user.groups.includes(id)) continue;
    user.groups = user.groups.filter((one) => one !== id);
    if (!person.hidden) {
      note(world, { at: instant(at), stream: 'users', id: String(user.id), kind: 'member_removed', group_id: id });
    }
  }
  return id;
}

function addTestByHand(world: World, campaign: number | undefined, at: number): number {
  const parent = world.phishing.find(
    (one) => !one.isDeleted && (campaign === undefined || one.campaign.campaign_id === campaign),
  );
  if (!parent) throw missing('phishing campaign', campaign ?? 0);
  return sendTest(world, parent, at, at).id;
}

function deleteTestByHand(world: World, id: number, at: number): number {
  const state = testById(world, id);
  if (!state) throw missing('test', id);
  deleteTest(world, state, at);
  return id;
}

const testById = (world: World, id: number) => world.tests.find((one) => one.id === id && !one.isDeleted);

function enrollmentPlace(world: World, id: number): number {
  const place = id - FIRST_ENROLLMENT;
  if (!(place >= 0 && place < world.enrollments.count) || world.enrollments.removed[place] === 1) {
    throw missing('enrollment', id);
  }
  return place;
}

function deleteCampaignByHand(world: World, id: number, at: number): number {
  const state = world.phishing.find((one) => one.campaign.campaign_id === id && !one.isDeleted);
  if (!state) throw missing('phishing campaign', id);
  deleteCampaign(world, state, at);
  return id;
}

function deleteTrainingByHand(world: World, id: number, at: number): number {
  const state = world.training.find((one) => one.campaign.campaign_id === id && !one.isDeleted);
  if (!state) throw missing('training campaign', id);
  deleteTraining(world, state, at);
  return id;
}

function changeRecipient(world: World, change: HandMade & { kind: 'recipient' }, at: number): number {
  const state = testById(world, change.test);
  const place = change.recipient - FIRST_RECIPIENT;
  if (!state || !(place >= 0 && place < state.members.length)) throw missing('recipient', change.recipient);
  happenByHand(world, state, place, change.event, at);
  return change.recipient;
}
