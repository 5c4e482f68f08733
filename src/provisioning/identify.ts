import type { EvaluatedPerson, MatchKey, Settings, Situation } from '../rules/rule-set.ts';
import { type Conflict, decisionAbout, joinConflictOf, peopleByRef } from './conflicts.ts';
import type { Step } from './plan.ts';
import { isProvisional, provisionalId } from './provisional-id.ts';
import type { IdentityLink, WorkItem } from './state.ts';
import type { TargetUser } from './target.ts';
import { comparableNumber, emailOf, type TargetIndex } from './target-index.ts';

/** A person of the sources and the account that is theirs, or why nobody can say which. */
export type Identified = {
  readonly evaluated: EvaluatedPerson;
  readonly situation: Extract<Situation, 'linked' | 'found' | 'absent' | 'archived' | 'vanished'> | 'conflict';
  readonly user: TargetUser | null;
  readonly matchedOn: Step['matchedOn'];
  /** The pair is not kept yet. */
  readonly isNew: boolean;
  readonly conflict: Conflict | null;
  /** A person decided that nothing is to be done about them. */
  readonly isIgnored: boolean;
};

type Deps = {
  readonly connectionId: string;
  readonly people: readonly EvaluatedPerson[];
  readonly index: TargetIndex;
  readonly links: readonly IdentityLink[];
  readonly workItems: readonly WorkItem[];
  readonly settings: Pick<Settings, 'match' | 'situations'>;
  /** Whether somebody has left, as rules or complete reads say. */
  readonly isLeaving: (person: EvaluatedPerson) => boolean;
};

/**
 * Joins people and accounts: by the kept link, then by the keys of the rules in their order. What is not certain is a conflict for a person, and their
 * decision holds until one of the records changes.
 */
export function identify(deps: Deps): readonly Identified[] {
  const graph = { ...deps, linked: linksByRef(deps), decided: new Map(deps.workItems.map((w) => [w.about, w])) };
  const byRef = peopleByRef(deps.people.filter(({ person }) => person.joinConflict !== undefined));
  const first = deps.people.map((evaluated) => {
    const unjoined = joinConflictOf(evaluated, byRef);
    return unjoined === null
      ? settled(graph, evaluated, [], (apart) => oneOf(graph, evaluated, apart))
      : leftAlone(graph, unjoined);
  });
  return withoutSharedAddresses(graph, withoutSharedAccounts(graph, first));
}

/** Nobody knows whose values these are; the account that seems theirs is listed with nobody else's. */
function leftAlone(graph: Graph, conflict: Conflict): Identified {
  const { about } = conflict;
  const isIgnored = decisionAbout(conflict, graph.decided)?.choice === 'ignore';
  const { user } = oneOf(graph, about, []);
  const told = isIgnored ? null : conflict;
  return { evaluated: about, situation: 'conflict', user, matchedOn: null, isNew: false, conflict: told, isIgnored };
}

type Graph = Deps & {
  readonly linked: ReadonlyMap<string, IdentityLink>;
  readonly decided: ReadonlyMap<string, WorkItem>;
};

const refKey = (source: string, sourceId: string): string => `${source}\n${sourceId}`;

/** What a person decided outranks every other link to that account, but those of the same person's other sources. */
function linksByRef({ links, people }: Deps): ReadonlyMap<string, IdentityLink> {
  const decidedLinks = links.filter(({ matchedOn }) => matchedOn === 'decision');
  const personOf = new Map<string, string>();
  if (decidedLinks.length > 0) {
    for (const { person } of people) {
      for (const ref of person.refs) personOf.set(refKey(ref.source, ref.sourceId), person.key);
    }
  }
  const owners = new Map(decidedLinks.map((link) => [link.userId, personOf.get(refKey(link.source, link.sourceId))]));
  const counts = (link: IdentityLink): boolean => !isProvisional(link.userId) && isDecidedSo(link);
  const isDecidedSo = (link: IdentityLink): boolean =>
    link.matchedOn === 'decision' ||
    !owners.has(link.userId) ||
    owners.get(link.userId) === personOf.get(refKey(link.source, link.sourceId));
  return new Map(links.filter(counts).map((link) => [refKey(link.source, link.sourceId), link]));
}

type Found = Pick<Identified, 'user' | 'matchedOn'> & { readonly conflict: Conflict | null };
const noAccount: Found = { user: null, matchedOn: null, conflict: null };

