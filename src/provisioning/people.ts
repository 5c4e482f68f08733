import { dayIn, shiftDay } from '../rules/days.ts';
import type { EvaluatedPerson, Settings, Situation } from '../rules/rule-set.ts';
import { stepPerson } from './conflicts.ts';
import { fieldChanges, textOf } from './fields.ts';
import type { Identified } from './identify.ts';
import { type Departure, departureOf, presenceOf } from './leaving.ts';
import type { PlanItem, StepPerson } from './plan.ts';
import type { TargetUser } from './target.ts';
import { countChange, type Draft, draft, exemptItem, isProtected, item, noticedSince, type Work } from './work.ts';

/** Somebody who is to be at KnowBe4: with an account, or with the step that makes or restores one. */
export type Ready = {
  readonly one: Identified;
  readonly user: TargetUser | null;
  readonly entry: Draft | null;
};

/**
 * What becomes of everybody: leavers and restored people get their step, joiners the one that makes them, and whoever is held, unscoped or in conflict is listed.
 * @returns those who are to be there, for their fields and groups
 */
export function sortPeople(work: Work, people: readonly Identified[]): readonly Ready[] {
  const ready: Ready[] = [];
  for (const one of people) {
    const outcome = outcomeOf(work, one);
    if (outcome === 'nothing') continue;
    if ('kind' in outcome) work.items.push(outcome);
    else if ('action' in outcome) work.drafts.push(outcome);
    else ready.push(outcome);
  }
  return ready;
}

type Outcome = PlanItem | Draft | Ready | 'nothing';

function outcomeOf(work: Work, one: Identified): Outcome {
  const { settings } = work.input.rules;
  const { evaluated, user } = one;
  const person = stepPerson(evaluated, user);
  // Before anything else: nobody knows whose values these are, or whether the person is gone.
  if (one.conflict !== null) return conflictItem(one, person);
  if (one.isIgnored) return item('held', 'decision', 'A person decided to leave this as it is', { person });
  if (user !== null && work.exempt.has(user.id)) return exemptItem(person);
  const reads = { sources: work.input.sources, absentReads: settings.leavers.absentReads };
  if (!evaluated.inScope) return unscoped(work, one, person);
  const departure = departureOf(evaluated, reads, work.today);
  if (departure !== null) return departing(work, one, departure, person);
  if (user !== null && settings.situations[one.situation as Situation] === 'ignore') {
    return item('held', 'situation', `The rules leave people alone who are ${one.situation}`, { person });
  }
  if (evaluated.problems.length > 0) return item('held', 'data', evaluated.problems.join('; '), { person });
  if (presenceOf(evaluated, reads) === 'unproven') {
    return item('held', 'source_complete', 'No source shows them, and no complete read has proven that they are gone', {
      person,
    });
  }
  const scimConflict = user && work.scim.conflicts.get(user.id);
  if (scimConflict) return item('conflict', 'scim', scimConflict, { person });
  if (user === null) return joining(work, one, person);
  const missing = blankedNeed(settings, evaluated, user);
  compare(work, evaluated, user);
  if (missing !== null)
    return item('held', 'data', `${missing} is empty in the sources, and filled at KnowBe4`, { person });
  if (user.status === 'active') return { one, user, entry: null };
  return returning(work, one, user, person);
}

const conflictKinds: ReadonlySet<string> = new Set(['ambiguous', 'doubled', 'vanished']);

export function conflictItem({ conflict, evaluated }: Identified, person: StepPerson): PlanItem {
  const { kind, text, users, people } = conflict!;
  const others = [
    ...people.filter((other) => other !== evaluated).map((other) => stepPerson(other, null)),
    ...users.map((user) => ({ ...stepPerson(evaluated, user), source: null, key: null, name: accountName(user) })),
  ];
  return item(conflictKinds.has(kind) ? (kind as PlanItem['kind']) : 'conflict', kind, text, { person, others });
}

/** A record that was left out, so that the others of the person can be joined. */
export const leftOutItem = (record: EvaluatedPerson): PlanItem =>
  item('held', 'decision', 'A person decided to leave this record of the source out', {
    person: stepPerson(record, null),
  });

const accountName = ({ fields, id }: TargetUser): string =>
  [fields.first_name, fields.last_name].filter(Boolean).join(' ') || fields.email || id;

function departing(work: Work, one: Identified, departure: Departure, person: StepPerson): Outcome {
  const { user, matchedOn, evaluated } = one;
  const { leavers, situations } = work.input.rules.settings;
  if (user !== null && isArchivedAtOnce(work, user)) work.noticed.add(leftSince(user));
  if (user === null || user.status === 'archived') return 'nothing';
  if (departure.situation === 'gone' && !isKept(matchedOn)) {
    return item('held', 'gone', 'No source has them any more, and no kept link proves that the account was theirs', {
      person,
    });
  }
  const set = situations[departure.situation];
  if (set === 'hold' || set === 'ignore' || leavers.then === 'hold') {
    return item('held', 'leavers', 'They have left; the rules hold leavers for a person to archive', { person });
  }
  if (isProtected(work, user.fields.email, evaluated.keys.email)) return protectedItem(person);
  const due = shiftDay(leftOn(work, departure, evaluated), leavers.waitDays);
  if (due > work.today) return item('held', 'wait', `They have left; archived from ${due} on`, { person });
  const because = [departure.rule];
  return draft('archive', { person, situation: departure.situation, matchedOn, because });
}

/** Whether a kept pair says that the account is theirs, not only a key that is alike. */
const isKept = (matchedOn: Identified['matchedOn']): boolean => matchedOn === 'link' || matchedOn === 'decision';

