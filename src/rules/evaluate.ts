import { canonicalGuid } from '../lib/guid.ts';
import type { ManagedField } from '../model/managed-field.ts';
import type { JoinedPerson } from '../model/source-person.ts';
import { type Company, createCompany, noCompany } from './company.ts';
import type { Rules } from './compile.ts';
import type { Scene } from './condition.ts';
import {
  attributeTexts,
  type Clock,
  clockAt,
  complain,
  createPool,
  type Facts,
  factsOf,
  fieldOf,
  isUnsure,
  shown,
  textsOf,
} from './facts.ts';
import { fillGroups, type Standing } from './fill-groups.ts';
import { fold } from './fold.ts';
import type { GroupRule } from './group-rule.ts';
import { fitting } from './mapping.ts';
import type { EvaluatedPerson, Evaluation, EvaluationOptions } from './rule-set.ts';

/** Everybody with what the mapping made of them. */
export type Prepared = {
  readonly everybody: readonly Facts[];
  readonly clock: Clock;
  readonly company: Company;
  readonly scene: Scene;
};

export function prepare(rules: Rules, people: readonly JoinedPerson[], { now, timeZone }: EvaluationOptions): Prepared {
  const clock = clockAt(now, timeZone);
  const pool = createPool();
  const everybody = people.map((person) => factsOf(person, pool));
  const plain = rules.mappings.filter(({ isLookup }) => !isLookup);
  for (const facts of everybody) mapFields(facts, plain, clock, noCompany);
  if (!rules.needsCompany) return { everybody, clock, company: noCompany, scene: sceneAt(clock, noCompany) };
  const managerOf = (facts: Facts): string | null =>
    fieldOf(facts.fields, rules.managerName) ?? attributeTexts(facts.person, rules.managerName)[0] ?? null;
  const company = createCompany(everybody, managerOf);
  const lookups = rules.mappings.filter(({ isLookup }) => isLookup);
  for (const facts of everybody) mapFields(facts, lookups, clock, company);
  return { everybody, clock, company, scene: sceneAt(clock, company) };
}

export const sceneAt = (clock: Clock, company: Company): Scene => ({
  clock,
  chainOf: company.chainOf,
  called: company.called,
});

function mapFields(facts: Facts, mappings: Rules['mappings'], clock: Clock, company: Company): void {
  for (const mapping of mappings) {
    const value = fitting(mapping, mapping.make(facts, clock, company), facts, clock);
    if (value !== undefined) facts.fields[mapping.field] = value;
  }
}

/** Whoever it cannot be said of counts as in scope: they are held for their problem, and nothing happens to them for being outside. */
export function isInScope({ include, exclude }: Rules, facts: Facts, scene: Scene): boolean {
  const isIn = (include?.holds(facts, scene) ?? true) && !(exclude?.holds(facts, scene) ?? false);
  return isIn || isUnsure(facts, 'scope.include') || isUnsure(facts, 'scope.exclude');
}

/** Nobody has left by what cannot be made out. */
const isLeaver = ({ leavers }: Rules, facts: Facts, scene: Scene): boolean =>
  (leavers?.holds(facts, scene) ?? false) && !isUnsure(facts, 'leavers.when');

/** Evaluates the file over everybody; in time with their number. */
export function evaluateRules(rules: Rules, people: readonly JoinedPerson[], options: EvaluationOptions): Evaluation {
  const prepared = prepare(rules, people, options);
  const { everybody, scene, clock } = prepared;
  const standing = everybody.map(
    (facts): Standing => ({
      facts,
      inScope: isInScope(rules, facts, scene),
      isLeaver: isLeaver(rules, facts, scene),
      groups: [],
    }),
  );
  const groups = fillGroups(rules.groups, standing, scene);
  // Nearly everybody has every field: they share one list of reasons.
  const whole = Object.fromEntries(rules.mappings.map(({ field, rule }) => [field, rule]));
  const isWhole = ({ fields }: Facts): boolean => rules.mappings.every(({ field }) => fields[field] !== undefined);
  return {
    people: standing.map(({ facts, inScope, isLeaver, groups: own }): EvaluatedPerson => {
      const hiredOn = hiredOnOf(facts, clock);
      return {
        person: facts.person,
        inScope,
        fields: facts.fields,
        because: isWhole(facts) ? whole : becauseOf(rules.mappings, facts),
        keys: keysOf(facts),
        leaver: isLeaver ? { since: sinceOf(rules, facts, scene), rule: 'leavers.when' } : null,
        hiredOn,
        groups: own,
        problems: facts.problems,
      };
    }),
    groups,
  };
}

