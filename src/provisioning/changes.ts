import type { ManagedField } from '../model/managed-field.ts';
import { depthOf, type Move } from './addresses.ts';
import { stepPerson } from './conflicts.ts';
import { fieldChanges, sameValue, textOf } from './fields.ts';
import { type Ready, reasons } from './people.ts';
import type { TargetUser } from './target.ts';
import { emailOf } from './target-index.ts';
import { type Draft, draft, isProtected, item, refuse, type Work } from './work.ts';

/** Fields of those who are there, and managers of everybody in a second pass. `claims`: the step that takes an account over first. */
export function changeFields(
  work: Work,
  people: readonly Ready[],
  moves: ReadonlyMap<string, Move>,
  claims: ReadonlyMap<string, Draft>,
): void {
  const uncarried = new Map<ManagedField, number>();
  const updates = new Map<string, Draft>();
  // Addresses are freed before they are taken, so the step that frees is known before the one that needs it.
  const inOrder = people.toSorted((one, other) => depth(one, moves) - depth(other, moves));
  for (const ready of inOrder) {
    const { user, one, entry } = ready;
    if (entry !== null) work.drafts.push(entry);
    if (user === null) continue;
    const all = fieldChanges(one.evaluated.fields, user.fields).filter(({ name }) => name !== 'manager_email');
    const isMoving = mayMove(work, ready, moves.get(user.id), updates);
    const able = all.filter(({ name }) => work.input.carries.has(name) && (name !== 'email' || isMoving));
    for (const { name } of all) if (!work.input.carries.has(name)) uncarried.set(name, (uncarried.get(name) ?? 0) + 1);
    if (able.length === 0) continue;
    const person = stepPerson(one.evaluated, user);
    if (isProtected(work, user.fields.email, one.evaluated.keys.email)) {
      refuse(work, person);
      continue;
    }
    const move = isMoving ? moves.get(user.id) : undefined;
    const needs = [entry, claims.get(user.id), move?.after ? updates.get(move.after) : null].filter(
      (need) => need != null,
    );
    const update = draft('update', {
      person,
      situation: one.situation === 'conflict' ? null : one.situation,
      matchedOn: one.matchedOn,
      fields: able,
      because: reasons(one.evaluated, able),
      needs,
      depth: move ? depthOf(move, moves) : 0,
    });
    updates.set(user.id, update);
    work.drafts.push(update);
  }
  sayUncarried(work, uncarried);
  setManagers(work, people, { updates, claims });
}

/** Whoever has the address now must give it up by this very plan: they may be held for another reason. */
function mayMove(
  work: Work,
  { one, user }: Ready,
  move: Move | undefined,
  updates: ReadonlyMap<string, Draft>,
): boolean {
  if (move === undefined || move.after === null) return move !== undefined;
  if (updates.get(move.after)?.fields.some(({ name }) => name === 'email')) return true;
  const person = stepPerson(one.evaluated, user);
  work.items.push(
    item('held', 'address_in_use', `${move.to} is not given up yet by the account that has it`, { person }),
  );
  return false;
}

const depth = ({ user }: Ready, moves: ReadonlyMap<string, Move>): number => {
  const move = user && moves.get(user.id);
  return move ? depthOf(move, moves) : 0;
};

/** One line a field, not one a person: nothing can be done about it here. */
function sayUncarried(work: Work, uncarried: ReadonlyMap<ManagedField, number>): void {
  for (const [field, count] of uncarried) {
    const text = `SCIM does not carry ${field}: for ${count} people it differs; set it in the console or by a CSV import`;
    work.items.push(item('held', 'road', text, {}));
  }
}

type Made = { readonly updates: ReadonlyMap<string, Draft>; readonly claims: ReadonlyMap<string, Draft> };

function setManagers(work: Work, people: readonly Ready[], made: Made): void {
  if (!work.input.carries.has('manager_email')) return;
  const byWantedEmail = new Map<string, Ready>();
  for (const ready of people) {
    const email = textOf(ready.one.evaluated.fields.email)?.toLowerCase();
    if (email !== undefined) byWantedEmail.set(email, ready);
  }
  for (const ready of people) {
    const wanted = ready.one.evaluated.fields.manager_email;
    if (wanted === undefined || sameValue('manager_email', wanted, ready.user?.fields.manager_email)) continue;
    setManager(work, ready, textOf(wanted), byWantedEmail, made);
  }
}

function setManager(
  work: Work,
  ready: Ready,
  wanted: string | null,
  byWantedEmail: ReadonlyMap<string, Ready>,
  { updates, claims }: Made,
): void {
  const { one, user, entry } = ready;
  const manager = wanted === null ? null : managerOf(work, wanted, byWantedEmail, { updates, claims });
  // The manager's own address is held: what is there already names them.
  if (
    manager !== null &&
    manager.email !== null &&
    sameValue('manager_email', manager.email, user?.fields.manager_email)
  )
    return;
  const person = entry?.person ?? stepPerson(one.evaluated, user);
  if (isProtected(work, user?.fields.email, one.evaluated.keys.email)) {
    refuse(work, person);
    return;
  }
  if (wanted !== null && manager === null) {
    work.items.push(
      item('held', 'manager', `Their manager ${wanted} has no active account at KnowBe4 that SCIM could name`, {
        person,
      }),
    );
    return;
  }
  const own = user === null ? [entry] : [entry, claims.get(user.id), updates.get(user.id)];
  const needs = [...own, ...(manager?.needs ?? [])].filter((need) => need != null);
  const fields = [
    { name: 'manager_email' as const, from: user?.fields.manager_email ?? null, to: manager?.email ?? null },
  ];
  work.drafts.push(
    draft('manager', {
      person,
      situation: one.situation === 'conflict' ? null : one.situation,
      matchedOn: one.matchedOn,
      fields,
      because: reasons(one.evaluated, fields),
      needs,
    }),
  );
}

type Manager = { readonly email: string | null; readonly needs: readonly Draft[] };

/** The active account that the address means after this plan: by who is to have it, else by who has it. */
function managerOf(
  work: Work,
  wanted: string,
  byWantedEmail: ReadonlyMap<string, Ready>,
  { updates, claims }: Made,
): Manager | null {
  const ready = byWantedEmail.get(wanted.toLowerCase());
  if (ready !== undefined) {
    const { user, entry } = ready;
    if (user === null) return { email: wanted, needs: [entry!] };
    const update = updates.get(user.id);
    const isMoving = update?.fields.some(({ name }) => name === 'email') ?? false;
    return {
      email: isMoving ? wanted : emailOf(user),
      needs: [entry, claims.get(user.id), isMoving ? update : null].filter((need) => need != null),
    };
  }
  const there: readonly TargetUser[] = work.index.usersByEmail(wanted).filter(({ status }) => status === 'active');
  const [user] = there;
  // Who is exempt is not in the store, and a manager is named by their user there.
  if (user === undefined || there.length > 1 || work.exempt.has(user.id)) return null;
  return { email: emailOf(user), needs: [claims.get(user.id)].filter((need) => need !== undefined) };
}
