import { settleMoves, withFreeAddresses } from './addresses.ts';
import { carryLateMembers, carryMissing, carryRestored, listUnmanaged } from './carry.ts';
import { changeFields } from './changes.ts';
import { workItem } from './conflicts.ts';
import { sameValue } from './fields.ts';
import { finishPlan, toldNow } from './finish.ts';
import { changeGroups } from './groups.ts';
import { type Identified, unclaimed } from './identify.ts';
import { presenceOf } from './leaving.ts';
import { leftOutItem, sortPeople } from './people.ts';
import { joinPeople } from './people-join.ts';
import type { Plan, Step } from './plan.ts';
import type { PlanInput, PlanResult } from './plan-input.ts';
import { isProvisional } from './provisional-id.ts';
import { carryConsole } from './put-back.ts';
import { idsOf, isAbout, restrict } from './restrict.ts';
import { withSeats } from './seats.ts';
import type { IdentityLink } from './state.ts';
import { isCarrying } from './subset.ts';
import { archiveOne } from './urgent.ts';
import { beginWork, type Draft, type Work } from './work.ts';

/**
 * What would be done, and why, and what KnowBe4 would then do by itself. Pure: the same input gives the same plan, and nothing is written.
 * Whoever cannot be decided about is held or in conflict and listed; nobody is removed whose absence is not proven.
 */
export function buildPlan(input: PlanInput): PlanResult {
  const work = beginWork(input);
  const people = joinPeople(work);
  if (input.kind === 'adoption') carryAll(work, people);
  else if (input.kind === 'urgent') archiveOne(work, people);
  else sync(work, people);
  return resultOf(work, people);
}

function sync(work: Work, people: readonly Identified[]): void {
  const { input } = work;
  const isAdopted = input.state.adoption.state === 'adopted';
  const claims = isAdopted ? carryMissing(work, people) : new Map();
  const sorted = sortPeople(work, people);
  const moves = settleMoves(work, sorted);
  const ready = withSeats(work, withFreeAddresses(work, sorted, moves));
  changeFields(work, ready, moves, claims);
  changeGroups(work, ready, claims);
  if (isAdopted) carryLateMembers(work, claims);
  if (isAdopted) carryRestored(work, claims);
  if (isAdopted) carryConsole(work);
  listUnmanaged(work, unclaimed(people, work.index));
  for (const record of input.leftOut ?? []) work.items.push(leftOutItem(record));
}

/** The whole present state, with the addresses as they are: KnowBe4 takes accounts over by them. Changes come in a later plan. */
function carryAll(work: Work, people: readonly Identified[]): void {
  carryLateMembers(work, carryMissing(work, people));
  listUnmanaged(
    work,
    work.input.target.users.filter(({ id }) => work.exempt.has(id)),
  );
}

/** A plan as it would be told now, with the very steps that it has. */
export type SecondLook = Pick<Plan, 'basis' | 'guards' | 'effects' | 'steps' | 'mode'> & {
  /** Ids of steps that sources and rules do not ask for any more. */
  readonly unasked: ReadonlySet<string>;
};

/**
 * Looks once more at a plan, with everything as it is by now. What somebody asked for (a write, an undo, one leaver) is asked for still; what the sources asked
 * for is so while the plan of everybody has the same step.
 * @param input of the same kind of plan, of everybody
 * @param steps of the plan that are not taken yet
 */
export function lookAgain(input: PlanInput, steps: readonly Step[], cost: Plan['cost']): SecondLook {
  const work = beginWork(input);
  if (input.kind !== 'sync') return { ...toldNow(work, steps, cost), unasked: new Set() };
  const people = joinPeople(work);
  sync(work, people);
  const now = new Map<string, Draft[]>();
  for (const draft of input.target.asOf === null ? [] : restrict(work, people)) {
    for (const name of namesOf(draft)) now.set(name, [...(now.get(name) ?? []), draft]);
  }
  const isAsked = (step: Step): boolean =>
    !follows.has(step.action) ||
    isCarrying(step) ||
    namesOf(step).some((name) => now.get(name)?.some((draft) => doesTheSame(draft, step)) === true);
  return {
    ...toldNow(work, steps, cost),
    unasked: new Set(steps.filter((step) => !isAsked(step)).map(({ id }) => id)),
  };
}

/** Steps that follow what the sources say of somebody. */
const follows: ReadonlySet<Step['action']> = new Set([
  ...(['restore', 'create', 'update', 'manager', 'member_add', 'member_remove', 'archive'] as const),
]);

/** However a step may be called once what it makes is there: people by key and id, groups by id and name. */
function namesOf({ action, person, group }: Pick<Step, 'action' | 'person' | 'group'>): readonly string[] {
  const who = [person?.key, person?.userId].filter((id) => id != null && !isProvisional(id));
  const where = group === null ? [''] : [`id ${group.groupId}`, `name ${group.name.toLowerCase()}`];
  return who.flatMap((id) => where.map((place) => JSON.stringify([action, id, place])));
}

const doesTheSame = (draft: Draft, step: Step): boolean =>
  step.fields.every(({ name, to }) =>
    draft.fields.some((field) => field.name === name && sameValue(name, field.to, to)),
  );

function resultOf(work: Work, people: readonly Identified[]): PlanResult {
  const { input } = work;
  const drafts = input.target.asOf === null ? [] : restrict(work, people);
  const ids = input.who === null ? null : idsOf(input.who, people, input.target.users);
  const items = ids === null ? work.items : work.items.filter(({ person }) => isAbout(ids, person));
  return {
    plan: finishPlan(work, drafts, items),
    workItems: people.flatMap(({ conflict }) => (conflict ? workItem(conflict, input.connection.id, input.now) : [])),
    links: newLinks(people, input),
    noticed: [...work.noticed],
    refused: [...work.refusedAims],
  };
}

/**
 * Every source that knows somebody keeps the pair: a change of address, or of one source's keys, does not lose it. Whom no source shows is not linked anew: that
 * would be the proof that their account was theirs.
 */
function newLinks(people: readonly Identified[], input: PlanInput): readonly IdentityLink[] {
  const reads = { sources: input.sources, absentReads: input.rules.settings.leavers.absentReads };
  const kept = new Map(input.links.map((link) => [`${link.source}\n${link.sourceId}`, link]));
  return people.flatMap(({ evaluated, user, matchedOn, isIgnored }) => {
    if (user === null || isIgnored || matchedOn === null || !evaluated.inScope || isProvisional(user.id)) return [];
    if (matchedOn !== 'decision' && presenceOf(evaluated, reads) !== 'here') return [];
    const links = evaluated.person.refs.map((ref) => ({ ref, link: kept.get(`${ref.source}\n${ref.sourceId}`) }));
    const first = links.find(({ link }) => link?.userId === user.id)?.link;
    return links
      .filter(({ link }) => link?.userId !== user.id)
      .map(({ ref }) => ({
        connectionId: input.connection.id,
        ...ref,
        userId: user.id,
        matchedOn: matchedOn === 'link' ? (first?.matchedOn ?? 'scim') : matchedOn,
        linkedAt: input.now.toISOString(),
      }));
  });
}
