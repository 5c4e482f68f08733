import type { Budget } from './budget.ts';
import { callName } from './company.ts';
import { type Day, dayIn, readDay, shiftDay } from './days.ts';
import type { Expression } from './expression.ts';
import { failureWords } from './expression.ts';
import {
  type Clock,
  complain,
  dayOfFact,
  type Facts,
  foldedOf,
  groupsOf,
  numberOfFact,
  shown,
  textsOf,
} from './facts.ts';
import { fold } from './fold.ts';
import { daysMeant, daysOf, hintNear, join, problemAt, type Report, writeHint } from './form.ts';
import { joiningHint, operatorMeant } from './habits.ts';
import type { Names } from './names.ts';
import { compilePattern, patternHint } from './pattern.ts';
import type { RuleTrace } from './rule-set.ts';
import type { Place, Tree, TreeMap, TreeText } from './tree.ts';

/** What a test needs besides the person: the moment, and those whom the person reports to, nearest first. */
export type Scene = {
  readonly clock: Clock;
  chainOf(facts: Facts): readonly Facts[];
  /** @param name an address, employee number or DN, as `callName` makes it */
  called(name: string): Facts | 'many' | null;
};

export type Because = RuleTrace['because'][number];

/** One test, or several that must hold together. */
export type Condition = {
  holds(facts: Facts, scene: Scene): boolean;
  /** Every test with the value that decided, none left out. */
  trace(facts: Facts, scene: Scene): readonly Because[];
  /** What can be said of it without a person. */
  readonly parts: readonly Part[];
  /** The day that a test of a date found, when it holds. */
  dayOf(facts: Facts, scene: Scene): Day | null;
  readonly needsChain: boolean;
  /** What it asks of a person: names, and `groups`. */
  readonly reads: readonly string[];
};

/** A test of an attribute as it was written, for checks. */
export type Part = {
  readonly attribute: string;
  readonly operator: Operator;
  readonly words: readonly string[];
  readonly at: Place;
  readonly path: string;
  /** The same test on a text alone; null where a text alone cannot decide. */
  readonly accepts: ((text: string) => boolean) | null;
};

const valueOperators = [
  'eq',
  'not',
  'in',
  'not_in',
  'starts_with',
  'ends_with',
  'contains',
  'exactly',
  'matches',
] as const;
const dateOperators = ['before', 'after', 'within_last', 'within_next'] as const;
const numberOperators = ['above', 'below', 'at_least', 'at_most'] as const;
export const operators = [...valueOperators, 'exists', ...dateOperators, ...numberOperators] as const;
export type Operator = (typeof operators)[number];

export type ConditionReader = {
  readonly names: Names;
  readonly expression: (tree: TreeText, path: string, report: Report) => Expression<boolean> | null;
  readonly budget: Budget;
  readonly report: Report;
};

/** A condition that holds when every test does. Wrong tests are reported and left out. */
function readCondition(tree: Tree, path: string, rule: string, reader: ConditionReader): Condition {
  if (tree.kind !== 'map') {
    const hint = tree.kind === 'list' ? 'Put them under any: when one of them is enough.' : null;
    reader.report(problemAt(tree.at, path, 'must be a map such as { department: { eq: Finance } }', hint));
    return together([]);
  }
  const tests = [...tree.entries].flatMap(([name, { at, value }]) =>
    readEntry(name, at, value, join(path, name), rule, reader),
  );
  if (tree.entries.size === 0) reader.report(problemAt(tree.at, path, 'is empty: it would hold for everybody'));
  return together(tests);
}

/** A condition, or several of which one is enough. */
export function readConditions(tree: Tree, path: string, rule: string, reader: ConditionReader): Condition {
  return tree.kind === 'list'
    ? anyOf(readAlternatives(tree, path, rule, reader))
    : readCondition(tree, path, rule, reader);
}

function readAlternatives(tree: Tree, path: string, rule: string, reader: ConditionReader): readonly Condition[] {
  if (tree.kind === 'list' && tree.items.length > 0) {
    return tree.items.map((item, index) => readCondition(item, `${path}[${index}]`, rule, reader));
  }
  const hint = tree.kind === 'map' ? 'Write [ { … }, { … } ]: each with what is enough alone.' : null;
  reader.report(problemAt(tree.at, path, 'must be a list of conditions', hint));
  return [];
}

/** Whether it is a map with operators: then even an odd name is an attribute. */
const isTests = (tree: Tree): boolean =>
  tree.kind === 'map' && [...tree.entries.keys()].some((name) => (operators as readonly string[]).includes(name));

/** Names in a condition that are no attributes. */
const ownWords = ['any', 'none', 'member_of', 'reports_to', 'cel'] as const;

