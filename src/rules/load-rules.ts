import { hash } from 'node:crypto';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { JoinedPerson } from '../model/source-person.ts';
import { findContradictions, findNotices } from './checks.ts';
import { compileRules, type Rules } from './compile.ts';
import { evaluateRules } from './evaluate.ts';
import { explainPerson } from './explain.ts';
import { ruleFile } from './file-form.ts';
import { problemAt, type Report } from './form.ts';
import { mergeTrees } from './merge.ts';
import { printTree, type ShownLine } from './print.ts';
import type { EvaluationOptions, RuleProblem, RuleSet } from './rule-set.ts';
import { checkTests, type RuleTestResult, runRuleTests } from './rule-tests.ts';
import { canonicalText, placeIn, readTree, type Tree, type TreeMap, type TreeText } from './tree.ts';
import { type Picks, whoIsPicked } from './who.ts';

export type RuleSource = {
  /** Gives the text of a file; a file that is extended is asked for by its path beside the one that names it. */
  readonly read: (path: string) => Promise<string>;
  readonly file: string;
  /** Attributes that the sources really have, where somebody has looked: then every other name is an error. */
  readonly known?: ReadonlySet<string>;
};

/** Rules with all that commands and screens ask of them. */
export type LoadedRules = RuleSet & {
  /** As it was named. */
  readonly file: string;
  /** What is worth a look, in the order of the file. */
  readonly notices: readonly RuleProblem[];
  /** Names of the rules of groups. */
  readonly groupRules: readonly string[];
  /** The merged file, each line with its origin. */
  show(): readonly ShownLine[];
  /** Runs the tests of the file; those without `at` at the moment that is given. */
  test(options: EvaluationOptions): readonly RuleTestResult[];
  /** @throws ForeknowError `not_found` when there is no such rule */
  who(rule: string, people: readonly JoinedPerson[], options: EvaluationOptions): Picks;
};

/** Reads a rule file and those that it extends; or tells what is wrong with them, in the order of the files. */
export async function loadRules(
  source: RuleSource,
): Promise<{ readonly rules: LoadedRules } | { readonly problems: readonly RuleProblem[] }> {
  const { problems, report } = collector();
  try {
    const found = await readRules(source, problems, report);
    return found === null ? { problems: inOrder(problems) } : { rules: loaded(found.rules, found.tree, source.file) };
  } catch (error) {
    if (error instanceof Enough) return { problems: [...inOrder(problems), moreAfter(problems.at(-1)!)] };
    throw error;
  }
}

/** @returns null when something is wrong; that has been reported then */
async function readRules(
  source: RuleSource,
  problems: readonly RuleProblem[],
  report: Report,
): Promise<{ readonly rules: Rules; readonly tree: Tree } | null> {
  const merged = await readMerged(source, { file: source.file, named: null, over: [] }, report);
  if (merged === null || problems.length > 0) return null;
  const tree = without(merged, 'extends');
  const written = ruleFile.read(tree, '', report);
  if (written === undefined) return null;
  if (!(tree as TreeMap).entries.has('version'))
    report(problemAt(tree.at, 'version', 'is missing', 'Write version: 1.'));
  const rules = compileRules(written, source.known ?? null, report);
  checkTests(rules.tests, rules.settings.ownedPrefix, report);
  findContradictions(rules, (...path) => placeIn(tree, path)).forEach(report);
  return problems.length > 0 ? null : { rules, tree };
}

/** So many tell enough: it is not looked for more, whatever the file says. */
const MOST_PROBLEMS = 100;
const LONGEST_WORDS = 500;

class Enough extends Error {}

function collector(): { readonly problems: readonly RuleProblem[]; readonly report: Report } {
  const problems: RuleProblem[] = [];
  return {
    problems,
    report(problem) {
      if (problems.length === MOST_PROBLEMS) throw new Enough();
      const { path, words, hint } = problem;
      problems.push({ ...problem, path: cut(path), words: cut(words), hint: hint === null ? null : cut(hint) });
    },
  };
}

