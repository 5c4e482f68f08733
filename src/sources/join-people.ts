import type { Attributes, AttributeValue, JoinedPerson, SourcePerson, SourceRef } from '../model/source-person.ts';
import type { KeptPerson } from './ports.ts';

/** A person as a source last showed them; `absent` when later complete reads did not. */
export type ImagePerson = SourcePerson & Pick<KeptPerson, 'absent'>;

/** What is known of a source: its last good values, also of those whom its last read did not show. Each `sourceId` once. */
export type SourceImage = { readonly source: string; readonly people: readonly ImagePerson[] };

export type JoinRules = {
  /** Names of sources; images of others are left out. */
  readonly from: readonly string[];
  /** Attributes that are the same in two sources for one person, 30 at most; an earlier one decides before a later one. */
  readonly join: readonly string[];
  /** Which source says an attribute, or `*`, all others. */
  readonly prefer: Readonly<Record<string, string>>;
};

/**
 * Records that meet without being one person for certain. `duplicate`: a source shows one person twice. `contradiction`: records that are
 * the same as a third are not the same as each other. `disagreement`: two sources agree about a later key and not about an earlier one, and
 * neither knows the person otherwise. None of them is joined; all of them are held.
 */
export type JoinConflict = {
  readonly kind: 'duplicate' | 'contradiction' | 'disagreement';
  readonly refs: readonly SourceRef[];
  /** For people; names sources and attributes, no values. */
  readonly text: string;
};

export type Joined = { readonly people: readonly JoinedPerson[]; readonly conflicts: readonly JoinConflict[] };

/** Images without records that a person has told to leave out. */
export const withoutRecords = (images: readonly SourceImage[], left: readonly SourceRef[]): readonly SourceImage[] => {
  if (left.length === 0) return images;
  const ids = Map.groupBy(left, ({ source }) => source);
  return images.map(({ source, people }) => {
    const out = new Set(ids.get(source)?.map(({ sourceId }) => sourceId));
    return { source, people: people.filter(({ sourceId }) => !out.has(sourceId)) };
  });
};

/**
 * Makes one person of the records that several sources have of them. Two records are the same person when the first of the join keys that both
 * have is equal in both, letter case and spaces around aside. Nothing is joined that would put two records of one source, or two that differ, into
 * one person: such records stay apart and are told as conflicts. Takes time linear in the records; their order does not matter.
 */
export function joinPeople(images: readonly SourceImage[], rules: JoinRules): Joined {
  const sets = unite(recordsOf(images, rules), rules.join.length).map((set) => set.toSorted(byRef));
  const faults = sets.flatMap((set) => (set.length === 1 ? [] : (faultOf(set, rules.join) ?? [])));
  const apart = new Set(faults.flatMap(({ entries }) => entries));
  const whole = sets.filter(([first]) => !apart.has(first!));
  const conflicts = [...faults, ...disagreements(whole, rules.join)].toSorted(byEntries);
  const told = new Map(
    conflicts.toReversed().flatMap(({ entries, text }) => {
      // Once for all of them, and not all of many: where an export is broken everybody has the same number.
      const conflict = { joinConflict: text, joinRivals: entries.slice(0, RIVALS_TOLD).map(refOf) };
      return entries.map((entry) => [entry, conflict] as const);
    }),
  );
  const people = [...whole, ...[...apart].map((entry) => [entry])].map((set) => personOf(set, rules, told));
  return {
    people: people.toSorted(byKey),
    conflicts: conflicts.map(({ kind, entries, text }) => ({ kind, text, refs: entries.map(refOf) })),
  };
}

/** A record of a source with the values of its join keys. */
type Entry = {
  readonly source: string;
  /** Place of its source in `from`. */
  readonly order: number;
  readonly person: ImagePerson;
  /** Of each join key, folded; empty where it has none. */
  readonly values: readonly (readonly string[])[];
  /** A bit for each join key that it has. */
  readonly has: number;
};

type Found = { readonly kind: JoinConflict['kind']; readonly entries: readonly Entry[]; readonly text: string };

function recordsOf(images: readonly SourceImage[], { from, join }: JoinRules): readonly Entry[] {
  const bySource = new Map(images.map((image) => [image.source, image.people]));
  return from.flatMap((source, order) =>
    (bySource.get(source) ?? []).map((person) => {
      const values = join.map((key) => folded(person.attributes[key]));
      const has = values.reduce((bits, some, at) => (some.length > 0 ? bits | (1 << at) : bits), 0);
      return { source, order, person, values, has };
    }),
  );
}

