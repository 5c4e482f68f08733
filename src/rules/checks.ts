import type { Rules } from './compile.ts';
import type { Condition, Part } from './condition.ts';
import { fold } from './fold.ts';
import { problemAt } from './form.ts';
import { type GroupRule, groupName, LONGEST_NAME } from './group-rule.ts';
import type { GuardLimits, RuleProblem } from './rule-set.ts';
import type { Place } from './tree.ts';

type PlaceOf = (...path: readonly string[]) => Place;

/** What makes a file unusable although each part of it is well written. */
/** @param placeOf where a part of the file stands */
export function findContradictions(rules: Rules, placeOf: PlaceOf): readonly RuleProblem[] {
  return [...twins(rules.groups), ...needsUnmapped(rules, placeOf), ...protectedFilled(rules)];
}

/** What is worth a look. */
export function findNotices(rules: Rules, placeOf: PlaceOf): readonly RuleProblem[] {
  return [
    ...rules.doubtful,
    ...unusedTables(rules),
    ...unreachable(rules),
    ...overlapping(rules.groups),
    ...rules.groups.flatMap(longName),
    ...loosened(rules, placeOf),
    ...missing(rules, placeOf),
  ];
}

const isFixed = ({ kind }: GroupRule): boolean => kind === 'one';
const fixedName = ({ template }: GroupRule): string => template.fill(() => '')!;
const shape = ({ template }: GroupRule): string => fold(template.fill((name) => `\u0000${name}\u0000`)!);

function twins(groups: readonly GroupRule[]): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const names = new Map<string, GroupRule>();
  const shapes = new Map<string, GroupRule>();
  for (const group of groups) {
    const other = shapes.get(shape(group));
    if (other !== undefined) {
      const hint = 'Make one rule of them, with any: for the different people.';
      problems.push(problemAt(group.at, group.path, `fills the same group as ${other.name}`, hint));
    }
    if (names.has(fold(group.name)))
      problems.push(problemAt(group.at, group.path, `there are two rules with the name ${group.name}`));
    shapes.set(shape(group), group);
    names.set(fold(group.name), group);
  }
  return problems;
}

/** A fixed name that one of the made names may be. */
function overlapping(groups: readonly GroupRule[]): readonly RuleProblem[] {
  const making = groups
    .filter((group) => !isFixed(group))
    .map(({ name, template: { begin, end } }) => ({ name, begin: fold(begin), end: fold(end) }));
  return groups.filter(isFixed).flatMap((group) => {
    const name = fold(fixedName(group));
    const other = making.find(
      ({ begin, end }) => name.startsWith(begin) && name.endsWith(end) && name.length > begin.length + end.length,
    );
    return other === undefined
      ? []
      : [problemAt(group.at, group.path, `may be the same group as one of ${other.name}`, 'Both would fill it.')];
  });
}

function longName(group: GroupRule): readonly RuleProblem[] {
  const { at, path, template } = group;
  if (isFixed(group)) {
    const name = fixedName(group);
    if ([...name.trim()].length <= LONGEST_NAME) return [];
    return [
      problemAt(at, path, `is longer than ${LONGEST_NAME} letters`, `It is called ${groupName(name)} at KnowBe4.`),
    ];
  }
  const letters = [...template.fill(() => '')!].length;
  if (letters <= LONGEST_NAME - 24) return [];
  return [
    problemAt(
      at,
      path,
      `leaves ${Math.max(0, LONGEST_NAME - letters)} letters for values`,
      'Longer names are shortened.',
    ),
  ];
}

function needsUnmapped({ mappings, settings, written }: Rules, placeOf: PlaceOf): readonly RuleProblem[] {
  const { otherwise } = settings.joiners;
  const need = written.joiners?.need ?? [];
  const mapped = new Set(mappings.map(({ field }) => field));
  const fate = otherwise === 'hold' ? 'held' : 'skipped';
  return need
    .filter((field) => !mapped.has(field))
    .map((field) => {
      const words = `needs ${field}, which is not mapped: every joiner would be ${fate}`;
      return problemAt(placeOf('joiners', 'need'), 'joiners.need', words, `Write map.${field}.`);
    });
}

function protectedFilled({ written, groups }: Rules): readonly RuleProblem[] {
  return (written.guards?.protected ?? [])
    .filter(({ value }) => groups.some((group) => isFixed(group) && fold(fixedName(group)) === fold(value)))
    .map(({ at, path, value }) => problemAt(at, path, `${value} is filled by a rule: it cannot be protected too`));
}

function unusedTables({ written, unusedTables: names }: Rules): readonly RuleProblem[] {
  return names.map((name) => {
    const table = written.tables!.get(name)!;
    return problemAt(table.at, table.path, `no mapping uses the table ${name}`);
  });
}

type Parts = ReadonlyMap<string, readonly Part[]>;
const byAttribute = (condition: Condition | null): Parts =>
  Map.groupBy(condition?.parts ?? [], ({ attribute }) => attribute);

function unreachable(rules: Rules): readonly RuleProblem[] {
  const scope = byAttribute(rules.include);
  return [
    ...contradictions(rules, rules.include, new Map()),
    ...contradictions(rules, rules.leavers, new Map()),
    ...rules.groups.flatMap((group) => contradictions(rules, group.condition, scope)),
  ];
}