/** What `find` gives, after what people have decided about it. */
function settled(
  graph: Graph,
  evaluated: EvaluatedPerson,
  apart: readonly string[],
  find: (apart: readonly string[]) => Found,
): Identified {
  const found = find(apart);
  if (found.conflict === null) return identified(evaluated, found);
  const decision = decisionAbout(found.conflict, graph.decided);
  switch (decision?.choice) {
    case undefined:
      return identified(evaluated, found);
    case 'link': {
      const user = graph.index.users.get(decision!.userId ?? '');
      return identified(evaluated, user ? { user, matchedOn: 'decision', conflict: null } : found);
    }
    case 'create':
      return identified(evaluated, noAccount);
    case 'ignore':
      return { ...identified(evaluated, { ...found, conflict: null }), isIgnored: true };
    case 'keep_apart': {
      const id = decision!.userId;
      return id === null || apart.includes(id)
        ? identified(evaluated, noAccount)
        : settled(graph, evaluated, [...apart, id], find);
    }
  }
}

const identified = (evaluated: EvaluatedPerson, { user, matchedOn, conflict }: Found): Identified => ({
  evaluated,
  situation: situationOf(user, matchedOn, conflict),
  user,
  matchedOn,
  isNew: user !== null && matchedOn !== 'link' && conflict === null,
  conflict,
  isIgnored: false,
});

function situationOf(user: TargetUser | null, matchedOn: Found['matchedOn'], conflict: Conflict | null) {
  if (conflict !== null) return conflict.kind === 'vanished' ? 'vanished' : 'conflict';
  if (user === null) return 'absent';
  if (user.status === 'archived') return 'archived';
  return matchedOn === 'link' ? 'linked' : 'found';
}

function oneOf(graph: Graph, evaluated: EvaluatedPerson, apart: readonly string[]): Found {
  const links = evaluated.person.refs
    .map(({ source, sourceId }) => graph.linked.get(refKey(source, sourceId)))
    .filter((link) => link !== undefined && !apart.includes(link.userId)) as IdentityLink[];
  if (links.length > 0) return byLink(graph, evaluated, links, apart);
  // Being created: nobody else can have that id.
  const user = graph.index.users.get(provisionalId(graph.connectionId, evaluated.person.key));
  return user === undefined ? byKeys(graph, evaluated, apart) : { user, matchedOn: 'link', conflict: null };
}

/** Links of all the sources that know the person vote: they must agree. */
function byLink(
  graph: Graph,
  evaluated: EvaluatedPerson,
  links: readonly IdentityLink[],
  apart: readonly string[],
): Found {
  const ids = [...new Set(links.map(({ userId }) => userId))];
  const users = ids.flatMap((id) => graph.index.users.get(id) ?? []);
  if (users.length === 0) return vanished(graph, evaluated, ids[0]!);
  if (users.length > 1) {
    return conflicting(evaluated, 'ambiguous', users, 'Their sources are linked to different accounts');
  }
  const user = users[0]!;
  const rival = links.some(({ matchedOn }) => matchedOn === 'decision')
    ? undefined
    : rivals(graph, evaluated, user).find(({ id }) => !apart.includes(id));
  if (rival === undefined) return { user, matchedOn: 'link', conflict: null };
  return conflicting(
    evaluated,
    'conflict',
    [user, rival],
    'The account they are linked to and the one with their key differ',
  );
}

/** The account of a link is gone: it is not made again without being asked, and a leaver needs none. */
function vanished(graph: Graph, evaluated: EvaluatedPerson, userId: string): Found {
  if (graph.settings.situations.vanished === 'create' || graph.isLeaving(evaluated)) return noAccount;
  const text = `Their account ${userId} is not at KnowBe4 any more`;
  return {
    ...noAccount,
    conflict: { kind: 'vanished', about: evaluated, text, users: [], people: [evaluated], gone: userId },
  };
}

/** Accounts that have a person's strong key when the linked one has it not. */
function rivals({ index, settings }: Graph, { keys }: EvaluatedPerson, user: TargetUser): readonly TargetUser[] {
  const found = settings.match.flatMap((key): readonly TargetUser[] => {
    const users = isStrong(key) ? usersBy(index, key, keys) : [];
    return users.includes(user) ? [] : users;
  });
  return found;
}

const isStrong = (key: MatchKey): boolean => key === 'provisioning_guid' || key === 'employee_number';

function usersBy(index: TargetIndex, key: MatchKey, keys: EvaluatedPerson['keys']): readonly TargetUser[] {
  switch (key) {
    case 'provisioning_guid':
      return keys.guid === null ? [] : index.usersByGuid(keys.guid);
    case 'employee_number':
      return keys.employeeNumber === null ? [] : index.usersByEmployeeNumber(keys.employeeNumber);
    case 'email':
      return keys.email === null ? [] : index.usersByEmail(keys.email);
    case 'alias':
      return byAlias(index, keys);
  }
}

