import { dayIn, shiftDay } from '../rules/days.ts';
import type { DesiredGroup } from '../rules/rule-set.ts';
import { stepPerson } from './conflicts.ts';
import type { Ready } from './people.ts';
import type { StepGroup } from './plan.ts';
import type { TargetGroup } from './target.ts';
import { type Draft, draft, isProtected, item, noticedSince, refuse, type Work } from './work.ts';

/** Where the members of a group that rules fill are to go. A group that is not there is made once somebody needs it. */
type Place = { readonly group: StepGroup; readonly there: TargetGroup | null; readonly needs: readonly Draft[] };

export const stepGroup = ({ id, name }: TargetGroup): StepGroup => ({ name, groupId: id });

/** The only kind that may be filled: members of console groups are set in the console, those of smart groups by KnowBe4. */
export const isWritable = ({ type, status }: TargetGroup): boolean =>
  type === 'provisioning_managed_group' && status === 'active';

/** Memberships as differences: who is to be in is added, who is there, managed by rules and not to be in is removed. Nobody else is touched. */
export function changeGroups(work: Work, people: readonly Ready[], claims: ReadonlyMap<string, Draft>): void {
  const { ownedPrefix } = work.input.rules.settings;
  if (ownedPrefix === null) return;
  const owned = work.input.evaluation.groups.filter(({ name }) => name.startsWith(ownedPrefix));
  for (const { name, rule } of work.input.evaluation.groups) {
    if (name.startsWith(ownedPrefix)) continue;
    const text = `${name} of the rule ${rule} does not begin with "${ownedPrefix}", so it is not filled`;
    work.items.push(item('held', 'not_owned', text, { group: { name, groupId: null } }));
  }
  const places = placesOf(work, owned, claims);
  for (const ready of people) changeMemberships(work, ready, { ownedPrefix, places, claims });
}

type Filling = {
  readonly ownedPrefix: string;
  readonly places: ReadonlyMap<string, Place>;
  readonly claims: ReadonlyMap<string, Draft>;
};

/** By name in lower case; a group that may not be written has none. */
function placesOf(
  work: Work,
  wanted: readonly DesiredGroup[],
  claims: ReadonlyMap<string, Draft>,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const renamed = renamedByRule(work, wanted);
  const kept = keptGroups(work);
  for (const desired of wanted) {
    const { name, rule } = desired;
    if (isProtected(work, name)) {
      work.items.push(
        item('held', 'protected', 'This group is protected: no step touches it', { group: { name, groupId: null } }),
      );
      continue;
    }
    const named = work.index.groupsByName.get(name.toLowerCase()) ?? [];
    const there = kept.get(name.toLowerCase()) ?? renamed.get(name) ?? named.find(isWritable) ?? null;
    if (there === null && named.length > 0) {
      const text = `A ${named[0]!.type.replaceAll('_', ' ')} has this name: its members cannot be set`;
      work.items.push(item('conflict', 'group_type', text, { group: stepGroup(named[0]!) }));
    } else if (there === null) {
      places.set(name.toLowerCase(), { group: { name, groupId: null }, there, needs: [newGroup(desired)] });
    } else {
      const claim = claims.get(`group:${there.id}`);
      places.set(name.toLowerCase(), { group: stepGroup(there), there, needs: claim ? [claim] : [] });
      if (there.name !== name) renameGroup(work, there, name, rule, named);
    }
  }
  return places;
}

const newGroup = ({ name, rule }: DesiredGroup): Draft =>
  draft('group_create', { group: { name, groupId: null }, because: [`groups.${rule}`] });

/** Groups by the name that they were made under, whatever the console calls them now: the id counts. */
function keptGroups(work: Work): ReadonlyMap<string, TargetGroup> {
  const kept = [...work.scim.groups].map(([id, object]) => [object.name, work.index.groups.get(id)!] as const);
  return new Map(kept.filter(([, group]) => isWritable(group)));
}

