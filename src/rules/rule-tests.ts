import { isManagedField } from '../model/managed-field.ts';
import type { AttributeValue, JoinedPerson } from '../model/source-person.ts';
import type { Rules } from './compile.ts';
import { dayIn, readDay } from './days.ts';
import { evaluateRules } from './evaluate.ts';
import type { WrittenTest } from './file-form.ts';
import { fold } from './fold.ts';
import { type Placed, problemAt, type Report } from './form.ts';
import type { EvaluatedPerson, EvaluationOptions } from './rule-set.ts';
import { plainOf, type Tree } from './tree.ts';

export type RuleTestResult = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly passed: boolean;
  /** What was expected and what came, one sentence each. */
  readonly failures: readonly string[];
};

/**
 * Runs the tests of a file. `at_least` does not count in them: it needs the whole company. A person of whom a test says nothing that
 * `scope.include` asks for counts as included.
 */
export function runRuleTests(rules: Rules, options: EvaluationOptions): readonly RuleTestResult[] {
  const alone: Rules = { ...rules, groups: rules.groups.map((group) => ({ ...group, atLeast: 1 })) };
  return rules.tests.map(({ value: test, at }) => {
    const now = test.at === undefined ? options.now : momentOf(test.at.value, options);
    const people = [test.person, ...(test.others ?? [])].map((one, index) => personOf(one.value, index, rules));
    const says = new Set(test.person.value.kind === 'map' ? test.person.value.entries.keys() : []);
    const isSilent = !(rules.include?.reads ?? []).some((name) => says.has(name));
    const judged = isSilent ? { ...alone, include: null } : alone;
    const { people: evaluated } = evaluateRules(judged, people, { ...options, now });
    const failures = failuresOf(test, evaluated[0]!);
    return { name: test.name, file: at.file, line: at.line, passed: failures.length === 0, failures };
  });
}

/** Noon of a day, which is that day in nearly every time zone; a moment as it is. */
function momentOf(written: string, { now, timeZone }: EvaluationOptions): Date {
  const day = readDay(written, dayIn(timeZone));
  if (day === null) return now;
  return /T/.test(written) ? new Date(written) : new Date(`${day}T12:00:00Z`);
}

/** What cannot be a test is told when the file is checked. */
export function checkTests(tests: readonly Placed<WrittenTest>[], groupPrefix: string | null, report: Report): void {
  for (const { value: test } of tests) {
    for (const person of [test.person, ...(test.others ?? [])]) checkPerson(person, report);
    if (test.at !== undefined && readDay(test.at.value, dayIn('UTC')) === null) {
      report(problemAt(test.at.at, test.at.path, 'must be a day such as 2026-11-20'));
    }
    for (const group of [...(test.in ?? []), ...(test.not_in ?? [])]) {
      if (groupPrefix !== null && fold(group.value).startsWith(fold(groupPrefix))) continue;
      report(
        problemAt(
          group.at,
          group.path,
          `${group.value} is no group of these rules`,
          `Theirs begin with ${JSON.stringify(groupPrefix ?? '')}.`,
        ),
      );
    }
    if (test.fields !== undefined) checkFields(test.fields, report);
    const { situation, held, fields } = test;
    const expected = [test.in, test.not_in, situation, held, fields];
    if (expected.every((one) => one === undefined)) {
      report(
        problemAt(
          test.person.at,
          test.person.path,
          'the test expects nothing',
          'Write in, not_in, situation, fields or held.',
        ),
      );
    }
  }
}

function checkPerson({ value, at, path }: Placed<Tree>, report: Report): void {
  if (value.kind !== 'map') {
    report(problemAt(at, path, 'must be a map of attributes'));
    return;
  }
  for (const [name, entry] of value.entries) {
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    const wrong = items.find(({ kind }) => kind !== 'text');
    if (wrong !== undefined) report(problemAt(wrong.at, `${path}.${name}`, 'must be a text or a list of texts'));
  }
}

function checkFields({ value, at, path }: Placed<Tree>, report: Report): void {
  if (value.kind !== 'map') {
    report(problemAt(at, path, 'must be a map of fields'));
    return;
  }
  for (const [name, entry] of value.entries) {
    if (!isManagedField(name)) report(problemAt(entry.at, `${path}.${name}`, `there is no field ${name} at KnowBe4`));
    else if (entry.value.kind !== 'text')
      report(problemAt(entry.value.at, `${path}.${name}`, 'must be a text or null'));
  }
}

/** A person as the sources would show them. A field's value stands for the attribute that it is made from, where that is not given itself. */
function personOf(written: Tree, index: number, { mappings }: Rules): JoinedPerson {
  const given = plainOf(written) as Readonly<Record<string, AttributeValue>>;
  const { groups = [], ...own } = given;
  const attributes: Record<string, AttributeValue> = { ...own };
  for (const { field, from } of mappings) {
    const value = own[field];
    if (value !== undefined && from !== null && own[from] === undefined) attributes[from] = value;
  }
  const key = `test:${index + 1}`;
  return {
    ...{ key, attributes, from: {}, absent: {} },
    refs: [{ source: 'test', sourceId: String(index + 1) }],
    groups: groups === null ? [] : typeof groups === 'string' ? [groups] : groups,
    active: own.account_disabled !== 'true',
  };
}

function failuresOf(test: WrittenTest, person: EvaluatedPerson): readonly string[] {
  const groups = new Set(person.groups.map(({ group }) => fold(group)));
  const all = person.groups.map(({ group }) => group).join(', ') || 'none';
  const situation = !person.inScope ? 'unscoped' : person.leaver === null ? 'absent' : 'terminated';
  const fields = test.fields === undefined ? {} : (plainOf(test.fields.value) as Record<string, string | null>);
  const held = person.problems.length > 0;
  return [
    ...(test.in ?? [])
      .filter(({ value }) => !groups.has(fold(value)))
      .map(({ value }) => `is not in ${value}; groups: ${all}`),
    ...(test.not_in ?? []).filter(({ value }) => groups.has(fold(value))).map(({ value }) => `is in ${value}`),
    ...(test.situation === undefined || test.situation === situation ? [] : [`is ${situation}, not ${test.situation}`]),
    ...Object.entries(fields).flatMap(([name, expected]) => {
      const made = (person.fields as Record<string, string | null | undefined>)[name];
      return made === expected
        ? []
        : [`${name} is ${made === undefined ? 'not mapped' : JSON.stringify(made)}, not ${JSON.stringify(expected)}`];
    }),
    ...(held === (test.held ?? false) ? [] : held ? person.problems : ['nothing holds them']),
  ];
}