function readEntry(
  name: string,
  at: Place,
  tree: Tree,
  path: string,
  rule: string,
  reader: ConditionReader,
): readonly Condition[] {
  if ((ownWords as readonly string[]).includes(name) && !reader.budget.spend('tests', 1, at, path)) return [];
  if (name === 'any') return [anyOf(readAlternatives(tree, path, rule, reader))];
  if (name === 'none') return [noneOf(readAlternatives(tree, path, rule, reader))];
  if (name === 'member_of' || name === 'reports_to') {
    const words = readWords(tree, path, reader.report);
    return words === null ? [] : [name === 'member_of' ? memberOf(words) : reportsTo(words)];
  }
  if (name === 'cel') return readExpression(tree, path, rule, reader);
  const meant = joiningHint(name);
  if (meant !== null && !isTests(tree)) {
    reader.report(problemAt(at, path, `there is no ${name} here`, meant));
    return [];
  }
  reader.names.use(name, at, path);
  if (tree.kind === 'map' && tree.entries.size > 0) return readTests(name, tree, path, rule, reader);
  const example =
    tree.kind === 'list' ? 'in: […]' : `eq: ${tree.kind === 'text' && tree.text !== null ? tree.text : 'VALUE'}`;
  reader.report(problemAt(tree.at, path, 'must be a map with an operator', `Write { ${example} }.`));
  return [];
}

export function readExpression(tree: Tree, path: string, rule: string, reader: ConditionReader): readonly Condition[] {
  if (tree.kind !== 'text' || tree.text === null) {
    reader.report(problemAt(tree.at, path, 'must be an expression'));
    return [];
  }
  const expression = reader.expression(tree, path, reader.report);
  return expression === null ? [] : [byExpression(tree.text, expression, rule)];
}

function readTests(
  name: string,
  tree: TreeMap,
  path: string,
  rule: string,
  reader: ConditionReader,
): readonly Condition[] {
  return [...tree.entries].flatMap(([operator, { at, value }]) => {
    const inside = join(path, operator);
    if (!reader.budget.spend('tests', 1, at, inside)) return [];
    if (!(operators as readonly string[]).includes(operator)) {
      const hint =
        writeHint(operatorMeant(operator)) ?? hintNear(operator, operators) ?? `There are: ${operators.join(', ')}.`;
      reader.report(problemAt(at, inside, `there is no operator ${operator}`, hint));
      return [];
    }
    const { budget, report } = reader;
    const test = readTest({ name, operator: operator as Operator, value, path: inside, rule, budget, report });
    return test === null ? [] : [test];
  });
}

type Written = {
  readonly name: string;
  readonly operator: Operator;
  readonly value: Tree;
  readonly path: string;
  readonly rule: string;
  readonly budget: Budget;
  readonly report: Report;
};

function readTest(written: Written): Condition | null {
  const { operator } = written;
  if ((dateOperators as readonly string[]).includes(operator)) return readDateTest(written);
  if ((numberOperators as readonly string[]).includes(operator)) return readNumberTest(written);
  if (operator === 'exists') return readExists(written);
  return readValueTest(written);
}

function readWords(tree: Tree, path: string, report: Report): readonly string[] | null {
  const items = tree.kind === 'list' ? tree.items : [tree];
  const words = items.map((item) => (item.kind === 'text' ? item.text : null));
  const wrong = words.findIndex((word) => word === null || word.trim() === '');
  if (words.length > 0 && wrong === -1) return words as readonly string[];
  report(
    problemAt(
      items[wrong]?.at ?? tree.at,
      path,
      tree.kind === 'list' ? 'must be a list of texts' : 'must be a text or a list of texts',
    ),
  );
  return null;
}

type Accepts = (text: string, folded: string) => boolean;

function readValueTest({ name, operator, value, path, budget, report }: Written): Condition | null {
  const many = operator === 'in' || operator === 'not_in';
  if (many !== (value.kind === 'list')) {
    const hint = many ? null : operator === 'eq' ? 'For one of several write in: […].' : null;
    report(problemAt(value.at, path, many ? 'must be a list of texts' : 'must be one text', hint));
    return null;
  }
  const words = readWords(value, path, report);
  if (words === null) return null;
  const accepts = acceptsOf(operator, words);
  if ('wrong' in accepts) {
    report(problemAt(value.at, path, `the pattern ${accepts.wrong}`, patternHint(words[0]!)));
    return null;
  }
  if (accepts.size !== undefined && !budget.spend('patternSteps', accepts.size, value.at, path)) return null;
  const negated = operator === 'not' || operator === 'not_in';
  const holds = (facts: Facts): boolean => {
    const texts = textsOf(facts, name);
    const folded = foldedOf(facts, name);
    for (let at = 0; at < texts.length; at += 1) if (accepts.test(texts[at]!, folded[at]!)) return !negated;
    return negated;
  };
  const part: Part = {
    ...{ attribute: name, operator, words, at: value.at, path },
    accepts: (text) => accepts.test(text, fold(text)) !== negated,
  };
  return single(`${name} ${operator} ${words.join(', ')}`, name, part, holds);
}

