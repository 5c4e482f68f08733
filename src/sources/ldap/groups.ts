import type { Attribute, Filter, SearchEntry } from 'ldapts';
import { ForeknowError } from '../../errors/errors.ts';
import type { LdapConnection } from './connection.ts';
import { dnKey, partsOfDn } from './dn.ts';
import { newTally, searchAll } from './search.ts';
import { textsOf } from './values.ts';

/**
 * Whose word counts: `member_of` of a person, `search` for the members of groups, or `none`. `nested`: whoever is in a group that is in a group
 * is in both.
 */
export type GroupRules = {
  readonly by: 'member_of' | 'search' | 'none';
  readonly nested: boolean;
  readonly bases: readonly string[];
  readonly filter: Filter;
  readonly pageSize: number;
};

/** The names of the groups that an entry is in, sorted. */
export type GroupsOf = (entry: SearchEntry, attribute: (name: string) => Attribute | undefined) => readonly string[];

/** Attributes of people that are needed for it. */
export const groupAttributes = ({ by }: GroupRules): readonly string[] =>
  ({ member_of: ['memberOf'], search: ['uid'], none: [] })[by];

/**
 * Reads what has to be known of groups before people are read.
 * @throws ForeknowError when groups were not read to their end: whoever is missing in one would seem to have left it
 */
export async function readGroups(connection: LdapConnection, rules: GroupRules): Promise<GroupsOf> {
  if (rules.by === 'none') return () => [];
  if (rules.by === 'member_of' && !rules.nested) return (_, attribute) => sorted(namesOf(attribute('memberOf')));
  const graph = await readGraph(connection, rules);
  return (entry, attribute) => {
    const direct =
      rules.by === 'member_of'
        ? textsIn(attribute('memberOf')).map(graph.keyOf)
        : graph.groupsOf(entry, attribute('uid'));
    const all = rules.nested ? graph.withParents(direct) : direct;
    return sorted(all.map((key) => graph.names.get(key)!));
  };
}

type Graph = {
  /** By the key of the group's DN, also of groups that were named and not read. */
  readonly names: ReadonlyMap<string, string>;
  keyOf(dn: string): string;
  groupsOf(entry: SearchEntry, uid: Attribute | undefined): readonly string[];
  withParents(direct: readonly string[]): readonly string[];
};

async function readGraph(connection: LdapConnection, { bases, filter, pageSize, by }: GroupRules): Promise<Graph> {
  const names = new Map<string, string>();
  const keyOf = (dn: string): string => {
    const key = dnKey(dn);
    if (!names.has(key)) names.set(key, nameOf(dn));
    return key;
  };
  const read = new Set<string>();
  /** Key of a member's DN, or `uid=NAME`, → keys of groups. */
  const groupsByMember = new Map<string, string[]>();
  const put = (member: string, group: string) => {
    const there = groupsByMember.get(member);
    if (there === undefined) groupsByMember.set(member, [group]);
    else there.push(group);
  };
  const attributes = by === 'search' ? ['cn', 'member', 'uniqueMember', 'memberUid'] : ['cn', 'memberOf'];
  for (const base of bases) {
    const tally = newTally();
    for await (const page of searchAll(connection, { base, filter, attributes, pageSize }, tally)) {
      for (const entry of page) {
        const key = dnKey(entry.name);
        if (read.has(key)) continue;
        read.add(key);
        const of = (name: string) => textsIn(entry.attributes.find(({ type }) => type.toLowerCase() === name));
        names.set(key, of('cn')[0] ?? nameOf(entry.name));
        for (const member of [...of('member'), ...of('uniquemember')]) put(dnKey(member), key);
        for (const uid of of('memberuid')) put(uidKey(uid), key);
        for (const parent of of('memberof')) put(key, keyOf(parent));
      }
    }
    if (tally.isUnmarked || tally.referrals > 0) throw notWhole(base);
  }
  const parentsOf = (key: string): readonly string[] => groupsByMember.get(key) ?? [];
  return {
    names,
    keyOf,
    groupsOf: (entry, uid) => [
      ...new Set([...parentsOf(dnKey(entry.name)), ...textsIn(uid).flatMap((one) => parentsOf(uidKey(one)))]),
    ],
    withParents(direct) {
      // Groups may be in each other: each is gone into once.
      const all = new Set(direct);
      for (const key of all) for (const parent of parentsOf(key)) all.add(parent);
      return [...all];
    },
  };
}

const uidKey = (uid: string): string => `\0uid=${uid}`;
const textsIn = (attribute: Attribute | undefined): readonly string[] =>
  attribute === undefined ? [] : textsOf(attribute);
const nameOf = (dn: string): string => partsOfDn(dn)[0]?.value ?? dn;
const namesOf = (memberOf: Attribute | undefined): readonly string[] => textsIn(memberOf).map(nameOf);
const sorted = (names: readonly string[]): readonly string[] =>
  names.length < 2 ? names : [...new Set(names)].toSorted();

const notWhole = (base: string): ForeknowError =>
  new ForeknowError('source_rejected', {
    detail: `The groups below ${base.slice(0, 200)} cannot be read to their end on this server.`,
    hint: 'Name a base for groups that this server holds as a whole.',
  });
