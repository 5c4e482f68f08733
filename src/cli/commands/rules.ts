import { type Command, InvalidArgumentError } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { isTimeZone } from '../../lib/time-zone.ts';
import { ruleFileJsonSchema } from '../../rules/file-form.ts';
import type { LoadedRules } from '../../rules/load-rules.ts';
import type { EvaluationOptions, RuleProblem } from '../../rules/rule-set.ts';
import type { RuleTestResult } from '../../rules/rule-tests.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, withFolder, withJson } from '../flags.ts';
import type { FolderFlags } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { clean } from '../output/cell.ts';
import { explanation, explanationText, picksText } from '../output/rules-text.ts';
import { readPeopleFile } from '../rules/people-file.ts';
import { peopleOf, type RuleFlags, type RulesFile, readAllRules, readRules } from '../rules/read-rules.ts';

type ClockFlags = { readonly at?: Date; readonly timeZone?: string };
type PeopleFlags = FolderFlags & JsonFlag & ClockFlags & RuleFlags & { readonly people?: string };
type FileFlags = JsonFlag & RuleFlags;

const DEFAULT_FILE = 'Without FILE they are those of the configuration file; --client says whose.';

export function addRules(program: Command, { context, action }: Kit): void {
  const rules = program
    .command('rules')
    .description('Rules that say who is at KnowBe4, with what, and in which groups')
    .addHelpText('after', examples('rules check rules.yaml', 'rules test rules.yaml'));

  withConfig(withJson(rules.command('check [file]').description('Tell everything that is wrong with a rule file')))
    .option('--people <file>', 'hold its names against those of this JSON or CSV')
    .addHelpText('after', helpOf('rules check rules.yaml', 'rules check rules.yaml --people people.csv --json'))
    .action(
      action(async (file: string | undefined, flags: FileFlags & { readonly people?: string }) => {
        const known = flags.people === undefined ? undefined : namesIn(flags.people);
        const checked = await readAllRules(context, file, flags, known);
        context.output.answer(checked.map(checkAnswer), () => checked.map(checkText).join(''));
      }),
    );

  withClock(withConfig(withJson(rules.command('test [file]').description('Run the tests of a rule file'))))
    .addHelpText('after', `\nEnds with 1 when one fails.\n${DEFAULT_FILE}\n${examples('rules test rules.yaml')}`)
    .action(
      action(async (file: string | undefined, flags: FileFlags & ClockFlags): Promise<ExitCode> => {
        const found = await readAllRules(context, file, flags);
        const results = found.flatMap((one) => one.rules.test(clockOf(context, flags, one)));
        const failed = results.filter(({ passed }) => !passed).length;
        const passed = results.length - failed;
        context.output.answer({ passed, failed, tests: results }, () => testText(results, context));
        return failed === 0 ? exitCodes.done : exitCodes.failed;
      }),
    );

  withConfig(withJson(rules.command('show [file]').description('Print the merged file, each line with its origin')))
    .addHelpText('after', helpOf('rules show rules/client.yaml', 'rules show --client acme --json'))
    .action(
      action(async (file: string | undefined, flags: FileFlags) => {
        const found = await readAllRules(context, file, flags);
        const shown = found.map(({ rules: one, connections }) => ({
          ...{ file: one.file, connections, digest: one.digest, lines: one.show() },
        }));
        context.output.answer(shown, () => shown.map(shownText).join('\n'));
      }),
    );

  withPeople(
    rules.command('who <rule> [file]').description('Everyone a rule picks, and who enters or leaves in 30 days'),
  )
    .addHelpText(
      'after',
      `\nRULE is the name of a rule of groups, or scope, or leavers.\n${DEFAULT_FILE}\n${examples('rules who "new hires"', 'rules who leavers rules.yaml --people people.json')}`,
    )
    .action(
      action(async (rule: string, file: string | undefined, flags: PeopleFlags) => {
        const one = await readRules(context, file, flags);
        const picks = one.rules.who(rule, await peopleOf(context, flags), clockOf(context, flags, one));
        context.output.answer(picks, () => picksText(picks, context.output.width));
      }),
    );

  withPeople(rules.command('explain <person> [file]').description('Every rule for one person, with what decided'))
    .addHelpText(
      'after',
      `\nPERSON is an address, an employee number, a name or a part of them.\n${DEFAULT_FILE}\n${examples('rules explain aiko', 'rules explain 0042 rules.yaml --people people.csv --json')}`,
    )
    .action(
      action(async (person: string, file: string | undefined, flags: PeopleFlags) => {
        const one = await readRules(context, file, flags);
        const found = explanation(one.rules, person, await peopleOf(context, flags), clockOf(context, flags, one));
        context.output.answer(snakeCase(found), () => explanationText(found));
      }),
    );

  rules
    .command('schema')
    .description('Print the JSON Schema of rule files, for editors')
    .addHelpText('after', examples('rules schema > foreknow-rules.schema.json'))
    .action(action(async () => context.output.write(`${JSON.stringify(ruleFileJsonSchema(), null, 2)}\n`)));
}