function leftOn(work: Work, { since }: Departure, { person }: EvaluatedPerson): string {
  if (since !== null && since.length === 10) return since;
  const { now, timeZone } = work.input;
  const at = since === null ? noticedSince(work, `leaver:${person.key}`) : new Date(since);
  return dayIn(timeZone)(Number.isNaN(at.getTime()) ? now : at);
}

const protectedItem = (person: StepPerson): PlanItem =>
  item('held', 'protected', 'This person is protected: no step touches them', { person });

function unscoped(work: Work, one: Identified, person: StepPerson): Outcome {
  const isThere = one.user?.status === 'active';
  // An account that only looks like theirs was never ours to take away.
  if (!isThere || !isKept(one.matchedOn) || work.input.rules.settings.situations.unscoped !== 'archive') {
    const text = isThere ? 'Out of scope of the rules; their account stays as it is' : 'Out of scope of the rules';
    return item('unscoped', 'scope', text, { person });
  }
  if (isProtected(work, one.user?.fields.email, one.evaluated.keys.email)) return protectedItem(person);
  return draft('archive', { person, situation: 'unscoped', matchedOn: one.matchedOn, because: ['scope'] });
}

function joining(work: Work, one: Identified, person: StepPerson): Outcome {
  const { evaluated } = one;
  const { settings } = work.input.rules;
  const { joiners } = settings;
  if (settings.situations.absent === 'hold') return item('held', 'situation', 'The rules hold new people', { person });
  if (evaluated.hiredOn !== null) {
    const from = shiftDay(evaluated.hiredOn.slice(0, 10), -joiners.leadDays);
    if (from > work.today)
      return item('held', 'lead', `They begin on ${evaluated.hiredOn.slice(0, 10)}; created from ${from} on`, {
        person,
      });
  }
  const missing = ['email' as const, ...joiners.need].filter((field) => textOf(evaluated.fields[field]) === null);
  if (missing.length > 0) {
    const fields = [...new Set(missing)].join(', ');
    return joiners.otherwise === 'skip'
      ? item('held', 'data', `Skipped: without ${fields}`, { person })
      : item('held', 'data', `Held until the sources have ${fields}`, { person });
  }
  const email = textOf(evaluated.fields.email)!;
  if (!isInDomains(work, email)) return item('held', 'domain', `${email} is outside the account’s domains`, { person });
  if (isProtected(work, email)) return protectedItem(person);
  const entry = draft('create', {
    person,
    situation: 'absent',
    matchedOn: one.matchedOn,
    ...carried(work, evaluated),
  });
  return { one, user: null, entry };
}

/** What is sent of a new person at once; the manager follows when everybody is there. */
function carried(work: Work, evaluated: EvaluatedPerson): Pick<Draft, 'fields' | 'because' | 'cannot'> {
  const all = fieldChanges(evaluated.fields, {});
  const fields = all.filter(({ name }) => work.input.carries.has(name) && name !== 'manager_email');
  const left = all.filter(({ name }) => !work.input.carries.has(name));
  return {
    fields,
    because: reasons(evaluated, fields),
    cannot: left.map(({ name }) => `SCIM does not carry ${name}: set it in the console or by a CSV import`),
  };
}

export const reasons = ({ because }: EvaluatedPerson, fields: Draft['fields']): readonly string[] => [
  ...new Set(fields.map(({ name }) => because[name] ?? `map.${name}`)),
];

export const isInDomains = (work: Work, email: string): boolean => {
  const { domains } = work.input.target.account;
  return domains.length === 0 || domains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase());
};

/** A field that must not be empty, is empty in the sources, and is filled at KnowBe4: a broken export would blank it. */
function blankedNeed({ joiners }: Settings, { fields }: EvaluatedPerson, user: TargetUser): string | null {
  const needed = ['email' as const, ...joiners.need];
  return (
    needed.find((name) => name in fields && textOf(fields[name]) === null && textOf(user.fields[name]) !== null) ?? null
  );
}

/** What SCIM does not carry differs for ever, and says nothing. */
function compare({ stats, input }: Work, { fields }: EvaluatedPerson, user: TargetUser): void {
  stats.compared.add(user.id);
  for (const change of fieldChanges(fields, user.fields)) {
    if (input.carries.has(change.name)) countChange(stats, user.id, change);
  }
}

const isArchivedAtOnce = ({ input }: Work, { id }: TargetUser): boolean => input.archivedAtOnce?.has(id) ?? false;
/** Noticed of somebody who was archived at once: since then the sources have said that they left. */
const leftSince = ({ id }: TargetUser): string => `left_since:${id}`;

/** Whoever was archived at once is often still there in the sources, which would bring them back; once these said that they left, coming back is coming back. */
function staysArchived(work: Work, user: TargetUser): boolean {
  if (!isArchivedAtOnce(work, user)) return false;
  if (!work.input.noticed.has(leftSince(user))) return true;
  work.noticed.add(leftSince(user));
  return false;
}

function returning(work: Work, one: Identified, user: TargetUser, person: StepPerson): Outcome {
  if (staysArchived(work, user)) {
    const text =
      'Archived at once by somebody, and the sources do not say yet that they left: they stay so, unless that plan is undone';
    return item('held', 'urgent', text, { person });
  }
  const { rehires, situations } = work.input.rules.settings;
  if (rehires.then === 'hold' || situations.archived === 'hold') {
    return item('held', 'rehires', 'Their account is archived; the rules hold people who come back', { person });
  }
  if (isProtected(work, user.fields.email, one.evaluated.keys.email)) return protectedItem(person);
  const entry = draft('restore', { person, situation: 'archived', matchedOn: one.matchedOn, because: ['rehires'] });
  return { one, user, entry };
}