/** What is quoted of a file may be long. */
const cut = (words: string): string => (words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS - 1)}…` : words);

const moreAfter = ({ file, line, column }: RuleProblem): RuleProblem => ({
  ...{ file, line, column, path: '', hint: null },
  words: 'is not the last problem: the others are told once these are mended',
});

/**
 * The same for who can go on with good rules alone.
 * @throws ForeknowError `rules_invalid` with every problem
 */
export async function rulesOrThrow(source: RuleSource): Promise<LoadedRules> {
  const result = await loadRules(source);
  if ('rules' in result) return result.rules;
  throw rulesInvalid(source.file, result.problems);
}

/** Files are named as seen from the one that was read: where they lie on the machine is nobody's business who calls the API. */
function rulesInvalid(file: string, problems: readonly RuleProblem[]): ForeknowError {
  const seen = (path: string): string => (isAbsolute(file) ? relative(dirname(file), path) : path);
  return new ForeknowError('rules_invalid', {
    detail: `The rule file ${seen(file)} has ${countOf(problems)}.`,
    hint: 'docs/rules.md says what may stand in it.',
    issues: problems.map((problem) => ({ field: problem.path, reason: problemWords(problem, seen(problem.file)) })),
  });
}

function countOf({ length }: readonly RuleProblem[]): string {
  if (length > MOST_PROBLEMS) return `more than ${MOST_PROBLEMS} problems`;
  return length === 1 ? 'a problem' : `${length} problems`;
}

/** `must be a list (rules/acme.yaml line 3, column 5). Is in meant?` */
const problemWords = ({ words, line, column, hint }: RuleProblem, file: string): string =>
  `${words} (${file} line ${line}, column ${column})${hint === null ? '' : `. ${hint}`}`;

function loaded(rules: Rules, tree: Tree, file: string): LoadedRules {
  return {
    digest: `sha256:${hash('sha256', canonicalText(without(tree, 'tests')), 'hex')}`,
    settings: rules.settings,
    attributes: rules.attributes,
    named: rules.named,
    file,
    notices: inOrder(findNotices(rules, (...path) => placeIn(tree, path))),
    groupRules: rules.groups.map(({ name }) => name),
    evaluate: (people, options) => evaluateRules(rules, people, options),
    explain: (key, people, options) => explainPerson(rules, key, people, options),
    show: () => printTree(tree),
    test: (options) => runRuleTests(rules, options),
    who: (rule, people, options) => whoIsPicked(rules, rule, people, options),
  };
}

const MOST_FILES = 8;

/** A file, where it was named (null: by whoever asks), and those that lie over it. */
type FileToRead = { readonly file: string; readonly named: TreeText | null; readonly over: readonly string[] };

async function readMerged(source: RuleSource, wanted: FileToRead, report: Report): Promise<Tree | null> {
  const { file, over } = wanted;
  const text = await source.read(file).catch((error: unknown) => {
    report(unreadable(wanted, error));
    return null;
  });
  if (text === null) return null;
  const { tree, problems } = readTree(text, file);
  problems.forEach(report);
  if (tree === null || problems.length > 0) return null;
  // An empty file that others extend would take its guards and its scope away without a word.
  if (over.length > 0 && tree.kind !== 'map') {
    report(problemAt(tree.at, '', 'is empty, or no rule file'));
    return null;
  }
  const named = tree.kind === 'map' ? tree.entries.get('extends')?.value : undefined;
  if (named === undefined) return tree;
  const beside = pathBeside(file, named);
  const wrong = wrongBase(beside, [file, ...over]);
  if (beside === null || wrong !== null) {
    report(problemAt(named.at, 'extends', wrong ?? 'must be the path of a rule file'));
    return null;
  }
  const below = await readMerged(source, { file: beside, named: named as TreeText, over: [...over, file] }, report);
  return below === null ? null : mergeTrees(without(below, 'extends'), tree, '', report);
}

/** A file that cannot be read is told where it is named. */
function unreadable({ file, named }: FileToRead, error: unknown): RuleProblem {
  const isOurs = isForeknowError(error);
  const words = isOurs ? error.detail : `cannot be read (${codeOf(error)})`;
  const hint = isOurs ? (error.hint ?? null) : null;
  if (named === null) return problemAt({ file, line: 1, column: 1 }, '', words, hint);
  return problemAt(named.at, 'extends', isOurs ? words : `${named.text} ${words}`, hint);
}

function wrongBase(beside: string | null, over: readonly string[]): string | null {
  if (over.some((one) => normalize(one) === beside)) return 'comes back to this file';
  return over.length > MOST_FILES ? `more than ${MOST_FILES} files in a row` : null;
}

/** The path of a file as another names it; null when that is none. */
function pathBeside(file: string, named: Tree): string | null {
  const path = named.kind === 'text' ? (named.text?.trim() ?? '') : '';
  if (path === '' || path.includes('\0')) return null;
  return isAbsolute(path) ? normalize(path) : join(dirname(file), path);
}

const codeOf = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'unreadable';
};

function without(tree: Tree, name: string): Tree {
  if (tree.kind !== 'map' || !tree.entries.has(name)) return tree;
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => key !== name)) };
}

function inOrder(problems: readonly RuleProblem[]): readonly RuleProblem[] {
  const once = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...once.values()].toSorted(
    (one, other) => compare(one.file, other.file) || one.line - other.line || one.column - other.column,
  );
}

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