function acceptsOf(
  operator: Operator,
  words: readonly string[],
): { readonly test: Accepts; readonly size?: number } | { readonly wrong: string } {
  const folded = words.map(fold);
  const [first, firstFolded] = [words[0]!, folded[0]!];
  const set = new Set(folded);
  if (operator === 'starts_with') return { test: (_, text) => text.startsWith(firstFolded) };
  if (operator === 'ends_with') return { test: (_, text) => text.endsWith(firstFolded) };
  if (operator === 'contains') return { test: (_, text) => text.includes(firstFolded) };
  if (operator === 'exactly') return { test: (text) => text === first };
  if (operator !== 'matches') return { test: (_, text) => set.has(text) };
  const pattern = compilePattern(first);
  return 'wrong' in pattern ? pattern : { test: (text) => pattern.test(text), size: pattern.size };
}

function readExists({ name, operator, value, path, report }: Written): Condition | null {
  const wanted = value.kind === 'text' ? value.text : null;
  if (wanted !== 'true' && wanted !== 'false') {
    report(problemAt(value.at, path, 'must be true or false'));
    return null;
  }
  const part: Part = {
    attribute: name,
    operator,
    words: [wanted],
    at: value.at,
    path,
    accepts: () => wanted === 'true',
  };
  return single(
    `${name} exists ${wanted}`,
    name,
    part,
    (facts) => textsOf(facts, name).length > 0 === (wanted === 'true'),
  );
}

function readDateTest({ name, operator, value, path, rule, report }: Written): Condition | null {
  const written = value.kind === 'text' ? (value.text?.trim() ?? '') : '';
  const span = daysOf(written);
  const fixed = /^\d{4}-\d{2}-\d{2}$/.test(written) && !Number.isNaN(Date.parse(`${written}T00:00:00Z`));
  const isSpan = operator === 'within_last' || operator === 'within_next';
  if (isSpan ? span === undefined : !fixed && written !== 'today') {
    const words = isSpan ? 'must be a number of days such as 45d' : 'must be a day such as 2026-11-20, or today';
    const meant = isSpan ? daysMeant(written) : readDay(written, dayIn('UTC'));
    report(problemAt(value.at, path, words, writeHint(meant)));
    return null;
  }
  let edges: { readonly today: Day; readonly first: Day; readonly last: Day } = { today: '', first: '', last: '' };
  const accepts = (day: Day, today: Day): boolean => {
    if (operator === 'before') return day < (fixed ? written : today);
    if (operator === 'after') return day > (fixed ? written : today);
    if (edges.today !== today) {
      const isLast = operator === 'within_last';
      edges = { today, first: isLast ? shiftDay(today, -span!) : today, last: isLast ? today : shiftDay(today, span!) };
    }
    return day >= edges.first && day <= edges.last;
  };
  const holds = (facts: Facts, { clock }: Scene): boolean => {
    const day = dayOfFact(facts, name, rule, clock);
    return day !== null && accepts(day, clock.today);
  };
  const part: Part = { attribute: name, operator, words: [written], at: value.at, path, accepts: null };
  return {
    ...single(`${name} ${operator} ${written}`, name, part, holds),
    dayOf: (facts, { clock }) => dayOfFact(facts, name, rule, clock),
  };
}

function readNumberTest({ name, operator, value, path, rule, report }: Written): Condition | null {
  const written = value.kind === 'text' ? (value.text?.trim() ?? '') : '';
  const limit = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isNaN(limit)) {
    report(problemAt(value.at, path, 'must be a number'));
    return null;
  }
  const accepts = (number: number): boolean => {
    if (operator === 'above') return number > limit;
    if (operator === 'below') return number < limit;
    return operator === 'at_least' ? number >= limit : number <= limit;
  };
  const holds = (facts: Facts): boolean => {
    const number = numberOfFact(facts, name, rule);
    return number !== null && accepts(number);
  };
  const part: Part = { attribute: name, operator, words: [written], at: value.at, path, accepts: null };
  return single(`${name} ${operator} ${written}`, name, part, holds);
}

const noDay = (): null => null;

function single(test: string, name: string, part: Part, holds: Condition['holds']): Condition {
  const trace: Condition['trace'] = (facts, scene) => [
    { test, holds: holds(facts, scene), value: textsOf(facts, name).join(', ') || null },
  ];
  return { holds, trace, parts: [part], dayOf: noDay, needsChain: false, reads: [name] };
}

