import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Budget } from './budget.ts';
import { type Day, daysBetween } from './days.ts';
import {
  addSize,
  type Cost,
  expressionLimits,
  type Over,
  quickBound,
  type Read,
  refuseTooMuch,
  shortText,
  sum,
} from './expression-cost.ts';
import { type Clock, type Facts, textsOf } from './facts.ts';
import { hintNear, problemAt, type Report, writeHint } from './form.ts';
import { methodMeant, parseHint, typeHint } from './habits.ts';
import type { Names } from './names.ts';
import { compilePattern, type Pattern, patternHint, patternLimits } from './pattern.ts';
import type { TreeText } from './tree.ts';

/** What reads a name: the mapped person in rules, what the sources have in mappings. */
export type Lookup = (facts: Facts, name: string) => readonly string[];

export type Expression<T> = {
  /** Names that it reads, in their order. */
  readonly reads: readonly string[];
  /** @throws EvaluationError, for what this person's values make impossible */
  run(facts: Facts, clock: Clock): T;
};

type Compiled = Expression<unknown> & { readonly type: string };

const functions = ['like', 'days_since', 'days_until', 'size', 'int', 'double', 'string', 'timestamp', 'duration'];
const searching = new Set(['contains', 'indexOf', 'lastIndexOf', 'split']);
const loops = new Set(['exists', 'all', 'exists_one', 'filter', 'map']);
const methods = [
  ...['startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'size', 'split', 'join', 'substring'],
  ...['indexOf', 'lastIndexOf', 'getFullYear', 'getMonth', 'getDate', 'getDayOfWeek', 'getHours', ...loops],
];
const operators = new Set([
  'list',
  '[]',
  '?:',
  '||',
  '&&',
  '!_',
  '-_',
  '==',
  '!=',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
  '<',
  '<=',
  '>',
  '>=',
]);

/** Compiles the expressions of one rule file. */
export function createCompiler(
  names: Names,
  budget: Budget,
): {
  condition(tree: TreeText, path: string, report: Report): Expression<boolean> | null;
  /** The text that it makes; null for a blank one. Reads what the sources have, not what is mapped. */
  value(tree: TreeText, path: string, lookup: Lookup, report: Report): Expression<string | null> | null;
} {
  const patterns = new Map<string, Pattern>();
  let clock: Clock | null = null;
  const dayOf = (text: string): Day => {
    const day = clock!.read(text);
    if (day === null) throw new RangeError(`${JSON.stringify(text)} is no day`);
    return day;
  };
  const environment = new Environment({
    limits: {
      maxAstNodes: expressionLimits.nodes,
      maxDepth: expressionLimits.depth,
      maxListElements: 200,
      maxMapEntries: 1,
      maxCallArguments: 4,
    },
  })
    .registerVariable('person', 'map<string, string>')
    .registerVariable('lists', 'map<string, list<string>>')
    .registerVariable('groups', 'list<string>')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction(
      'like(string, string): bool',
      (text: string, pattern: string) => {
        if (text.length > patternLimits.text) throw new RangeError(`like() takes ${patternLimits.text} letters`);
        return patterns.get(pattern)!.test(text);
      },
      { async: false },
    )
    .registerFunction('days_since(string): int', (text: string) => BigInt(daysBetween(dayOf(text), clock!.today)), {
      async: false,
    })
    .registerFunction('days_until(string): int', (text: string) => BigInt(daysBetween(clock!.today, dayOf(text))), {
      async: false,
    });

  const compile = (
    tree: TreeText,
    path: string,
    lookup: Lookup,
    use: Names['use'],
    report: Report,
  ): Compiled | null => {
    const source = tree.text ?? '';
    const wrong = (offset: number, words: string, hint: string | null = null): null => {
      report(problemAt(tree.inside(offset), path, words, hint));
      return null;
    };
    if (source.length > expressionLimits.letters) return wrong(0, `is longer than ${expressionLimits.letters} letters`);
    const parsed = parse(environment, source);
    if ('wrong' in parsed) return wrong(parsed.offset, parsed.wrong, parseHint(source));
    const walk = walked(parsed.run.ast, patterns, wrong);
    if (!walk.fine || !budget.spend('expressionNodes', walk.nodes, tree.at, path)) return null;
    const patternSteps = sum(walk.searches.map(({ sought }) => (typeof sought === 'number' ? sought : 0)));
    if (!budget.spend('patternSteps', patternSteps, tree.at, path)) return null;
    for (const { name, offset } of walk.names) use(name, tree.inside(offset), path);
    const checked = parsed.run.check();
    if (!checked.valid) {
      const error = checked.error;
      const words = error?.summary ?? 'is not valid';
      return wrong(error?.range?.start ?? 0, words, typeHint(words));
    }
    const texts = [...new Set(walk.names.filter(({ list }) => !list).map(({ name }) => name))];
    const lists = [...new Set(walk.names.filter(({ list }) => list).map(({ name }) => name))];
    const isSurelySmall = quickBound(walk);
    return {
      reads: [...texts, ...lists],
      type: checked.type ?? '',
      run(facts, at) {
        clock = at;
        const { groups } = facts.person;
        const values = { person: new Map<string, string>(), lists: new Map<string, readonly string[]>(), groups };
        const size = { letters: 0, items: 0 };
        for (const name of texts) {
          const text = shortText(lookup(facts, name)[0] ?? '', name);
          values.person.set(name, text);
          size.letters += text.length;
        }
        for (const name of lists) {
          const items = lookup(facts, name);
          values.lists.set(name, items);
          addSize(size, items, name);
        }
        addSize(size, groups, 'groups');
        if (!isSurelySmall(size)) refuseTooMuch(walk, values);
        return parsed.run({ ...values, now: at.now }) as unknown;
      },
    };
  };

  return {
    condition(tree, path, report) {
      const compiled = compile(tree, path, textsOf, names.use, report);
      if (compiled === null) return null;
      if (compiled.type === 'bool') return compiled as Expression<boolean>;
      report(problemAt(tree.at, path, `must be true or false; it is ${typeWords(compiled.type)}`));
      return null;
    },
    value(tree, path, lookup, report) {
      const compiled = compile(tree, path, lookup, names.useRaw, report);
      if (compiled === null) return null;
      if (!['string', 'int', 'double', 'bool'].includes(compiled.type)) {
        report(problemAt(tree.at, path, `must be a text; it is ${typeWords(compiled.type)}`));
        return null;
      }
      const run = (facts: Facts, at: Clock): string | null => {
        const value = String(compiled.run(facts, at)).trim();
        shortText(value, 'what it makes');
        return value === '' ? null : value;
      };
      return { reads: compiled.reads, run };
    },
  };
}

/** The words of an error of an evaluation, without the caret picture. */
export const failureWords = (error: unknown): string => {
  const summary = (error as { summary?: unknown }).summary;
  return typeof summary === 'string' ? summary : error instanceof Error ? error.message : 'failed';
};

const typeWords = (type: string): string =>
  ({ string: 'a text', int: 'a number', double: 'a number', bool: 'true or false' })[type] ?? `a ${type}`;

type Parsed = ReturnType<Environment['parse']>;

function parse(
  environment: Environment,
  source: string,
): { readonly run: Parsed } | { readonly wrong: string; readonly offset: number } {
  try {
    return { run: environment.parse(source) };
  } catch (error) {
    const { range } = error as { range?: { start: number } };
    return { wrong: failureWords(error), offset: Math.min(range?.start ?? 0, source.length) };
  }
}

type Walk = Cost & {
  fine: boolean;
  readonly names: { readonly name: string; readonly list: boolean; readonly offset: number }[];
};

type Wrong = (offset: number, words: string, hint?: string | null) => null;
/** What stands around a node. */
type Around = {
  readonly variables: readonly string[];
  /** The list of the loop around it. */
  readonly over?: Over;
  readonly split: boolean;
  readonly join: boolean;
};

/** Looks at every node before anything is checked or run, and refuses what is not in the list. */
function walked(ast: ASTNode, patterns: Map<string, Pattern>, wrong: Wrong): Walk {
  const walk: Walk = { fine: true, nodes: 0, names: [], loops: [], reads: [], searches: [] };
  const reads = (of: Read['of'], { over }: Around): void => {
    walk.reads.push(over === undefined ? { of } : { of, over });
  };
  const refuse = (node: ASTNode, words: string, hint: string | null = null): number => {
    walk.fine = false;
    wrong(node.range.start, words, hint);
    return 1;
  };

  /** @returns how many nodes there are */
  const visit = (node: ASTNode, around: Around): number => {
    const all = (nodes: readonly ASTNode[]) => nodes.reduce((sum, one) => sum + visit(one, around), 1);
    if (node.op === 'value') {
      reads({ letters: String(node.args).length }, around);
      return isPlain(node.args) ? 1 : refuse(node, 'bytes and unsigned numbers are not known here');
    }
    if (node.op === 'id') {
      if (!isVariable(node.args, around)) return refuse(node, ...idWords(node.args));
      if (node.args !== 'now') reads({ list: node.args === 'groups' ? null : around.over! }, around);
      return 1;
    }
    const field = fieldOfNode(node);
    if (field !== null) {
      walk.names.push(field);
      reads(field.list ? { list: field.name } : { text: field.name }, around);
      return 1;
    }
    if (node.op === '.') return refuse(node, ...beginningWords(node, around));
    if (node.op === 'call') return visitCall(node, node.args[0], node.args[1], around);
    if (node.op === 'rcall') return visitMethod(node, node.args[0], node.args[1], node.args[2], around);
    if (!operators.has(node.op)) return refuse(node, `${node.op} is not known here`);
    if (node.op === 'in' && around.variables.length > 0 && node.args[1].op !== 'list') {
      return refuse(node, 'inside a loop, in takes a list that is written out');
    }
    const args = node.args as ASTNode | readonly ASTNode[];
    return all(Array.isArray(args) ? (args as readonly ASTNode[]) : [args as ASTNode]);
  };

  const visitCall = (node: ASTNode, name: string, args: readonly ASTNode[], around: Around): number => {
    if (name === 'has')
      return refuse(node, 'has() is not known here', 'What is not there is an empty text: person.x != ""');
    if (methods.includes(name))
      return refuse(node, `${name}() stands behind a text or a list`, `Write TEXT.${name}(…).`);
    if (!functions.includes(name)) return refuse(node, `there is no ${name}()`, hintNear(name, functions));
    if (name === 'duration' && !/^\d{1,6}[hms]$/.test(literalOf(args[0]) ?? '')) {
      return refuse(node, 'duration() takes a written text such as "36h"');
    }
    if (name === 'like') {
      const source = literalOf(args[1]);
      if (source === null) return refuse(node, 'the pattern of like() must be written out');
      const pattern = compilePattern(source);
      if ('wrong' in pattern) return refuse(args[1]!, `the pattern ${pattern.wrong}`, patternHint(source));
      patterns.set(source, pattern);
      const before = walk.reads.length;
      const nodes = visit(args[0]!, around);
      walk.searches.push({ reads: walk.reads.slice(before), sought: pattern.size });
      return nodes + 2;
    }
    return args.reduce((sum, one) => sum + visit(one, around), 1);
  };

  const visitMethod = (
    node: ASTNode,
    name: string,
    receiver: ASTNode,
    args: readonly ASTNode[],
    around: Around,
  ): number => {
    if (name === 'matches') return refuse(node, 'matches() is not known here', 'Write like(text, "pattern").');
    if (!methods.includes(name)) {
      return refuse(node, `there is no .${name}()`, writeHint(methodMeant(name)) ?? hintNear(name, methods));
    }
    if (name.startsWith('get') && args.length > 0) return refuse(node, `${name}() takes no time zone here`);
    if (loops.has(name)) return visitLoop(node, name, receiver, args, around);
    const isLooped = around.variables.length > 0;
    if ((name === 'split' || name === 'join') && isLooped) return refuse(node, `${name}() cannot stand inside a loop`);
    if (name === 'split' && around.split) return refuse(node, 'split() cannot stand inside split()');
    if (name === 'join' && around.join) return refuse(node, 'join() cannot stand inside join()');
    if (name === 'join' && args.length > 0 && (literalOf(args[0])?.length ?? 99) > expressionLimits.separator) {
      return refuse(node, `join() takes a written text of up to ${expressionLimits.separator} letters`);
    }
    const inside = { ...around, split: around.split || name === 'split', join: around.join || name === 'join' };
    const begin = walk.reads.length;
    const nodes = visit(receiver, inside);
    const reads = walk.reads.slice(begin);
    const middle = walk.reads.length;
    const all = args.reduce((sum, one) => sum + visit(one, inside), nodes + 1);
    const weight = literalOf(args[0])?.length ?? 0;
    if (name === 'join' && weight > 0) walk.reads.push(...reads.map((read) => ({ ...read, weight })));
    if (searching.has(name)) walk.searches.push({ reads, sought: walk.reads.slice(middle) });
    return all;
  };

  const visitLoop = (
    node: ASTNode,
    name: string,
    receiver: ASTNode,
    args: readonly ASTNode[],
    around: Around,
  ): number => {
    if (around.variables.length > 0) return refuse(node, `${name}() cannot stand inside a loop`);
    const over = listOf(receiver);
    if (over === undefined) return refuse(receiver, `${name}() goes over lists.NAME, groups or a written list alone`);
    const [variable, ...bodies] = args;
    if (variable?.op !== 'id') return refuse(node, `${name}() needs a name for each item`);
    if (['person', 'lists', 'groups', 'now'].includes(variable.args))
      return refuse(variable, `${variable.args} is taken`);
    const inside = { ...around, variables: [...around.variables, variable.args], over };
    const nodes = bodies.reduce((sum, one) => sum + visit(one, inside), 1);
    walk.loops.push({ over, nodes });
    return nodes + visit(receiver, around);
  };

  walk.nodes = visit(ast, { variables: [], split: false, join: false });
  return walk;
}

const isPlain = (value: unknown): boolean =>
  value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);

