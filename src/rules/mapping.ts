import type { ManagedField } from '../model/managed-field.ts';
import type { Company } from './company.ts';
import { type Expression, failureWords, type Lookup } from './expression.ts';
import { attributeTexts, type Clock, complain, type Facts, fieldOf, shown } from './facts.ts';
import type { WrittenMapping } from './file-form.ts';
import { fold } from './fold.ts';
import { hintNear, type Placed, problemAt, type Report } from './form.ts';
import type { Names } from './names.ts';
import { readTemplate } from './template.ts';
import type { TreeText } from './tree.ts';

/** How one field is made. */
export type Mapping = {
  readonly field: ManagedField;
  readonly rule: string;
  /** Needs the others: made when all else is. */
  readonly isLookup: boolean;
  /** The attribute that it is made from, or that a test may stand in for. */
  readonly from: string | null;
  /** Texts that it can never make, folded: the table turns them into others. */
  readonly never: ReadonlyMap<string, string>;
  /** The value, null for blank, undefined when it cannot be worked out: then a problem is told. */
  make(facts: Facts, clock: Clock, company: Company): string | null | undefined;
  /** In words, for people. */
  readonly words: string;
};

export type Tables = ReadonlyMap<string, Placed<ReadonlyMap<string, string>>>;
type CompileValue = (tree: TreeText, path: string, lookup: Lookup, report: Report) => Expression<string | null> | null;

export type MappingReader = {
  readonly tables: Tables;
  readonly usedTables: Set<string>;
  /** Fields that are looked up. */
  readonly lookups: ReadonlySet<string>;
  readonly names: Names;
  readonly expression: CompileValue;
  readonly report: Report;
};

const attributeLookup: Lookup = (facts, name) => attributeTexts(facts.person, name);
const firstText = (facts: Facts, name: string): string | null => attributeTexts(facts.person, name)[0] ?? null;

export function readMapping(
  field: ManagedField,
  { value, at, path }: Placed<string | WrittenMapping>,
  reader: MappingReader,
): Mapping | null {
  const rule = `map.${field}`;
  const wrong = (words: string, hint: string | null = null): null => {
    reader.report(problemAt(at, path, words, hint));
    return null;
  };
  const base = { field, rule, isLookup: false, from: null, never: new Map<string, string>() };
  if (typeof value === 'string') {
    reader.names.useAttribute(value, at, path);
    return { ...base, from: value, words: `from ${value}`, make: (facts) => firstText(facts, value) };
  }
  const ways = (['from', 'cel', 'const'] as const).filter((way) => value[way] !== undefined);
  if (ways.length !== 1) return wrong('needs one of from, cel, const');
  const aside = (['table', 'otherwise', 'lookup'] as const).filter((one) => value[one] !== undefined);
  if (value.from === undefined && aside.length > 0) return wrong(`${aside.join(' and ')} can stand with from alone`);
  const { cel, from } = value;
  if (value.const !== undefined) return { ...base, words: `always ${shown(value.const)}`, make: () => value.const! };
  if (cel !== undefined) {
    if (cel.value.kind !== 'text' || cel.value.text === null) return wrong('cel must be an expression');
    const expression = reader.expression(cel.value, cel.path, attributeLookup, reader.report);
    return expression === null
      ? null
      : { ...base, words: `cel ${cel.value.text}`, make: byExpression(expression, rule) };
  }
  reader.names.useAttribute(from!, at, path);
  if (value.lookup !== undefined) {
    if (value.table !== undefined) return wrong('has both table and lookup');
    return readLookup({ ...base, from: from!, isLookup: true }, from!, value, value.lookup, reader);
  }
  if (value.table === undefined) {
    if (value.otherwise !== undefined) return wrong('otherwise needs table or lookup');
    return { ...base, from: from!, words: `from ${from}`, make: (facts) => firstText(facts, from!) };
  }
  return readTable({ ...base, from: from! }, from!, value, value.table, reader);
}

type Base = Pick<Mapping, 'field' | 'rule' | 'isLookup' | 'from'>;