const noValues: readonly string[] = [];
function folded(value: AttributeValue | undefined): readonly string[] {
  if (value === null || value === undefined) return noValues;
  if (typeof value !== 'string') return value.flatMap(folded);
  const text = value.normalize('NFC').trim().toLowerCase();
  return text === '' ? noValues : [text];
}

/** Whether the first key that both have is equal in both; null when they have none in common. */
function isSame(one: Entry, other: Entry): boolean | null {
  const common = one.has & other.has;
  if (common === 0) return null;
  const key = 31 - Math.clz32(common & -common);
  return one.values[key]!.some((value) => other.values[key]!.includes(value));
}

/** Records that are the same, directly or through others. A record has all its company in the set, whatever the order. */
function unite(records: readonly Entry[], keys: number): readonly (readonly Entry[])[] {
  const parent = records.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };
  const join = (some: readonly number[]): void => {
    for (const at of some) parent[rootOf(at)] = rootOf(some[0]!);
  };
  for (let key = 0; key < keys; key += 1) {
    for (const bucket of bucketsOf(records, key).values()) {
      if (bucket.length > 1) for (const same of decidedBy(key, records, bucket)) join(same);
    }
  }
  const sets = new Map<number, Entry[]>();
  for (const [at, record] of records.entries()) put(sets, rootOf(at), record);
  return [...sets.values()];
}

function bucketsOf(records: readonly Entry[], key: number): ReadonlyMap<string, readonly number[]> {
  const buckets = new Map<string, number[]>();
  for (const [at, { values }] of records.entries()) for (const value of values[key]!) put(buckets, value, at);
  return buckets;
}

/** Of records with one value of a key: those for which no earlier key decides, in portions that are the same throughout. */
function decidedBy(key: number, records: readonly Entry[], bucket: readonly number[]): readonly (readonly number[])[] {
  const byEarlier = new Map<number, number[]>();
  for (const at of bucket) put(byEarlier, records[at]!.has & ((1 << key) - 1), at);
  const portions = [...byEarlier];
  return portions.flatMap(([bits, some], first) =>
    portions.slice(first).flatMap(([others, more]) => {
      if ((bits & others) !== 0) return [];
      return [some === more ? some : [...some, ...more]];
    }),
  );
}

/** Why records that hang together are not one person; null when they are. */
function faultOf(entries: readonly Entry[], join: readonly string[]): Found | null {
  const twice = entries.find((entry, at) => entries[at + 1]?.source === entry.source);
  if (twice !== undefined) {
    const isOne = isSame(twice, entries[entries.indexOf(twice) + 1]!);
    return isOne ? duplicate(entries, twice, join) : contradiction(entries, join);
  }
  const differ = entries.some((one, at) => entries.slice(at + 1).some((other) => isSame(one, other) === false));
  return differ ? contradiction(entries, join) : null;
}

const duplicate = (entries: readonly Entry[], { source }: Entry, join: readonly string[]): Found => ({
  kind: 'duplicate',
  entries,
  text: `${source} shows one person more than once: the same ${either(join)}.`,
});

const contradiction = (entries: readonly Entry[], join: readonly string[]): Found => ({
  kind: 'contradiction',
  entries,
  text: `${entries.length} records of ${[...new Set(entries.map(({ source }) => source))].join(', ')} are the same by one of ${join.join(', ')} and differ by another.`,
});

const either = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/**
 * Records of two sources with one value of a later key and different ones of an earlier key, where neither source has another record of
 * the person: one of the values is wrong, or was given to somebody else.
 */
function disagreements(people: readonly (readonly Entry[])[], join: readonly string[]): readonly Found[] {
  const records = people.flat();
  const setOf = people.flatMap((set) => set.map(() => set));
  const lacks = (at: number, order: number) => setOf[at]!.every((other) => other.order !== order);
  const found: Found[] = [];
  for (let key = 1; key < join.length; key += 1) {
    for (const bucket of bucketsOf(records, key).values()) {
      if (bucket.every((at) => setOf[at] === setOf[bucket[0]!])) continue;
      const bySource = new Map<number, number[]>();
      for (const at of bucket) put(bySource, records[at]!.order, at);
      const lonely = [...bySource].flatMap(([order, some]) => {
        // Sources with a record of the same value that has nobody in this one.
        const others = [...bySource].filter(
          ([other, more]) => other !== order && more.some((one) => lacks(one, order)),
        );
        return some.filter((at) => others.some(([other]) => lacks(at, other)));
      });
      const entries = lonely.map((at) => records[at]!).toSorted(byRef);
      if (entries.length > 0) found.push(disagreement(entries, join[key]!, join));
    }
  }
  return found;
}

