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
import { canonicalText, placeIn, readTree, type Tree, type TreeMap } from './tree.ts';
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

/** Reads a rule file and those that it extends; or tells everything that is wrong with them, in the order of the files. */
export async function loadRules(
  source: RuleSource,
): Promise<{ readonly rules: LoadedRules } | { readonly problems: readonly RuleProblem[] }> {
  const problems: RuleProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const merged = await readMerged(source, source.file, [], report);
  if (merged === null || problems.length > 0) return { problems: inOrder(problems) };
  const tree = without(merged, 'extends');
  const written = ruleFile.read(tree, '', report);
  if (written === undefined) return { problems: inOrder(problems) };
  if (!(tree as TreeMap).entries.has('version'))
    report(problemAt(tree.at, 'version', 'is missing', 'Write version: 1.'));
  const rules = compileRules(written, source.known ?? null, report);
  checkTests(rules.tests, rules.settings.ownedPrefix, report);
  problems.push(...findContradictions(rules, (...path) => placeIn(tree, path)));
  if (problems.length > 0) return { problems: inOrder(problems) };
  return { rules: loaded(rules, tree, source.file) };
}

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
    detail: `The rule file ${seen(file)} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}.`,
    hint: 'docs/rules.md says what may stand in it.',
    issues: problems.map((problem) => ({ field: problem.path, reason: problemWords(problem, seen(problem.file)) })),
  });
}

/** `must be a list (rules/acme.yaml line 3, column 5). Is in meant?` */
const problemWords = ({ words, line, column, hint }: RuleProblem, file: string): string =>
  `${words} (${file} line ${line}, column ${column})${hint === null ? '' : `. ${hint}`}`;

function loaded(rules: Rules, tree: Tree, file: string): LoadedRules {
  return {
    digest: `sha256:${hash('sha256', canonicalText(without(tree, 'tests')), 'hex')}`,
    settings: rules.settings,
    attributes: rules.attributes,
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

async function readMerged(
  source: RuleSource,
  file: string,
  over: readonly string[],
  report: Report,
): Promise<Tree | null> {
  const start = { file, line: 1, column: 1 };
  const text = await source.read(file).catch((error: unknown) => {
    if (isForeknowError(error)) report(problemAt(start, '', error.detail, error.hint ?? null));
    else report(problemAt(start, '', `cannot be read (${codeOf(error)})`));
    return null;
  });
  if (text === null) return null;
  const { tree, problems } = readTree(text, file);
  problems.forEach(report);
  if (tree === null || problems.length > 0) return null;
  const base = tree.kind === 'map' ? tree.entries.get('extends')?.value : undefined;
  // An empty file that others extend would take its guards and its scope away without a word.
  if (over.length > 0 && tree.kind !== 'map') {
    report(problemAt(tree.at, '', 'is empty, or no rule file'));
    return null;
  }
  if (base === undefined) return tree;
  const path = base.kind === 'text' ? (base.text?.trim() ?? '') : '';
  if (path === '') {
    report(problemAt(base.at, 'extends', 'must be the path of a rule file'));
    return null;
  }
  const beside = isAbsolute(path) ? normalize(path) : join(dirname(file), path);
  if ([file, ...over].some((one) => normalize(one) === beside) || over.length >= MOST_FILES) {
    report(
      problemAt(
        base.at,
        'extends',
        over.length >= MOST_FILES ? `more than ${MOST_FILES} files in a row` : 'comes back to this file',
      ),
    );
    return null;
  }
  const below = await readMerged(source, beside, [...over, file], report);
  return below === null ? null : mergeTrees(without(below, 'extends'), tree, '', report);
}

const codeOf = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'unreadable';
};

function without(tree: Tree, name: string): Tree {
  if (tree.kind !== 'map' || !tree.entries.has(name)) return tree;
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => key !== name)) };
}

/** So many tell enough. */
const MOST_PROBLEMS = 500;

function inOrder(problems: readonly RuleProblem[]): readonly RuleProblem[] {
  const once = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...once.values()]
    .toSorted((one, other) => compare(one.file, other.file) || one.line - other.line || one.column - other.column)
    .slice(0, MOST_PROBLEMS);
}

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
