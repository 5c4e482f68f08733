import type { EvaluatedPerson } from '../rules/rule-set.ts';
import type { SourceBasis } from './plan.ts';

/** How somebody has left. `since` is a day or a time; null when nothing says when. */
export type Departure = {
  readonly situation: 'terminated' | 'gone';
  readonly since: string | null;
  readonly rule: string;
};

/** `here`: a source shows them. `unproven`: none does, and that proves nothing yet. */
export type Presence = 'here' | 'unproven' | 'gone';

type Reads = { readonly sources: readonly SourceBasis[]; readonly absentReads: number };

/**
 * Whether the sources still have somebody. They are gone only when every source that knew them lacks them in enough complete reads in turn, and when the latest
 * read of each of these was complete as well: an unproven, broken or quarantined read says nothing about who is absent.
 */
export function presenceOf({ person }: EvaluatedPerson, { sources, absentReads }: Reads): Presence {
  const isShown = person.refs.some(({ source }) => person.absent[source] === undefined);
  if (isShown || person.refs.length === 0) return 'here';
  const isProven = person.refs.every(({ source }) => {
    const basis = sources.find(({ name }) => name === source);
    return basis?.state === 'complete' && person.absent[source]!.completeReads >= Math.max(1, absentReads);
  });
  return isProven ? 'gone' : 'unproven';
}

/**
 * Why somebody is to lose their account: a rule says that they have left, or they are gone; null for all others. A day of leaving that is still to come
 * does not count yet.
 */
export function departureOf(evaluated: EvaluatedPerson, reads: Reads, today: string): Departure | null {
  const { leaver, person } = evaluated;
  if (leaver !== null && (leaver.since === null || leaver.since.slice(0, 10) <= today)) {
    return { situation: 'terminated', since: leaver.since, rule: leaver.rule };
  }
  if (presenceOf(evaluated, reads) !== 'gone') return null;
  const since = Object.values(person.absent).map((absence) => absence.since);
  return { situation: 'gone', since: since.toSorted().at(-1) ?? null, rule: 'leavers.absent' };
}