/**
 * Groups that a rule made under a name that it does not use any more, when the rule makes one group and exactly one such is left: the group is renamed, and
 * keeps its members and campaigns. The object behind the road keeps the rule in `known.rule`.
 */
function renamedByRule(work: Work, wanted: readonly DesiredGroup[]): ReadonlyMap<string, TargetGroup> {
  const found = new Map<string, TargetGroup>();
  const names = new Set(wanted.map(({ name }) => name.toLowerCase()));
  for (const [rule, groups] of Map.groupBy(wanted, (group) => group.rule)) {
    const name = groups[0]!.name;
    if (groups.length !== 1 || (work.index.groupsByName.get(name.toLowerCase()) ?? []).length > 0) continue;
    const left = [...work.scim.groups].filter(([, object]) => object.known.rule === rule && !names.has(object.name));
    const group = left.length === 1 ? work.index.groups.get(left[0]![0]) : undefined;
    if (group && isWritable(group)) found.set(name, group);
  }
  return found;
}

function renameGroup(work: Work, there: TargetGroup, name: string, rule: string, named: readonly TargetGroup[]): void {
  const group = stepGroup(there);
  const other = named.find(({ id }) => id !== there.id);
  if (other) {
    work.items.push(
      item('conflict', 'group_name', `${name} is the name of another group, so this one keeps its own`, { group }),
    );
    return;
  }
  work.drafts.push(draft('group_rename', { group: { ...group, name, was: there.name }, because: [`groups.${rule}`] }));
}

function changeMemberships(work: Work, ready: Ready, { ownedPrefix, places, claims }: Filling): void {
  const { one, user, entry } = ready;
  const { evaluated } = one;
  const person = entry?.person ?? stepPerson(evaluated, user);
  const own = user === null ? [entry] : [entry, claims.get(user.id)];
  const needs = own.filter((need) => need != null);
  const about = { person, situation: one.situation === 'conflict' ? null : one.situation, matchedOn: one.matchedOn };
  const wantedIds = new Set<string>();
  const isRefused = isProtected(work, user?.fields.email, evaluated.keys.email);
  const done = new Set<string>();
  for (const { group: name, rule } of evaluated.groups) {
    const place = places.get(name.toLowerCase());
    if (place === undefined || done.has(name.toLowerCase())) continue;
    done.add(name.toLowerCase());
    if (place.there !== null) wantedIds.add(place.there.id);
    if (place.there !== null && user?.groupIds.includes(place.there.id)) continue;
    if (isRefused) refuse(work, person);
    else
      work.drafts.push(
        draft('member_add', {
          ...about,
          group: place.group,
          because: [`groups.${rule}`],
          needs: [...needs, ...place.needs],
        }),
      );
  }
  for (const groupId of user?.groupIds ?? []) {
    const group = work.index.groups.get(groupId);
    if (group === undefined || wantedIds.has(groupId) || !isWritable(group) || !group.name.startsWith(ownedPrefix))
      continue;
    if (isProtected(work, group.name) || !hasWaited(work, ready, group)) continue;
    if (isRefused) refuse(work, person);
    else work.drafts.push(draft('member_remove', { ...about, group: stepGroup(group), because: ['movers'], needs }));
  }
}

/** Whether somebody has been out of a group's rules for as long as they may stay in it. */
function hasWaited(work: Work, { one, user }: Ready, group: TargetGroup): boolean {
  const days = work.input.rules.settings.movers.leaveOldGroupsAfterDays;
  if (days === 0) return true;
  const since = noticedSince(work, `left:${one.evaluated.person.key}:${group.id}`);
  const due = shiftDay(dayIn(work.input.timeZone)(since), days);
  if (due <= work.today) return true;
  const person = stepPerson(one.evaluated, user);
  work.items.push(item('held', 'wait', `They leave ${group.name} on ${due}`, { person, group: stepGroup(group) }));
  return false;
}