const disagreement = (entries: readonly Entry[], key: string, join: readonly string[]): Found => ({
  kind: 'disagreement',
  entries,
  text: `${[...new Set(entries.map(({ source }) => source))].join(' and ')} have the same ${key} for people who differ by ${either(join.slice(0, join.indexOf(key)))}.`,
});

const RIVALS_TOLD = 20;

type Told = Required<Pick<JoinedPerson, 'joinConflict' | 'joinRivals'>>;

function personOf(entries: readonly Entry[], rules: JoinRules, told: ReadonlyMap<Entry, Told>): JoinedPerson {
  const first = entries[0]!;
  const { attributes, from } = attributesOf(entries, rules.prefer);
  const conflict = entries.map((entry) => told.get(entry)).find((one) => one !== undefined);
  return {
    key: `${first.source}:${first.person.sourceId}`,
    refs: entries.map(refOf),
    attributes,
    from,
    groups: groupsOf(entries),
    active: attributes.account_disabled === 'false',
    absent: Object.fromEntries(
      entries.flatMap(({ source, person: { absent } }) => (absent === null ? [] : [[source, absent] as const])),
    ),
    ...conflict,
  };
}

/**
 * A source that is named for an attribute says it, also when it says that there is none. Else the first that has a value does, beginning
 * with the one named for `*`. Who is disabled is said by the source named for `account_disabled`, else by any.
 */
function attributesOf(
  entries: readonly Entry[],
  prefer: JoinRules['prefer'],
): { readonly attributes: Attributes; readonly from: Readonly<Record<string, string>> } {
  const usual = entries.toSorted((one, other) => rank(one, prefer) - rank(other, prefer));
  const chosen = new Map<string, Entry>();
  for (const entry of usual) {
    for (const name of Object.keys(entry.person.attributes)) {
      const before = chosen.get(name);
      const isNamed = entry.source === prefer[name];
      const fills =
        before !== undefined &&
        before.source !== prefer[name] &&
        before.person.attributes[name] === null &&
        entry.person.attributes[name] !== null;
      if (before === undefined || isNamed || fills) chosen.set(name, entry);
    }
  }
  const attributes: [string, AttributeValue][] = [];
  const from: [string, string][] = [];
  for (const [name, { source, person }] of chosen) {
    attributes.push([name, person.attributes[name]!]);
    from.push([name, source]);
  }
  const says =
    usual.find(({ source }) => source === prefer.account_disabled) ??
    usual.find(({ person }) => !person.active) ??
    usual[0]!;
  attributes.push(['account_disabled', String(!says.person.active)]);
  from.push(['account_disabled', says.source]);
  return { attributes: Object.fromEntries(attributes), from: Object.fromEntries(from) };
}

const rank = ({ source, order }: Entry, prefer: JoinRules['prefer']): number => (source === prefer['*'] ? -1 : order);

const groupsOf = (entries: readonly Entry[]): readonly string[] =>
  entries.length === 1
    ? entries[0]!.person.groups
    : [...new Set(entries.flatMap(({ person }) => person.groups))].toSorted();

const refOf = ({ source, person }: Entry): SourceRef => ({ source, sourceId: person.sourceId });

const byRef = (one: Entry, other: Entry): number =>
  one.order - other.order || (one.person.sourceId < other.person.sourceId ? -1 : 1);
const byEntries = (one: Found, other: Found): number => {
  const at = one.entries.findIndex((entry, index) => entry !== other.entries[index]);
  const left = one.entries[at];
  const right = other.entries[at];
  return left === undefined || right === undefined ? one.entries.length - other.entries.length : byRef(left, right);
};
const byKey = (one: JoinedPerson, other: JoinedPerson): number => (one.key < other.key ? -1 : 1);

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [value]);
  else there.push(value);
}