const isVariable = (name: string, { variables }: Around): boolean =>
  name === 'groups' || name === 'now' || variables.includes(name);

function idWords(name: string): [string, string | null] {
  if (name === 'person' || name === 'lists') return [`${name} needs the name of a field`, `Write ${name}.NAME.`];
  return [
    `there is no ${name}`,
    hintNear(name, ['person', 'lists', 'groups', 'now']) ??
      `Write person.${name} for what a person has, "${name}" for a text.`,
  ];
}

/** What is wrong with a chain of names: most often its beginning. */
function beginningWords(node: ASTNode, around: Around): [string, string | null] {
  let first = node;
  while (first.op === '.') first = first.args[0];
  return first.op === 'id' && !isVariable(first.args, around)
    ? idWords(first.args)
    : ['only person.NAME and lists.NAME are known', null];
}

/** `person.NAME`, `person["NAME"]`, `lists.NAME` */
function fieldOfNode(node: ASTNode): Walk['names'][number] | null {
  if (node.op !== '.' && node.op !== '[]') return null;
  const [of, name] = node.args;
  if (of.op !== 'id' || (of.args !== 'person' && of.args !== 'lists')) return null;
  const written = typeof name === 'string' ? name : literalOf(name);
  return written === null ? null : { name: written, list: of.args === 'lists', offset: node.range.start };
}

const literalOf = (node: ASTNode | undefined): string | null =>
  node?.op === 'value' && typeof node.args === 'string' ? node.args : null;

/** What a loop may go over; undefined for all else. */
function listOf(node: ASTNode): Over | undefined {
  if (node.op === 'id' && node.args === 'groups') return null;
  if (node.op === 'list') return { items: node.args.length, letters: node.range.end - node.range.start };
  const field = fieldOfNode(node);
  return field?.list === true ? field.name : undefined;
}