const helpOf = (...lines: readonly string[]): string => `\n${DEFAULT_FILE}\n${examples(...lines)}`;

const withConfig = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)')
    .option('--client <name>', 'rules of this connection, or of those that are tagged so');

const withClock = (command: Command): Command =>
  command
    .option('--at <time>', 'as if it were then: 2026-11-21, or a time (default: now)', timeOf)
    .option('--time-zone <zone>', 'where days begin (default: that of the connection, else UTC)', zoneOf);

const withPeople = (command: Command): Command =>
  withClock(
    withConfig(withFolder(command)).option(
      '--people <file>',
      'people of this JSON or CSV (default: what the sources of the configuration file last showed)',
    ),
  );

function timeOf(text: string): Date {
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T12:00:00Z` : text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('It must be a time such as 2026-11-21.');
  return time;
}

function zoneOf(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError('It must be a time zone such as Europe/Berlin.');
  return text;
}

const clockOf = (
  { now }: CliContext,
  { at, timeZone }: ClockFlags,
  { timeZone: own }: RulesFile,
): EvaluationOptions => ({
  now: at ?? new Date(now()),
  timeZone: timeZone ?? own ?? 'UTC',
});

function namesIn(path: string): ReadonlySet<string> {
  return new Set(readPeopleFile(path).flatMap(({ attributes }) => Object.keys(attributes)));
}

const checkAnswer = ({ rules: { file, digest, notices, groupRules, attributes } }: RulesFile) => ({
  ...{ file, digest, notices },
  groups: groupRules,
  attributes: [...attributes].toSorted(),
});

function checkText({ rules: { file, digest, notices, groupRules } }: RulesFile): string {
  const count = `${groupRules.length} ${groupRules.length === 1 ? 'rule' : 'rules'} of groups, ${digest.slice(0, 19)}`;
  return [`${clean(file)} is good: ${count}`, ...notices.map(noticeText)].map((line) => `${line}\n`).join('');
}

const noticeText = ({ file, line, column, path, words, hint }: RuleProblem): string =>
  clean(`  ${file}:${line}:${column}  ${path} ${words}${hint === null ? '' : `. ${hint}`}`);

function testText(results: readonly RuleTestResult[], { output }: CliContext): string {
  const lines = results.flatMap(({ name, file, line, passed, failures }) => [
    `${passed ? output.paint('green', 'ok  ') : output.paint('red', 'FAIL')}  ${clean(name)}${passed ? '' : clean(`  ${file}:${line}`)}`,
    ...failures.map((failure) => `        ${clean(failure)}`),
  ]);
  const failed = results.filter(({ passed }) => !passed).length;
  return [...lines, `${results.length - failed} passed, ${failed} failed`].map((line) => `${line}\n`).join('');
}

/** YAML, so that it can be read again; whose rules they are stands above them. */
function shownText({
  connections,
  lines,
}: {
  readonly connections: readonly string[];
  readonly lines: ReturnType<LoadedRules['show']>;
}): string {
  const width = Math.min(72, Math.max(0, ...lines.map(({ text }) => text.length)));
  const whose = connections.length === 0 ? '' : `# rules of ${clean(connections.join(', '))}\n`;
  return (
    whose + lines.map(({ text, file, line }) => `${clean(text).padEnd(width)}  # ${clean(file)}:${line}\n`).join('')
  );
}
