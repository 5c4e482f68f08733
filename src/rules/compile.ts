import { type ManagedField, managedFields } from '../model/managed-field.ts';
import { createBudget } from './budget.ts';
import { callingAttributes } from './company.ts';
import { type Condition, type ConditionReader, readConditions } from './condition.ts';
import { createCompiler } from './expression.ts';
import type { WrittenFile, WrittenMapping, WrittenTest } from './file-form.ts';
import { fold } from './fold.ts';
import { type Placed, problemAt, type Report } from './form.ts';
import { type GroupRule, readGroupRule } from './group-rule.ts';
import { type Mapping, readMapping, type Tables } from './mapping.ts';
import { createNames } from './names.ts';
import type { RuleProblem, Settings } from './rule-set.ts';
import { settingsOf } from './settings.ts';
import type { Tree } from './tree.ts';

/** A rule file that can be evaluated. */
export type Rules = {
  readonly written: WrittenFile;
  readonly settings: Settings;
  readonly include: Condition | null;
  readonly exclude: Condition | null;
  readonly leavers: Condition | null;
  /** Fields that need the person alone come first. */
  readonly mappings: readonly Mapping[];
  readonly groups: readonly GroupRule[];
  readonly tests: readonly Placed<WrittenTest>[];
  /** The attribute or field that names a person's manager. */
  readonly managerName: string;
  /** Whether somebody has to be found by DN, number or address. */
  readonly needsCompany: boolean;
  readonly attributes: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;
  readonly doubtful: readonly RuleProblem[];
  readonly unusedTables: readonly string[];
};

/** Makes of a file what is evaluated. What is wrong is reported; the result may be used only when nothing was. */
export function compileRules(written: WrittenFile, known: ReadonlySet<string> | null, report: Report): Rules {
  const map = (written.map ?? {}) as Readonly<Partial<Record<ManagedField, Placed<string | WrittenMapping>>>>;
  const mapped = new Set(managedFields.filter((field) => map[field] !== undefined));
  const budget = createBudget(report);
  const names = createNames({ mapped, declared: written.attributes ?? null, known, budget, report });
  const compiler = createCompiler(names, budget);
  const tables: Tables = written.tables ?? new Map();
  checkTables(tables, report);
  const usedTables = new Set<string>();
  const lookups = new Set([...mapped].filter((field) => lookupOf(map[field]) !== undefined));
  const mappingReader = { tables, usedTables, lookups, names, expression: compiler.value, report };
  // Attributes that are named by a mapping are known to what is read after it.
  const order = [...mapped].toSorted((one, other) => rank(map[one]) - rank(map[other]));
  const mappings = order.flatMap((field) => readMapping(field, map[field]!, mappingReader) ?? []);
  const reader: ConditionReader = { names, expression: compiler.condition, budget, report };
  const condition = (part: Placed<Tree> | undefined, rule: string) =>
    part === undefined ? null : readConditions(part.value, part.path, rule, reader);
  const include = condition(written.scope?.include, 'scope.include');
  const exclude = condition(written.scope?.exclude, 'scope.exclude');
  const leavers = condition(written.leavers?.when, 'leavers.when');
  const settings = settingsOf(written, report);
  const groups = (written.groups?.rules ?? []).flatMap(
    (rule) => readGroupRule(rule, settings.ownedPrefix, reader) ?? [],
  );
  const conditions = [include, exclude, leavers, ...groups.map((group) => group.condition)];
  const chains = conditions.some((one) => one?.needsChain) || groups.some(({ kind }) => kind === 'leaders');
  const needsCompany = chains || mappings.some(({ isLookup }) => isLookup);
  const managerName = managerOf(mappings);
  return {
    ...{ written, settings, include, exclude, leavers, mappings, groups, managerName, needsCompany },
    tests: written.tests ?? [],
    attributes: new Set([
      ...names.attributes,
      ...impliedAttributes(mapped, settings, { chains, needsCompany, leavers, managerName }),
    ]),
    named: names.attributes,
    doubtful: names.doubtful,
    unusedTables: [...tables.keys()].filter((name) => !usedTables.has(name)),
  };
}

const lookupOf = (part: Placed<string | WrittenMapping> | undefined) =>
  typeof part?.value === 'object' ? part.value.lookup : undefined;

function rank(part: Placed<string | WrittenMapping> | undefined): number {
  if (typeof part?.value === 'object' && part.value.cel !== undefined) return 1;
  return lookupOf(part) === undefined ? 0 : 2;
}

function checkTables(tables: Tables, report: Report): void {
  for (const { value, at, path } of tables.values()) {
    const met = new Map<string, string>();
    for (const key of value.keys()) {
      const other = met.get(fold(key));
      if (other !== undefined) report(problemAt(at, path, `${key} and ${other} are the same, letters folded`));
      met.set(fold(key), key);
    }
  }
}

/** What names the manager in a mapping, else the attribute that is usually called so. */
function managerOf(mappings: readonly Mapping[]): string {
  const of = (field: ManagedField) => mappings.find((mapping) => mapping.field === field);
  const lookup = [of('manager_email'), of('manager_name')].find((mapping) => mapping?.isLookup);
  if (lookup?.from !== undefined && lookup.from !== null) return lookup.from;
  return of('manager_email') === undefined ? 'manager' : 'manager_email';
}

/** Attributes that are read without being named. */
function impliedAttributes(
  mapped: ReadonlySet<ManagedField>,
  { match }: Settings,
  needs: { chains: boolean; needsCompany: boolean; leavers: Condition | null; managerName: string },
): readonly string[] {
  return [
    ...(match.includes('provisioning_guid') ? ['provisioning_guid', 'objectGUID'] : []),
    ...(match.includes('employee_number') && !mapped.has('employee_number') ? ['employee_number'] : []),
    ...(match.includes('alias') ? ['aliases', 'proxyAddresses'] : []),
    ...(mapped.has('employee_start_date') ? [] : ['hired_on']),
    ...(needs.leavers === null ? [] : ['terminated_on']),
    ...(needs.needsCompany ? callingAttributes : []),
    ...(needs.chains && !(mapped as ReadonlySet<string>).has(needs.managerName) ? [needs.managerName] : []),
  ];
}
