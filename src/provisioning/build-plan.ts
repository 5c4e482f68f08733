import { settleMoves, withFreeAddresses } from './addresses.ts';
import { carryMissing, listUnmanaged } from './carry.ts';
import { changeFields } from './changes.ts';
import { workItem } from './conflicts.ts';
import { finishPlan } from './finish.ts';
import { changeGroups } from './groups.ts';
import { type Identified, unclaimed } from './identify.ts';
import { presenceOf } from './leaving.ts';
import { sortPeople } from './people.ts';
import { joinPeople } from './people-join.ts';
import type { PlanInput, PlanResult } from './plan-input.ts';
import { isProvisional } from './provisional-id.ts';
import { idsOf, isAbout, restrict } from './restrict.ts';
import { withSeats } from './seats.ts';
import type { IdentityLink } from './state.ts';
import { archiveOne } from './urgent.ts';
import { beginWork, type Work } from './work.ts';

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
  listUnmanaged(work, unclaimed(people, work.index));
}

/** The whole present state, with the addresses as they are: KnowBe4 takes accounts over by them. Changes come in a later plan. */
function carryAll(work: Work, people: readonly Identified[]): void {
  carryMissing(work, people);
  const exempt = new Set(work.input.state.exempt);
  listUnmanaged(
    work,
    work.input.target.users.filter(({ id }) => exempt.has(id)),
  );
}

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
