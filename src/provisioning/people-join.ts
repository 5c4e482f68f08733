import { type Identified, identify } from './identify.ts';
import { departureOf } from './leaving.ts';
import type { Work } from './work.ts';

/** Everybody of the sources with the account that is theirs. */
export function joinPeople({ input, index, today }: Work): readonly Identified[] {
  const { settings } = input.rules;
  const reads = { sources: input.sources, absentReads: settings.leavers.absentReads };
  return identify({
    connectionId: input.connection.id,
    people: input.evaluation.people,
    index,
    links: input.links,
    workItems: input.workItems,
    settings,
    isLeaving: (person) => departureOf(person, reads, today) !== null,
  });
}
