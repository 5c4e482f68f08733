import { admit, applyChange, bringBack, changeUser, type UserFields } from '../world/mutate.ts';
import { isActive, type Person } from '../world/state.ts';
import { fieldsOf, isActiveUser, managerIdOf } from './fields.ts';
import type { ReportRow } from './report.ts';
import type { Stored } from './shelf.ts';
import { link, unlink } from './state.ts';
import { noteAddress, type SyncRun } from './sync-run.ts';

/** Brings the accounts up to the users of the store, one by one, and archives whom the store does not hold. */
export function syncUsers(run: SyncRun): void {
  for (const stored of run.scim.users.all()) {
    if (isSettled(run, stored)) hold(run, stored, run.world.people[run.scim.personOf.get(stored.id)!]!);
    else syncUser(run, stored);
  }
  archiveOthers(run);
}

/** Nothing has moved since the account and the user were the same. */
function isSettled({ scim, world }: SyncRun, stored: Stored): boolean {
  if (!stored.settled) return false;
  const index = scim.personOf.get(stored.id);
  if (index === undefined || world.people[index]!.hidden) return false;
  const manager = managerIdOf(stored.resource);
  return manager === null || (scim.users.get(manager)?.settled ?? false);
}

function syncUser(run: SyncRun, stored: Stored): void {
  const fields = fieldsOf(stored.resource, run.managers, run.switches.scimDisplayNameIsManager);
  const index = run.scim.personOf.get(stored.id);
  const linked = index === undefined ? undefined : run.world.people[index];
  if (linked && !linked.hidden && !splits(run, linked, fields)) {
    syncLinked(run, stored, linked, fields);
    return;
  }
  if (linked && !linked.hidden) archive(run, linked);
  if (linked && !run.dry) unlink(run.scim, stored.id);
  const holder = holderOf(run, fields);
  if (holder) claim(run, stored, holder, fields);
  else if (isActiveUser(stored.resource)) create(run, stored, fields);
}

/** Whether another name makes a second account. */
const splits = ({ switches }: SyncRun, { user }: Person, { email }: UserFields): boolean =>
  switches.scimRenameById === 'duplicate' && user.email.toLowerCase() !== email!.toLowerCase();

/** Who has the address and is nobody's in the store: an active person before an archived one. */
function holderOf(run: SyncRun, { email }: UserFields): Person | undefined {
  const holders = (run.byAddress.get(email!.toLowerCase()) ?? []).filter(
    ({ index, hidden, user }) => !hidden && !isOwned(run, index) && user.email.toLowerCase() === email!.toLowerCase(),
  );
  return holders.find(isActive) ?? holders[0];
}

const isOwned = ({ scim, held }: SyncRun, index: number): boolean => scim.idOf.has(index) || held.has(index);

function hold(run: SyncRun, stored: Stored, person: Person): void {
  run.accounts.set(stored.id, person.index);
  run.held.add(person.index);
}

function syncLinked(run: SyncRun, stored: Stored, person: Person, wanted: UserFields): void {
  hold(run, stored, person);
  if (isActiveUser(stored.resource)) restore(run, stored, person);
  else archive(run, person);
  const taken = isTaken(run, person, wanted);
  if (taken) fail(run, stored, 'CHANGED', person.user.email, 'Email has already been taken');
  const { email, ...rest } = wanted;
  const fields = { ...(taken ? rest : wanted), ...ownership(run, stored) };
  if (!differs(person, fields)) return;
  tell(run, 'CHANGED', person.user.email, { manager: wanted.manager_email ?? null });
  change(run, person, fields);
}

/** Somebody whom the store does not know has the address. */
function isTaken(run: SyncRun, person: Person, fields: UserFields): boolean {
  if (person.user.email.toLowerCase() === fields.email!.toLowerCase()) return false;
  return holderOf(run, fields) !== undefined;
}