function readTable(
  base: Base,
  from: string,
  { otherwise = 'keep' }: WrittenMapping,
  table: Placed<string>,
  reader: MappingReader,
): Mapping | null {
  const found = reader.tables.get(table.value);
  if (found === undefined) {
    const hint = hintNear(table.value, [...reader.tables.keys()]) ?? 'Write it under tables.';
    reader.report(problemAt(table.at, table.path, `there is no table ${table.value}`, hint));
    return null;
  }
  reader.usedTables.add(table.value);
  const values = new Map([...found.value].map(([key, value]) => [fold(key), value]));
  const made = new Set([...values.values()].map(fold));
  const never = new Map([...values].filter(([key, value]) => fold(value) !== key && !made.has(key)));
  const make: Mapping['make'] = (facts) => {
    const text = firstText(facts, from);
    if (text === null) return null;
    const value = values.get(fold(text));
    return (
      value ?? otherwiseOf(otherwise, text, `${base.rule}: ${shown(text)} is not in the table ${table.value}`, facts)
    );
  };
  return { ...base, never, words: `from ${from} by table ${table.value}`, make };
}

/** What stands for a value that is not found. */
function otherwiseOf(otherwise: string, text: string, problem: string, facts: Facts): string | null | undefined {
  if (otherwise === 'keep') return text;
  if (otherwise === 'blank') return null;
  if (otherwise !== 'hold') return otherwise;
  complain(facts, problem);
  return undefined;
}

function readLookup(
  base: Base,
  from: string,
  { otherwise = 'blank' }: WrittenMapping,
  lookup: Placed<string>,
  reader: MappingReader,
): Mapping | null {
  const wrong = (words: string): null => {
    reader.report(problemAt(lookup.at, lookup.path, words));
    return null;
  };
  if (otherwise === 'keep') return wrong('a lookup cannot keep what names somebody: write blank, hold or a text');
  const template = readTemplate(lookup.value.includes('{') ? lookup.value : `{${lookup.value}}`);
  if ('wrong' in template) return wrong(template.wrong);
  for (const name of template.names) reader.names.use(name, lookup.at, lookup.path);
  const chained = template.names.find((name) => reader.lookups.has(name));
  if (chained !== undefined) return wrong(`${chained} is looked up itself: it cannot be taken from another`);
  const valueFor =
    (leader: Facts) =>
    (name: string): string | null => {
      const mapped = fieldOf(leader.fields, name);
      return mapped === undefined ? firstText(leader, name) : mapped;
    };
  const make: Mapping['make'] = (facts, _, company) => {
    const called = firstText(facts, from);
    if (called === null) return null;
    const leader = company.find(called);
    if (leader === 'many') {
      complain(facts, `${base.rule}: ${shown(called)} may be two people`);
      return undefined;
    }
    if (leader !== null) return template.fill(valueFor(leader));
    return otherwiseOf(otherwise, called, `${base.rule}: nobody is ${shown(called)}`, facts);
  };
  return { ...base, never: new Map(), words: `${lookup.value} of whom ${from} names`, make };
}

const byExpression =
  (expression: Expression<string | null>, rule: string): Mapping['make'] =>
  (facts, clock) => {
    try {
      return expression.run(facts, clock);
    } catch (error) {
      complain(facts, `${rule}: ${failureWords(error)}`);
      return undefined;
    }
  };

const dayFields: ReadonlySet<ManagedField> = new Set(['employee_start_date', 'custom_date_1', 'custom_date_2']);
const LONGEST_VALUE = 1000;

/** A value as its field takes it; undefined, with a problem told, for what it cannot take. */
export function fitting(
  { field, rule }: Mapping,
  made: string | null | undefined,
  facts: Facts,
  clock: Clock,
): string | null | undefined {
  const value = made?.trim() ?? made;
  if (value === undefined || value === null || value === '') return value === '' ? null : value;
  if (dayFields.has(field)) {
    const day = clock.read(value);
    if (day === null) complain(facts, `${rule}: ${shown(value)} is no day that can be read with certainty`);
    return day ?? undefined;
  }
  const words =
    field === 'email' && !isAddress(value)
      ? 'is no e-mail address'
      : value.length > LONGEST_VALUE
        ? 'is too long'
        : null;
  if (words === null) return value;
  complain(facts, `${rule}: ${shown(value)} ${words}`);
  return undefined;
}

function isAddress(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at === text.lastIndexOf('@') && at < text.length - 1 && text.length <= 254 && !hasBlank(text);
}

const hasBlank = (text: string): boolean =>
  [...text].some((letter) => letter.trim() === '' || letter === ',' || letter === ';');