/** Their address as an alias of an account, or an alias of theirs as an account's address or alias. */
function byAlias(index: TargetIndex, { email, aliases }: EvaluatedPerson['keys']): readonly TargetUser[] {
  const found = new Set(email === null ? [] : index.usersByAlias(email));
  for (const alias of aliases) {
    for (const user of index.usersByEmail(alias)) found.add(user);
    for (const user of index.usersByAlias(alias)) found.add(user);
  }
  return [...found];
}

/** The first key that finds an account; another account under a weaker key, or two under one, is for a person to decide. An alias is only looked at when nothing else finds. */
function byKeys(graph: Graph, evaluated: EvaluatedPerson, apart: readonly string[]): Found {
  const seen = new Set<TargetUser>();
  let matchedOn: MatchKey | null = null;
  for (const key of graph.settings.match) {
    if (key === 'alias' && seen.size > 0) continue;
    for (const user of usersBy(graph.index, key, evaluated.keys)) {
      if (apart.includes(user.id)) continue;
      matchedOn ??= key;
      seen.add(user);
    }
  }
  if (matchedOn === null) return noAccount;
  const users = [...seen];
  if (users.length > 1) return conflicting(evaluated, 'ambiguous', users, 'Two accounts match');
  return doubted(graph, evaluated, users[0]!, matchedOn);
}

/** One account was found; whether it may be taken for theirs without asking. */
function doubted(graph: Graph, evaluated: EvaluatedPerson, user: TargetUser, key: MatchKey): Found {
  if (!isStrong(key) && differ(evaluated.keys.employeeNumber, user.fields.employee_number)) {
    return isNamedAlike(evaluated, user)
      ? conflicting(
          evaluated,
          'rehire',
          [user],
          'The address is that of an account with another employee number and the same name',
        )
      : conflicting(evaluated, 'conflict', [user], 'The address belongs to an account of somebody else');
  }
  if (!isStrong(key) && !isNamedAlike(evaluated, user)) {
    return conflicting(evaluated, 'conflict', [user], 'The address belongs to an account with another name');
  }
  if (graph.settings.situations.found === 'ask') {
    return conflicting(evaluated, 'found', [user], `An account was found by ${key}`);
  }
  if (key === 'alias') return conflicting(evaluated, 'found', [user], 'An account was found by an alias alone');
  if (key === 'email' && !isOwnDomain(graph.index, evaluated.keys.email!)) {
    return conflicting(evaluated, 'found', [user], 'An account was found by an address outside the account’s domains');
  }
  return { user, matchedOn: key, conflict: null };
}

/** Both have a number, and not the same. */
const differ = (one: string | null | undefined, other: string | null | undefined): boolean => {
  const [a, b] = [comparableNumber(one), comparableNumber(other)];
  return a !== null && b !== null && a !== b;
};

/** One of the names is the same, or one side has none: people marry. */
function isNamedAlike({ fields }: EvaluatedPerson, user: TargetUser): boolean {
  const pairs = (['first_name', 'last_name'] as const).map((name) => [
    plainName(fields[name]),
    plainName(user.fields[name]),
  ]);
  return pairs.some(([theirs, there]) => theirs === '' || there === '' || theirs === there);
}

/** Letters alone, in lower case and without accents. */
const plainName = (name: string | null | undefined): string =>
  (name ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '');

/** An account whose domains are not known is not doubted for it. */
const isOwnDomain = ({ target }: TargetIndex, email: string): boolean =>
  target.account.domains.length === 0 || target.account.domains.includes(email.slice(email.lastIndexOf('@') + 1));

const conflicting = (
  evaluated: EvaluatedPerson,
  kind: Conflict['kind'],
  users: readonly TargetUser[],
  text: string,
): Found => ({
  user: null,
  matchedOn: null,
  conflict: { kind, about: evaluated, text, users, people: [evaluated], gone: null },
});