const differs = ({ user }: Person, fields: UserFields): boolean =>
  Object.entries(fields).some(([name, value]) => user[name as keyof UserFields] !== value);

/** That the account is managed, and by what it is known. */
function ownership({ switches }: SyncRun, { id, resource }: Stored): UserFields {
  const external = typeof resource.externalId === 'string' ? resource.externalId : null;
  return {
    provisioning_managed: true,
    provisioning_guid: switches.scimProvisioningGuid === 'id' ? id : external,
  };
}

function change(run: SyncRun, person: Person, fields: UserFields): void {
  if (run.dry) return;
  changeUser(run.world, person, fields, run.at);
  noteAddress(run.byAddress, person);
  run.touched.add(person);
}

/** The account is SCIM's from now on: its aliases are gone, and what the store does not say is blank. */
function claim(run: SyncRun, stored: Stored, person: Person, fields: UserFields): void {
  const isWanted = isActiveUser(stored.resource);
  const { email } = person.user;
  if (!isActive(person) && isWanted && !run.switches.scimRestoreByPost) {
    fail(run, stored, 'UNARCHIVED', email, 'Email has already been taken by an archived user');
    return;
  }
  hold(run, stored, person);
  run.fresh.add(stored.id);
  tell(run, 'CLAIMED', email, { manager: fields.manager_email ?? null });
  if (!run.dry) {
    link(run.scim, stored.id, person.index);
    run.scim.exempt.delete(person.index);
  }
  if (isWanted) restore(run, stored, person);
  else archive(run, person);
  const aliases = person.user.aliases.length > 0 ? { aliases: [] } : {};
  change(run, person, { ...fields, ...ownership(run, stored), ...aliases });
}

function create(run: SyncRun, stored: Stored, fields: UserFields): void {
  const email = fields.email!;
  if (run.seats <= 0) {
    fail(run, stored, 'CREATED', email, 'No seats left');
    return;
  }
  run.seats -= 1;
  run.fresh.add(stored.id);
  tell(run, 'CREATED', email, { manager: fields.manager_email ?? null });
  if (run.dry) {
    run.accounts.set(stored.id, 'new');
    return;
  }
  const person = admit(run.world, { ...fields, email, ...ownership(run, stored) }, run.at);
  link(run.scim, stored.id, person.index);
  hold(run, stored, person);
  noteAddress(run.byAddress, person);
  run.touched.add(person);
}

function restore(run: SyncRun, stored: Stored, person: Person): void {
  if (isActive(person)) return;
  if (run.seats <= 0) {
    fail(run, stored, 'UNARCHIVED', person.user.email, 'No seats left');
    return;
  }
  run.seats -= 1;
  tell(run, 'UNARCHIVED', person.user.email);
  if (run.dry) return;
  bringBack(run.world, person, run.at);
  run.back.add(person);
  run.touched.add(person);
}

function archive(run: SyncRun, person: Person): void {
  if (!isActive(person)) return;
  tell(run, 'ARCHIVED', person.user.email, { guid: person.user.provisioning_guid });
  if (!run.dry) applyChange(run.world, { kind: 'archive-user', user: person.user.id }, run.at);
}

/** Whose entry was deleted, and with the authority on everybody else whom the store does not hold and nobody has exempted. */
function archiveOthers(run: SyncRun): void {
  const { scim, switches, held, world } = run;
  for (const person of world.people) {
    if (held.has(person.index) || !isActive(person)) continue;
    const isDropped = scim.dropped.users.has(person.index);
    if (isDropped || (switches.scimAuthoritativeArchive && !scim.exempt.has(person.index))) archive(run, person);
  }
}

function tell(run: SyncRun, action: ReportRow['action'], email: string, more: Partial<ReportRow> = {}): void {
  run.rows.push({ type: 'USER', action, email, ...more });
}

function fail(run: SyncRun, stored: Stored, action: ReportRow['action'], email: string, error: string): void {
  run.failed.add(stored);
  tell(run, action, email, { error });
}
