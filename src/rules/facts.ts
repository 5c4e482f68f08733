import type { FieldValues, ManagedField } from '../model/managed-field.ts';
import type { AttributeValue, JoinedPerson } from '../model/source-person.ts';
import { type Day, dayIn, readDay } from './days.ts';
import { fold } from './fold.ts';
import { patternLimits } from './pattern.ts';

/** The longest text of an attribute that rules look at; a longer one is a problem of the person. */
const LONGEST_TEXT = patternLimits.text;

/** The moment at which people are looked at. */
export type Clock = {
  readonly now: Date;
  readonly today: Day;
  /** The day of a moment in the time zone. */
  readonly dayOf: (moment: Date) => Day;
  /** The day that a text means; each text is read once. */
  readonly read: (text: string) => Day | null;
};

export function clockAt(now: Date, timeZone: string): Clock {
  const dayOf = dayIn(timeZone);
  const known = new Map<string, Day | null>();
  const read = (text: string): Day | null => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const day = readDay(text, dayOf);
    known.set(text, day);
    return day;
  };
  return { now, today: dayOf(now), dayOf, read };
}

/** The texts of a name, and the same folded. */
type Value = { readonly texts: readonly string[]; readonly folded: readonly string[] };

/** What the people of one evaluation share: values that many have, and the place of each name among a person's values. */
export type Pool = { readonly values: Map<string, Value>; readonly places: Map<string, number> };

export const createPool = (): Pool => ({ values: new Map(), places: new Map() });

/**
 * What is known of one person while rules are evaluated. Names are those of conditions: a mapped field, else an attribute. Each is read and folded
 * once, however many rules ask for it.
 */
export type Facts = {
  readonly person: JoinedPerson;
  /** What the mapping made. */
  fields: { -readonly [Field in ManagedField]?: string | null };
  readonly problems: string[];
  /** A text was too long to be looked at, so that no test of it says anything. */
  isUnread: boolean;
  /** By the place of their name in the pool. */
  readonly values: (Value | undefined)[];
  readonly pool: Pool;
  groups: ReadonlySet<string> | null;
  /** Those whom the person reports to, nearest first; null until somebody asked. */
  chain: readonly Facts[] | null;
};

export const factsOf = (person: JoinedPerson, pool: Pool): Facts => ({
  person,
  fields: {},
  problems: person.joinConflict === undefined ? [] : [person.joinConflict],
  isUnread: false,
  values: [],
  pool,
  groups: null,
  chain: null,
});

const none: readonly string[] = [];

/** The texts of an attribute as the sources have it, trimmed, without blank ones. */
export function attributeTexts(person: JoinedPerson, name: string): readonly string[] {
  const has = Object.hasOwn(person.attributes, name);
  if (!has) return name === 'account_disabled' ? [person.active ? 'false' : 'true'] : none;
  return textsOfValue(person.attributes[name] ?? null);
}

function textsOfValue(value: AttributeValue): readonly string[] {
  if (value === null) return none;
  if (typeof value === 'string') {
    const text = value.trim();
    return text === '' ? none : [text];
  }
  return value.map((one) => one.trim()).filter((one) => one !== '');
}

/** The texts of a mapped field, or else of an attribute. */
export const textsOf = (facts: Facts, name: string): readonly string[] => valueIn(facts, name).texts;

export const foldedOf = (facts: Facts, name: string): readonly string[] => valueIn(facts, name).folded;

function valueIn(facts: Facts, name: string): Value {
  const { places } = facts.pool;
  let place = places.get(name);
  if (place === undefined) {
    place = places.size;
    places.set(name, place);
  }
  const known = facts.values[place];
  if (known !== undefined) return known;
  const value = readValue(facts, name);
  facts.values[place] = value;
  return value;
}

const blank: Value = { texts: none, folded: none };

function readValue(facts: Facts, name: string): Value {
  const mapped = fieldOf(facts.fields, name);
  const texts = mapped === undefined ? attributeTexts(facts.person, name) : mapped === null ? none : [mapped];
  const [only] = texts;
  if (only === undefined) return blank;
  if (texts.some((text) => text.length > LONGEST_TEXT)) {
    complain(facts, `${name} is longer than ${LONGEST_TEXT} letters`);
    facts.isUnread = true;
    return blank;
  }
  if (texts.length > 1) return { texts, folded: texts.map(fold) };
  const pooled = facts.pool.values.get(only);
  if (pooled !== undefined) return pooled;
  const value = { texts, folded: [fold(only)] };
  facts.pool.values.set(only, value);
  return value;
}

export const fieldOf = (fields: FieldValues, name: string): string | null | undefined =>
  Object.hasOwn(fields, name) ? fields[name as ManagedField] : undefined;

/** Names of the source's groups, folded. */
export function groupsOf(facts: Facts): ReadonlySet<string> {
  facts.groups ??= new Set(facts.person.groups.map(fold));
  return facts.groups;
}

/** Null when there is none, or none that can be read; then the person has a problem, told once a rule. */
export function dayOfFact(facts: Facts, name: string, rule: string, clock: Clock): Day | null {
  const written = textsOf(facts, name)[0];
  if (written === undefined) return null;
  const day = clock.read(written);
  if (day === null)
    complain(facts, `${rule}: ${name} is ${shown(written)}, which is no day that can be read with certainty`);
  return day;
}

export function numberOfFact(facts: Facts, name: string, rule: string): number | null {
  const written = textsOf(facts, name)[0];
  if (written === undefined) return null;
  if (/^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(written)) return Number(written);
  complain(facts, `${rule}: ${name} is ${shown(written)}, which is no number`);
  return null;
}

/** Once, however often a rule is asked. */
export function complain(facts: Facts, words: string): void {
  if (!facts.problems.includes(words)) facts.problems.push(words);
}

/** Whether a rule met something that it could not make out: then what it says, and above all what it denies, is worth nothing. */
export const isUnsure = ({ problems, isUnread }: Facts, rule: string): boolean =>
  isUnread || (problems.length > 0 && problems.some((problem) => problem.startsWith(`${rule}:`)));

/** A value as it is told in a sentence. */
export const shown = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