/** @param also tests that hold as well, of which nothing is told by itself */
function contradictions(rules: Rules, condition: Condition | null, also: Parts): readonly RuleProblem[] {
  return [...byAttribute(condition)].flatMap(([attribute, own]) => [
    ...neverMade(rules, own),
    ...emptyChoice(own, [...own, ...(also.get(attribute) ?? [])]),
    ...emptySpan(own),
  ]);
}

const choosing = new Set(['eq', 'in', 'exactly']);

function neverMade({ mappings }: Rules, parts: readonly Part[]): readonly RuleProblem[] {
  return parts.flatMap(({ attribute, operator, words, at, path }) => {
    const never = mappings.find(({ field }) => field === attribute)?.never;
    if (never === undefined || !choosing.has(operator)) return [];
    return words.flatMap((word) => {
      const becomes = never.get(fold(word));
      return becomes === undefined
        ? []
        : [problemAt(at, path, `${attribute} is never ${word}: the table makes it ${becomes}`, `Write ${becomes}.`)];
    });
  });
}

/** Longer lists are not held against what else is asked. */
const LONGEST_CHOICE = 200;

function emptyChoice(own: readonly Part[], all: readonly Part[]): readonly RuleProblem[] {
  const choice = all.find(({ operator, words }) => choosing.has(operator) && words.length <= LONGEST_CHOICE);
  const said = own[0];
  if (choice === undefined || said === undefined) return [];
  const left = choice.words.filter((word) => all.every(({ accepts }) => accepts === null || accepts(word.trim())));
  if (left.length > 0) return [];
  return [problemAt(said.at, said.path, `can never hold: no value of ${said.attribute} meets all that is asked of it`)];
}

function emptySpan(parts: readonly Part[]): readonly RuleProblem[] {
  const numbers = (operator: string) =>
    parts.filter((part) => part.operator === operator).map(({ words }) => Number(words[0]));
  const least = Math.max(...numbers('at_least'), ...numbers('above'));
  const most = Math.min(...numbers('at_most'), ...numbers('below'));
  const isOpen = numbers('above').includes(least) || numbers('below').includes(most);
  const days = (operator: string) =>
    parts.filter((part) => part.operator === operator && part.words[0] !== 'today').map(({ words }) => words[0]!);
  const [after, before] = [days('after').toSorted().at(-1), days('before').toSorted()[0]];
  const isEmpty =
    least > most || (least === most && isOpen) || (after !== undefined && before !== undefined && after >= before);
  const said = parts[0]!;
  return isEmpty
    ? [problemAt(said.at, said.path, `can never hold: the bounds of ${said.attribute} leave nothing`)]
    : [];
}

/** Beyond these a guard hardly guards. */
const sane: readonly { readonly name: string; readonly most: number; readonly of: (guards: GuardLimits) => number }[] =
  [
    { name: 'source_shrink', most: 0.2, of: (guards) => guards.source_shrink.share },
    { name: 'archive_share', most: 0.1, of: (guards) => guards.archive_share.share },
    { name: 'group_shrink', most: 0.6, of: (guards) => guards.group_shrink.share },
    { name: 'create_burst', most: 0.5, of: (guards) => guards.create_burst.share },
    { name: 'data.blank', most: 0.2, of: (guards) => guards.data.blank },
    { name: 'data.changed', most: 0.5, of: (guards) => guards.data.changed },
  ];

function loosened({ settings }: Rules, placeOf: PlaceOf): readonly RuleProblem[] {
  const guards = sane
    .filter(({ most, of }) => of(settings.guards) > most)
    .map(({ name, most, of }) =>
      problemAt(
        placeOf('guards', ...name.split('.')),
        `guards.${name}`,
        `is loosened to ${percent(of(settings.guards))}`,
        `Over ${percent(most)} it hardly guards anything: a person can release what is right.`,
      ),
    );
  const kinds = (['archive', 'member_remove'] as const).filter((kind) => settings.approval[kind] === 0);
  const approvals = kinds.map((kind) =>
    problemAt(placeOf('approval', 'auto'), 'approval.auto', `${kind} happens without anybody who looks`),
  );
  const alone =
    settings.approval.tripped_guard === 1
      ? [problemAt(placeOf('approval', 'one'), 'approval.one', 'one person alone releases what a guard stopped')]
      : [];
  return [...guards, ...approvals, ...alone];
}

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;

function missing({ mappings, settings, leavers, include, exclude }: Rules, placeOf: PlaceOf): readonly RuleProblem[] {
  const found: RuleProblem[] = [];
  const say = (path: readonly string[], words: string) =>
    found.push(problemAt(placeOf(...path), path.join('.'), words));
  if (!mappings.some(({ field }) => field === 'email')) say(['map'], 'has no email: nobody can be created');
  if (include === null && exclude === null) say(['scope'], 'is missing: everybody of the sources is meant');
  if (leavers === null) say(['leavers', 'when'], 'is missing: only who is absent from the sources counts as gone');
  if (settings.approval.archive === 0 && settings.guards.protected.length === 0) {
    say(['guards', 'protected'], 'is empty while archive happens by itself: only console admins are safe');
  }
  return found;
}