function memberOf(names: readonly string[]): Condition {
  const wanted = new Set(names.map(fold));
  const holds = (facts: Facts): boolean => {
    const groups = groupsOf(facts);
    const [few, many] = wanted.size < groups.size ? [wanted, groups] : [groups, wanted];
    for (const name of few) if (many.has(name)) return true;
    return false;
  };
  const trace = (facts: Facts): readonly Because[] => {
    const found = facts.person.groups.filter((name) => wanted.has(fold(name)));
    return [{ test: `member_of ${names.join(', ')}`, holds: found.length > 0, value: found.join(', ') || null }];
  };
  return { holds, trace, parts: [], dayOf: noDay, needsChain: false, reads: ['groups'] };
}

function reportsTo(names: readonly string[]): Condition {
  const called = names.map(callName);
  let known: { readonly scene: Scene; readonly leaders: ReadonlySet<unknown> } | null = null;
  const leaderOf = (facts: Facts, scene: Scene): Facts | undefined => {
    if (known?.scene !== scene) known = { scene, leaders: new Set(called.map((name) => scene.called(name))) };
    const { leaders } = known;
    return scene.chainOf(facts).find((leader) => leaders.has(leader));
  };
  const trace: Condition['trace'] = (facts, scene) => {
    const leader = leaderOf(facts, scene);
    return [{ test: `reports_to ${names.join(', ')}`, holds: leader !== undefined, value: leader?.person.key ?? null }];
  };
  return {
    holds: (facts, scene) => leaderOf(facts, scene) !== undefined,
    trace,
    parts: [],
    dayOf: noDay,
    needsChain: true,
    reads: [],
  };
}

/** An expression that a person's values make impossible holds for nobody, and is a problem of that person. */
function byExpression(source: string, expression: Expression<boolean>, rule: string): Condition {
  const holds: Condition['holds'] = (facts, { clock }) => {
    try {
      return expression.run(facts, clock);
    } catch (error) {
      complain(facts, `${rule}: ${failureWords(error)}`);
      return false;
    }
  };
  const trace: Condition['trace'] = (facts, scene) => {
    const read = expression.reads.map((name) => `${name} = ${shown(textsOf(facts, name).join(', '))}`);
    return [{ test: source, holds: holds(facts, scene), value: read.join(', ') || null }];
  };
  return { holds, trace, parts: [], dayOf: noDay, needsChain: false, reads: expression.reads };
}

/** All of them. */
export function together(tests: readonly Condition[]): Condition {
  const only = tests[0];
  if (tests.length === 1 && only !== undefined) return only;
  return {
    holds: (facts, scene) => tests.every((test) => test.holds(facts, scene)),
    trace: (facts, scene) => tests.flatMap((test) => test.trace(facts, scene)),
    parts: tests.flatMap(({ parts }) => parts),
    dayOf: (facts, scene) => firstDay(tests, facts, scene),
    needsChain: tests.some(({ needsChain }) => needsChain),
    reads: tests.flatMap(({ reads }) => reads),
  };
}

function anyOf(tests: readonly Condition[]): Condition {
  return {
    holds: (facts, scene) => tests.some((test) => test.holds(facts, scene)),
    trace: (facts, scene) => tests.map((test) => folding('any', test, facts, scene)),
    parts: [],
    dayOf: (facts, scene) =>
      firstDay(
        tests.filter((test) => test.holds(facts, scene)),
        facts,
        scene,
      ),
    needsChain: tests.some(({ needsChain }) => needsChain),
    reads: tests.flatMap(({ reads }) => reads),
  };
}

function noneOf(tests: readonly Condition[]): Condition {
  return {
    holds: (facts, scene) => !tests.some((test) => test.holds(facts, scene)),
    trace: (facts, scene) =>
      tests.map((test) => {
        const one = folding('none', test, facts, scene);
        return { ...one, holds: !one.holds };
      }),
    parts: [],
    dayOf: noDay,
    needsChain: tests.some(({ needsChain }) => needsChain),
    reads: tests.flatMap(({ reads }) => reads),
  };
}

function firstDay(tests: readonly Condition[], facts: Facts, scene: Scene): Day | null {
  for (const test of tests) {
    const day = test.dayOf(facts, scene);
    if (day !== null) return day;
  }
  return null;
}

/** One alternative as one line. */
function folding(word: 'any' | 'none', test: Condition, facts: Facts, scene: Scene): Because {
  const lines = test.trace(facts, scene);
  const values = lines.flatMap(({ value }) => value ?? []);
  return {
    test: `${word}: ${lines.map((line) => line.test).join(' and ')}`,
    holds: test.holds(facts, scene),
    value: values.length === 0 ? null : values.join('; '),
  };
}
