import type { Scene } from './condition.ts';
import { type Facts, fieldOf, textsOf } from './facts.ts';
import { fold } from './fold.ts';
import { type GroupRule, groupName, LEADER, nameValue } from './group-rule.ts';
import type { DesiredGroup, EvaluatedPerson } from './rule-set.ts';

/** A person, where they stand, and the groups that they come into. */
export type Standing = {
  readonly facts: Facts;
  readonly inScope: boolean;
  readonly isLeaver: boolean;
  readonly groups: EvaluatedPerson['groups'][number][];
};

/** A group while it is filled. Names that differ in letters' case or blanks alone are one group. */
type Bucket = { readonly spellings: Map<string, number>; readonly members: Standing[] };

const OTHER = 'Other';

/**
 * Puts everybody who is in scope where the rules want them, and says so in their `groups`. What comes out does not depend on the order of the
 * people.
 */
export function fillGroups(
  rules: readonly GroupRule[],
  people: readonly Standing[],
  scene: Scene,
): readonly DesiredGroup[] {
  const inScope = people.filter((one) => one.inScope);
  const groups = new Map<string, { name: string; rule: GroupRule; members: Set<string> }>();
  for (const rule of rules) {
    const picked =
      rule.condition === null ? inScope : inScope.filter(({ facts }) => rule.condition!.holds(facts, scene));
    for (const { name, members } of bucketsOf(rule, picked, scene)) {
      const key = fold(name);
      const group = groups.get(key) ?? { name, rule, members: new Set() };
      groups.set(key, group);
      const membership = { group: group.name, rule: rule.name };
      for (const one of members) {
        const before = group.members.size;
        if (group.members.add(one.facts.person.key).size > before) one.groups.push(membership);
      }
    }
  }
  return [...groups.values()].map(({ name, rule, members }) => ({
    ...{ name, rule: rule.name, members, expect: rule.expect },
  }));
}

type Named = { readonly name: string; readonly members: readonly Standing[] };

function bucketsOf(rule: GroupRule, picked: readonly Standing[], scene: Scene): readonly Named[] {
  if (rule.kind === 'one') return [{ name: groupName(rule.template.fill(() => null)!), members: picked }];
  return rule.kind === 'values' ? byValues(rule, picked) : byLeaders(rule, picked, scene);
}

const textOf = (facts: Facts, name: string): string | null => {
  const text = fieldOf(facts.fields, name) ?? textsOf(facts, name)[0];
  return text === undefined || text === null ? null : nameValue(text);
};

const counted = (members: readonly Standing[]): number =>
  members.reduce((sum, { isLeaver }) => (isLeaver ? sum : sum + 1), 0);

function byValues(rule: GroupRule, picked: readonly Standing[]): readonly Named[] {
  const buckets = new Map<string, Bucket>();
  for (const one of picked) {
    const full = rule.template.fill((name) => textOf(one.facts, name));
    if (full === null) continue;
    const key = fold(full);
    const bucket: Bucket = buckets.get(key) ?? { spellings: new Map(), members: [] };
    buckets.set(key, bucket);
    bucket.spellings.set(full, (bucket.spellings.get(full) ?? 0) + 1);
    bucket.members.push(one);
  }
  const sorted = [...buckets].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, bucket]) => bucket);
  const isLarge = ({ members }: Bucket): boolean => counted(members) >= rule.atLeast;
  const named = sorted
    .filter(isLarge)
    .map((bucket) => ({ name: groupName(usualSpelling(bucket)), members: bucket.members }));
  const small = sorted.filter((bucket) => !isLarge(bucket)).flatMap(({ members }) => members);
  return small.length === 0 ? named : [...named, { name: groupName(rule.template.fill(() => OTHER)!), members: small }];
}

/** What most write; of those that are equally usual the first by letters. */
function usualSpelling({ spellings }: Bucket): string {
  const [first] = [...spellings].toSorted(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1));
  return first![0];
}

/** A leader's group holds who reports to them over at most `levels` levels, not the leader. */
function byLeaders(rule: GroupRule, picked: readonly Standing[], scene: Scene): readonly Named[] {
  const teams = new Map<Facts, Standing[]>();
  for (const one of picked) {
    for (const leader of scene.chainOf(one.facts).slice(0, rule.levels)) {
      const team = teams.get(leader);
      if (team === undefined) teams.set(leader, [one]);
      else team.push(one);
    }
  }
  const taken = new Set<string>();
  return [...teams]
    .filter(([, members]) => counted(members) >= rule.atLeast)
    .toSorted(([one], [other]) => (one.person.key < other.person.key ? -1 : 1))
    .flatMap(([leader, members]) => {
      const full = rule.template.fill((name) => textOf(leader, name.slice(LEADER.length)));
      if (full === null) return [];
      const plain = groupName(full);
      // Two leaders of one name: whose key comes first keeps it, so that the other's arrival renames nothing.
      const name = taken.has(fold(plain)) ? groupName(`${full} (${calling(leader)})`) : plain;
      taken.add(fold(name));
      return [{ name, members }];
    });
}

const calling = ({ fields, person }: Facts): string => fieldOf(fields, 'email')?.split('@')[0] ?? person.key;
