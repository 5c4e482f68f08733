import { accountPerson, stepPerson } from './conflicts.ts';
import { sameValue, textOf } from './fields.ts';
import { isInDomains, type Ready } from './people.ts';
import type { TargetUser } from './target.ts';
import { emailOf } from './target-index.ts';
import { item, type Work } from './work.ts';

/** A change of address that may be made. `after`: the account that has to give the address up first. */
export type Move = {
  readonly ready: Ready;
  readonly user: TargetUser;
  readonly to: string;
  readonly after: string | null;
};

/** Changes of address that may be made, by user id. The others are listed among the items. */
export function settleMoves(work: Work, people: readonly Ready[]): ReadonlyMap<string, Move> {
  const moves = new Map<string, Move>();
  for (const ready of people) {
    const move = wanted(work, ready);
    if (move !== null) moves.set(move.user.id, move);
  }
  dropTaken(work, moves);
  const circling = [...moves.values()].filter((move) => isCircling(move, moves));
  for (const move of circling) {
    moves.delete(move.user.id);
    hold(work, move, 'address_cycle', `${move.to} is passed round in a circle: somebody needs a third address first`);
  }
  if (circling.length > 0) dropTaken(work, moves);
  return moves;
}

/** A change of address that the rules ask for, when this account and this road allow it. */
function wanted(work: Work, ready: Ready): Move | null {
  const { user, one } = ready;
  const to = textOf(one.evaluated.fields.email);
  if (user === null || to === null || sameValue('email', to, user.fields.email)) return null;
  const move = { ready, user, to, after: null };
  const { renames } = work.input.state;
  if (renames.state === 'unknown') {
    hold(
      work,
      move,
      'renames_unknown',
      `${to}: nobody has tried yet whether a change of address keeps the account here`,
    );
  } else if (renames.state === 'duplicate') {
    hold(
      work,
      move,
      'renames_duplicate',
      `${to}: a change of address by SCIM makes a second account here; change it in the console first`,
    );
  } else if (!isInDomains(work, to)) {
    hold(work, move, 'domain', `${to} is outside the account’s domains`);
  } else return move;
  return null;
}

const hold = (work: Work, { ready, user }: Move, reason: string, text: string): void =>
  void work.items.push(item('held', reason, text, { person: stepPerson(ready.one.evaluated, user) }));

/** Takes out moves to an address that somebody keeps, again and again: who cannot move keeps theirs. */
function dropTaken(work: Work, moves: Map<string, Move>): void {
  let isStable = false;
  while (!isStable) {
    isStable = true;
    for (const move of [...moves.values()]) {
      const holders = holdersOf(work, move.to, move.user.id);
      const keeping = holders.filter(({ id }) => !moves.has(id));
      if (keeping.length > 0 || holders.length > 1) {
        moves.delete(move.user.id);
        taken(work, move, keeping.length > 0 ? keeping : holders);
        isStable = false;
      } else if (move.after !== (holders[0]?.id ?? null)) {
        moves.set(move.user.id, { ...move, after: holders[0]?.id ?? null });
      }
    }
  }
}

function taken(work: Work, { ready, user, to }: Move, holders: readonly TargetUser[]): void {
  const person = stepPerson(ready.one.evaluated, user);
  const text = `${to} belongs to another account, so the address stays ${user.fields.email ?? 'empty'}`;
  work.items.push(item('conflict', 'address_taken', text, { person, others: holders.map(accountPerson) }));
}

/** Other accounts, archived ones too, with this address or alias. */
export function holdersOf(work: Work, email: string, exceptId: string | null): readonly TargetUser[] {
  const all = new Set([...work.index.usersByEmail(email), ...work.index.usersByAlias(email)]);
  return [...all].filter(({ id }) => id !== exceptId);
}

function isCircling(move: Move, moves: ReadonlyMap<string, Move>): boolean {
  let at = move.after;
  const seen = new Set<string>();
  while (at !== null && !seen.has(at)) {
    if (at === move.user.id) return true;
    seen.add(at);
    at = moves.get(at)?.after ?? null;
  }
  return false;
}

/** How many moves have to come before it. */
export function depthOf(move: Move, moves: ReadonlyMap<string, Move>): number {
  let depth = 0;
  let at = move.after;
  while (at !== null && depth <= moves.size) {
    depth += 1;
    at = moves.get(at)?.after ?? null;
  }
  return depth;
}

/** New people whose address is free; the others are listed. An address that this plan frees is only free once KnowBe4 shows it. */
export function withFreeAddresses(
  work: Work,
  people: readonly Ready[],
  moves: ReadonlyMap<string, Move>,
): readonly Ready[] {
  return people.filter(({ one, user, entry }) => {
    if (user !== null || entry === null) return true;
    const holders = holdersOf(work, textOf(one.evaluated.fields.email)!, null);
    if (holders.length === 0) return true;
    const email = textOf(one.evaluated.fields.email)!;
    const isFreed = holders.every(
      ({ id }) => emailOf(work.index.users.get(id)!) === email.toLowerCase() && moves.has(id),
    );
    const others = holders.map(accountPerson);
    const about = { person: entry.person, others };
    work.items.push(
      isFreed
        ? item('held', 'address_in_use', `${email} is freed by this plan; created when KnowBe4 shows that`, about)
        : item('conflict', 'address_taken', `${email} belongs to another account`, about),
    );
    return false;
  });
}
