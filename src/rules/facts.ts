import type { FieldValues, ManagedField } from '../model/managed-field.ts';
import type { AttributeValue, JoinedPerson } from '../model/source-person.ts';
import { type Day, dayIn, readDay } from './days.ts';
import { fold } from './fold.ts';

/** The longest text of an attribute that rules look at; a longer one is a problem of the person. */
export const LONGEST_TEXT = 10_000;

/** The moment at which people are looked at. */
export type Clock = { readonly now: Date; readonly today: Day; readonly dayOf: (moment: Date) => Day };

export function clockAt(now: Date, timeZone: string): Clock {
  const dayOf = dayIn(timeZone);
  return { now, today: dayOf(now), dayOf };
}

/**
 * What is known of one person while rules are evaluated. Names are those of conditions: a mapped field, else an attribute. Each is read, folded and
 * parsed once, however many rules ask for it.
 */
export type Facts = {
  readonly person: JoinedPerson;
  /** What the mapping made. */
  fields: { -readonly [Field in ManagedField]?: string | null };
  readonly problems: string[];
  readonly texts: Map<string, readonly string[]>;
  readonly folded: Map<string, readonly string[]>;
  groups: ReadonlySet<string> | null;
  /** Those whom the person reports to, nearest first; null until somebody asked. */
  chain: readonly Facts[] | null;
};

export const factsOf = (person: JoinedPerson): Facts => ({
  person,
  fields: {},
  problems: [],
  texts: new Map(),
  folded: new Map(),
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
export function textsOf(facts: Facts, name: string): readonly string[] {
  const known = facts.texts.get(name);
  if (known !== undefined) return known;
  const mapped = fieldOf(facts.fields, name);
  let texts = mapped === undefined ? attributeTexts(facts.person, name) : mapped === null ? none : [mapped];
  if (texts.some((text) => text.length > LONGEST_TEXT)) {
    facts.problems.push(`${name} is longer than ${LONGEST_TEXT} letters`);
    texts = none;
  }
  facts.texts.set(name, texts);
  return texts;
}

export const fieldOf = (fields: FieldValues, name: string): string | null | undefined =>
  Object.hasOwn(fields, name) ? fields[name as ManagedField] : undefined;

export function foldedOf(facts: Facts, name: string): readonly string[] {
  const known = facts.folded.get(name);
  if (known !== undefined) return known;
  const texts = textsOf(facts, name);
  const folded = texts.length === 0 ? none : texts.map(fold);
  facts.folded.set(name, folded);
  return folded;
}

/** Names of the source's groups, folded. */
export function groupsOf(facts: Facts): ReadonlySet<string> {
  facts.groups ??= new Set(facts.person.groups.map(fold));
  return facts.groups;
}

/** Null when there is none, or none that can be read; then the person has a problem, told once a rule. */
export function dayOfFact(facts: Facts, name: string, rule: string, clock: Clock): Day | null {
  const written = textsOf(facts, name)[0];
  if (written === undefined) return null;
  const day = readDay(written, clock.dayOf);
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

/** A value as it is told in a sentence. */
export const shown = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
