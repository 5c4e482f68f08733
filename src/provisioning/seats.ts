import type { Ready } from './people.ts';
import { activeUsers, item, type Work } from './work.ts';

/**
 * People for whom there is a seat: those who have one, and of new and restored people the ones who begin first. Seats that this plan frees are used by the
 * next one, when KnowBe4 has freed them.
 */
export function withSeats(work: Work, people: readonly Ready[]): readonly Ready[] {
  const { seats } = work.input.target.account;
  const entering = people.filter(({ entry }) => entry !== null);
  if (seats === null || entering.length === 0) return people;
  const free = Math.max(0, seats - activeUsers(work.input.target.users).length);
  if (entering.length <= free) return people;
  const left = new Set(entering.toSorted(byStart).slice(free));
  for (const { entry } of left) {
    const text = `No seat is free: ${seats} are bought, and ${entering.length} people need one`;
    work.items.push(item('held', 'seats', text, { person: entry!.person }));
  }
  return people.filter((ready) => !left.has(ready));
}

/** Who comes back or has begun is first; who has no day of beginning is last. */
function byStart(one: Ready, other: Ready): number {
  const days = [one, other].map(({ one: { evaluated }, user }) => (user ? '' : (evaluated.hiredOn ?? '9999')));
  return days[0]! < days[1]! ? -1 : days[0]! > days[1]! ? 1 : 0;
}