/** Two people may not have one account. A record that people have decided to leave alone claims none. */
function withoutSharedAccounts(graph: Graph, all: readonly Identified[]): readonly Identified[] {
  const claims = Map.groupBy(
    all.filter(({ user, conflict, isIgnored }) => user !== null && conflict === null && !isIgnored),
    ({ user }) => user!.id,
  );
  const rivalsOf = (one: Identified): readonly Identified[] =>
    one.user === null || one.conflict !== null || one.isIgnored ? [] : (claims.get(one.user.id) ?? []);
  const isLeftAlone = (one: Identified, rivalsOfOne: readonly Identified[]): boolean => {
    const conflict = shared(graph, one, rivalsOfOne);
    return typeof conflict !== 'string' && conflict.kind === 'doubled' && isIgnoredBy(graph, conflict);
  };
  return all.map((one) => {
    const rivalsOfOne = rivalsOf(one);
    if (rivalsOfOne.length < 2) return one;
    const left = rivalsOfOne.filter((rival) => rival === one || !isLeftAlone(rival, rivalsOfOne));
    if (left.length < 2 && !isLeftAlone(one, rivalsOfOne)) return one;
    const conflict = shared(graph, one, isLeftAlone(one, rivalsOfOne) ? rivalsOfOne : left);
    if (conflict === 'theirs') return one;
    if (conflict === 'not theirs') return identified(one.evaluated, noAccount);
    return settled(graph, one.evaluated, [], (apart) =>
      apart.includes(one.user!.id) ? oneOf(graph, one.evaluated, apart) : { user: null, matchedOn: null, conflict },
    );
  });
}

const isIgnoredBy = ({ decided }: Graph, conflict: Conflict): boolean =>
  decisionAbout(conflict, decided)?.choice === 'ignore';

/**
 * Whether somebody has the account that others claim, too: a kept link of somebody who stays outranks what was found, and who has left
 * then has none.
 */
function shared(graph: Graph, one: Identified, all: readonly Identified[]): Conflict | 'theirs' | 'not theirs' {
  const owners = all.filter(({ matchedOn }) => matchedOn === 'link' || matchedOn === 'decision');
  const owner = owners.length === 1 ? owners[0]! : null;
  const people = all.map(({ evaluated }) => evaluated);
  const base = { about: one.evaluated, users: [one.user!], people, gone: null };
  if (owner === null) return { ...base, kind: 'doubled', text: `${all.length} people claim one account` };
  if (!graph.isLeaving(owner.evaluated)) {
    if (owner === one) return 'theirs';
    if (graph.isLeaving(one.evaluated)) return 'not theirs';
    return { ...base, kind: 'doubled', text: 'The account is linked to somebody else' };
  }
  if (owner === one)
    return { ...base, kind: 'conflict', text: 'They have left, and somebody else claims their account' };
  return isStrong(one.matchedOn as MatchKey)
    ? { ...base, kind: 'rehire', text: 'The account belongs to somebody who has left and has the same key' }
    : { ...base, kind: 'conflict', text: 'The address was that of somebody who has left' };
}

/** Two people of the sources who are to have one address are both left alone, until people have decided which record is to be. */
function withoutSharedAddresses(graph: Graph, all: readonly Identified[]): readonly Identified[] {
  const addressOf = ({ evaluated }: Identified): string | null => evaluated.fields.email?.trim().toLowerCase() || null;
  const wanting = Map.groupBy(
    all.filter(
      ({ evaluated, conflict, isIgnored }) =>
        conflict === null && !isIgnored && evaluated.inScope && !graph.isLeaving(evaluated),
    ),
    addressOf,
  );
  const conflictOf = (one: Identified, both: readonly Identified[]): Conflict => ({
    kind: 'doubled',
    about: one.evaluated,
    text: `${both.length} people of the sources have the address ${addressOf(one)}`,
    users: both.flatMap(({ user }) => user ?? []),
    people: both.map(({ evaluated }) => evaluated),
    gone: null,
  });
  return all.map((one) => {
    const email = addressOf(one);
    const both = email === null ? undefined : wanting.get(email);
    if (both === undefined || both.length < 2 || !both.includes(one)) return one;
    if (isIgnoredBy(graph, conflictOf(one, both))) return { ...one, isIgnored: true };
    const left = both.filter((other) => !isIgnoredBy(graph, conflictOf(other, both)));
    // Nothing else helps: two accounts cannot have one address.
    return left.length < 2 ? one : { ...one, situation: 'conflict', conflict: conflictOf(one, left) };
  });
}

/** Accounts that no person of the sources is joined to or in conflict about. */
export function unclaimed(all: readonly Identified[], index: TargetIndex): readonly TargetUser[] {
  const claimed = new Set<string>();
  for (const { user, conflict } of all) {
    if (user !== null) claimed.add(user.id);
    for (const other of conflict?.users ?? []) claimed.add(other.id);
  }
  return index.target.users.filter(({ id }) => !claimed.has(id));
}

/** Accounts of one address, however it is written; an archived one beside an active one counts, too. */
export const sameAddress = (index: TargetIndex): readonly (readonly TargetUser[])[] =>
  [...Map.groupBy(index.target.users, emailOf).entries()].flatMap(([email, users]) =>
    email !== null && users.length > 1 ? [users] : [],
  );