/** Who a rule picks at a moment, by key: without the groups of other rules. */
export function pickedBy(
  rules: Rules,
  picks: 'scope' | 'leavers' | GroupRule,
  { everybody, scene }: Prepared,
): ReadonlyMap<string, string | null> {
  const inScope = everybody.filter((facts) => isInScope(rules, facts, scene));
  if (picks === 'scope') return new Map(inScope.map(({ person }) => [person.key, null]));
  const standing = inScope.map(
    (facts): Standing => ({ facts, inScope: true, isLeaver: isLeaver(rules, facts, scene), groups: [] }),
  );
  if (picks === 'leavers') {
    return new Map(standing.filter((one) => one.isLeaver).map(({ facts }) => [facts.person.key, null]));
  }
  fillGroups([picks], standing, scene);
  return new Map(
    standing
      .filter(({ groups }) => groups.length > 0)
      .map(({ facts, groups }) => [facts.person.key, groups.map(({ group }) => group).join(', ')]),
  );
}

function becauseOf(mappings: Rules['mappings'], { fields }: Facts): EvaluatedPerson['because'] {
  const because: { [Field in ManagedField]?: string } = {};
  for (const { field, rule } of mappings) if (Object.hasOwn(fields, field)) because[field] = rule;
  return because;
}

function hiredOnOf(facts: Facts, clock: Clock): string | null {
  const mapped = fieldOf(facts.fields, 'employee_start_date');
  if (mapped !== undefined) return mapped;
  const written = textsOf(facts, 'hired_on')[0];
  if (written === undefined) return null;
  const day = clock.read(written);
  if (day === null)
    complain(facts, `joiners: hired_on is ${shown(written)}, which is no day that can be read with certainty`);
  return day;
}

function sinceOf({ leavers }: Rules, facts: Facts, scene: Scene): string | null {
  const said = leavers?.dayOf(facts, scene) ?? null;
  const written = textsOf(facts, 'terminated_on')[0];
  return said ?? (written === undefined ? null : scene.clock.read(written));
}

const keysOf = (facts: Facts): EvaluatedPerson['keys'] => {
  const { person, fields } = facts;
  const first = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const text = attributeTexts(person, name)[0];
      if (text !== undefined) return text;
    }
    return null;
  };
  const email = fieldOf(fields, 'email');
  const number = fieldOf(fields, 'employee_number');
  const key = email?.toLowerCase() ?? null;
  return {
    guid:
      first('provisioning_guid', 'objectGUID') ??
      person.refs.find(({ sourceId }) => isGuid(sourceId))?.sourceId ??
      null,
    employeeNumber: number === undefined ? first('employee_number') : number,
    email: key,
    aliases: aliasesOf(person).filter((alias) => alias !== key),
  };
};

/** A written GUID, not just anything that could be one. */
const isGuid = (id: string): boolean => canonicalGuid(id) === fold(id);

/** Of `proxyAddresses` those of mail alone: `smtp:` and `SMTP:`. */
function aliasesOf(person: JoinedPerson): readonly string[] {
  const proxies = attributeTexts(person, 'proxyAddresses').flatMap((text) =>
    text.toLowerCase().startsWith('smtp:') ? [text.slice(5)] : text.includes(':') ? [] : [text],
  );
  const all = [...attributeTexts(person, 'aliases'), ...proxies];
  return all.length === 0
    ? all
    : [...new Set(all.map((alias) => alias.trim().toLowerCase()))].filter((alias) => alias.includes('@'));
}
