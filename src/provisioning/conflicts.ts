import type { SourceRef } from '../model/source-person.ts';
import type { EvaluatedPerson } from '../rules/rule-set.ts';
import { digestOf } from './digest.ts';
import type { StepPerson } from './plan.ts';
import type { WorkItem } from './state.ts';
import type { TargetUser } from './target.ts';

/** Something that only a person can decide, about one person of the sources. */
export type Conflict = {
  readonly kind: WorkItem['kind'];
  readonly about: EvaluatedPerson;
  readonly text: string;
  readonly users: readonly TargetUser[];
  readonly people: readonly EvaluatedPerson[];
  /** The account that was linked and is not there any more. */
  readonly gone: string | null;
};

/** So that one person has one item, whatever it is about. */
const aboutOf = ({ about }: Conflict): string => `person:${about.person.key}`;

/** What tells people apart; when it changes, a decision is asked for again. */
const sourceRecord = ({ person, keys, fields }: EvaluatedPerson) => ({
  key: person.key,
  name: nameOf(fields.first_name, fields.last_name),
  email: keys.email,
  employee_number: keys.employeeNumber,
  guid: keys.guid,
  aliases: keys.aliases,
});

const targetRecord = ({ id, status, fields, provisioningGuid, aliases }: TargetUser) => ({
  user_id: id,
  status,
  name: nameOf(fields.first_name, fields.last_name),
  email: fields.email ?? null,
  employee_number: fields.employee_number ?? null,
  guid: provisioningGuid,
  aliases,
});

/** Whether no source shows them: said with the record, and no part of what is decided, for it changes with every read. */
const isShown = ({ person }: EvaluatedPerson): boolean =>
  person.refs.some(({ source }) => person.absent[source] === undefined);

const recordsOf = ({ people, users, gone }: Conflict): readonly Readonly<Record<string, unknown>>[] => [
  ...people.map(sourceRecord),
  ...users.map(targetRecord),
  ...(gone === null ? [] : [{ user_id: gone, status: 'gone' }]),
];

const digestOfConflict = (conflict: Conflict): string => digestOf([conflict.kind, recordsOf(conflict)]);

/** What was decided about just this; null when nothing was, or when one of the records has changed since. */
export function decisionAbout(conflict: Conflict, decided: ReadonlyMap<string, WorkItem>): WorkItem['decision'] {
  const item = decided.get(aboutOf(conflict));
  return item?.state === 'decided' && item.digest === digestOfConflict(conflict) ? item.decision : null;
}

/** By the key of the person that a record of a source is, or belongs to. */
type ByRef = ReadonlyMap<string, EvaluatedPerson>;
const refName = ({ source, sourceId }: SourceRef): string => `${source}\n${sourceId}`;
export const peopleByRef = (people: readonly EvaluatedPerson[]): ByRef =>
  new Map(people.flatMap((one) => one.person.refs.map((ref) => [refName(ref), one] as const)));

/** Records of the sources of which nobody can say whose they are; null when theirs are not among them. */
export function joinConflictOf(evaluated: EvaluatedPerson, byRef: ByRef): Conflict | null {
  const { joinConflict, joinRivals = [] } = evaluated.person;
  if (joinConflict === undefined) return null;
  const others = new Set(joinRivals.flatMap((ref) => byRef.get(refName(ref)) ?? []));
  others.delete(evaluated);
  return {
    ...{ kind: 'join', about: evaluated, text: joinConflict, users: [], gone: null },
    people: [evaluated, ...others],
  };
}

/** Records that a person has decided to leave out, while all that meet there are as they were then. The others are joined without them. */
export function leftOutRecords(
  people: readonly EvaluatedPerson[],
  workItems: readonly WorkItem[],
): readonly EvaluatedPerson[] {
  const ignored = new Map(
    workItems.filter(({ decision }) => decision?.choice === 'ignore').map((item) => [item.about, item]),
  );
  const byRef = peopleByRef(people);
  return people.filter((evaluated) => {
    const conflict = joinConflictOf(evaluated, byRef);
    return conflict !== null && decisionAbout(conflict, ignored) !== null;
  });
}

/** The conflict as it is kept for somebody to decide. */
export function workItem(conflict: Conflict, connectionId: string, now: Date): WorkItem {
  const about = aboutOf(conflict);
  return {
    id: `wi_${digestOf([connectionId, about]).slice('sha256:'.length, 'sha256:'.length + 16)}`,
    connectionId,
    kind: conflict.kind,
    about,
    records: recordsOf(conflict).map((record, at) => {
      const one = conflict.people[at];
      return one === undefined ? record : { ...record, shown: isShown(one) };
    }),
    digest: digestOfConflict(conflict),
    state: 'open',
    decision: null,
    openedAt: now.toISOString(),
  };
}

const nameOf = (first: string | null | undefined, last: string | null | undefined): string =>
  [first, last].filter(Boolean).join(' ').trim();

/** A person of the sources as steps name them, with their account when there is one. */
export function stepPerson(evaluated: EvaluatedPerson, user: TargetUser | null): StepPerson {
  const { fields, person } = evaluated;
  const email = user?.fields.email ?? fields.email ?? evaluated.keys.email;
  const name =
    nameOf(fields.first_name, fields.last_name) || (user ? nameOf(user.fields.first_name, user.fields.last_name) : '');
  return {
    source: person.refs[0] ?? null,
    key: person.key,
    userId: user?.id ?? null,
    name: name || email || person.key,
    email: email ?? null,
  };
}

/** An account that no source knows. */
export const accountPerson = (user: TargetUser): StepPerson => ({
  source: null,
  key: null,
  userId: user.id,
  name: nameOf(user.fields.first_name, user.fields.last_name) || user.fields.email || user.id,
  email: user.fields.email ?? null,
});
