import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Connection } from '../../connections/connection.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { PlanRequest } from '../../gateway/provisioning-types.ts';
import { snakeCase } from '../../lib/case.ts';
import { actionCsv } from '../../provisioning/action-csv.ts';
import {
  type Action,
  actions,
  type Plan,
  type PlanState,
  planStates,
  type SourceBasis,
} from '../../provisioning/plan.ts';
import { renderPlan } from '../../provisioning/render.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, listOption, numberOption, withConfig } from '../flags.ts';
import { consulting, type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { meantConnection } from '../one-connection.ts';
import { operatorName } from '../operator.ts';
import { comparisonText, diffText, isSame } from '../output/plan-diff-text.ts';
import { historyText, itemTable, planTable, stepTable } from '../output/plan-text.ts';
import { wrapped } from '../output/wrap.ts';
import { readSmallFile } from '../small-file.ts';

type Flags = FolderFlags & JsonFlag;
type PlanFlags = Flags & {
  readonly person?: string;
  readonly only?: 'add' | 'remove';
  readonly rules?: string;
  readonly against?: 'current';
  readonly kind?: NonNullable<PlanRequest['kind']>;
  readonly urgent?: boolean;
  readonly out?: string;
  readonly csv?: boolean;
};

const ALL = 1_000_000;

export function addPlan(program: Command, { context, action }: Kit): void {
  withConfig(
    program
      .command('plan [connection]')
      .description('Show what would be done at KnowBe4, and what KnowBe4 would then do; nothing is written')
      .option('--person <who>', 'only this person: address, employee number, key or id')
      .addOption(new Option('--only <what>', 'only what is added, or what is removed').choices(['add', 'remove']))
      .option('--rules <file>', 'another rule file, for a look: such a plan is not kept')
      .addOption(
        new Option('--against <rules>', 'with --rules: what it does otherwise than the rules in force').choices([
          'current',
        ]),
      )
      .addOption(new Option('--kind <kind>', 'what for (default: sync)').choices(['sync', 'adoption', 'urgent']))
      .option('--urgent', 'one leaver, at once; with --person')
      .option('--out <file>', 'write the whole plan into a file too: JSON, or CSV with --csv')
      .option('--csv', 'print the steps as CSV, a row for each field'),
  )
    .addHelpText(
      'after',
      `
Ends with 0 when there is nothing to do, 2 with steps, 3 with steps that people
have to approve, 4 when a guard or an incomplete source blocks it. --against:
0 when both do the same, else 2.
${examples('plan', 'plan acme --person maya.ortiz@example.com', 'plan --rules draft.yaml --csv', 'plan --rules draft.yaml --against current', 'plan acme --urgent --person tom.blake@example.com')}`,
    )
    .action(
      action(async (named: string | undefined, flags: PlanFlags) => {
        const request = requestOf(flags);
        const connection = await meantConnection(context, flags, named);
        if (flags.against !== undefined) return compared(context, flags, connection, request);
        const plan = await built(context, flags, connection, request);
        answerPlan(context, plan, connection, { ...flags, isKept: flags.rules === undefined });
        return exitCodeOfPlan(plan);
      }),
    );
}

/** Nothing is kept, so that a process beside the server that holds the folder can do it. */
async function compared(
  context: CliContext,
  flags: PlanFlags,
  connection: Connection,
  { person, only, rules, kind }: PlanRequest,
): Promise<ExitCode> {
  if (rules === undefined) throw said('--against', '--against needs --rules: the draft that is compared.');
  if (kind !== undefined && kind !== 'sync')
    throw said('--against', '--against compares plans of the kind sync alone.');
  if (flags.csv) throw said('--csv', '--csv is for one plan; --json has the whole comparison.');
  const wish = { rules, ...(person !== undefined && { person }), ...(only && { only }) };
  const found = await consulting(context, flags, ({ compare }) => compare(connection.id, wish, operatorName()));
  const whole = snakeCase(found);
  if (flags.out !== undefined) writeOut(flags.out, `${JSON.stringify(whole, null, 2)}\n`);
  context.output.answer(whole, () => comparisonText(found, connection.name, context.output.width));
  if (flags.out !== undefined) context.output.note(`written: ${flags.out}`);
  return isSame(found) ? exitCodes.done : exitCodes.steps;
}

function requestOf({ person, only, rules, kind, urgent, csv, json }: PlanFlags): PlanRequest {
  if (csv && json) throw said('--csv', '--csv and --json say different things.');
  if (urgent && kind !== undefined && kind !== 'urgent')
    throw said('--kind', '--urgent and --kind say different things.');
  const wanted = urgent ? 'urgent' : kind;
  if (wanted === 'urgent' && person === undefined) throw said('--person', 'An urgent plan is for one leaver: say who.');
  return {
    ...(wanted && { kind: wanted }),
    ...(person !== undefined && { person }),
    ...(only && { only }),
    ...(rules !== undefined && { rules: draftOf(rules) }),
  };
}

const said = (field: string, detail: string) => new ForeknowError('invalid_request', { detail, field });

function draftOf(file: string): NonNullable<PlanRequest['rules']> {
  try {
    return { file: resolve(file), text: readSmallFile(file) };
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unreadable';
    throw new ForeknowError('invalid_request', {
      detail: `The rule file ${file} cannot be read (${code}).`,
      field: '--rules',
      cause,
    });
  }
}

/** Builds a plan; it may take a while where people and rules are many. */
export async function built(
  context: CliContext,
  flags: FolderFlags,
  connection: Connection,
  request: PlanRequest,
): Promise<Plan> {
  return writing(context, flags, ({ provisioning }) => provisioning.build(connection.id, request, operatorName()));
}

/** A plan as JSON, as CSV, or as people read it. */
export function answerPlan(
  { output, now }: Pick<CliContext, 'output' | 'now'>,
  plan: Plan,
  connection: Pick<Connection, 'name'>,
  {
    csv = false,
    out,
    isKept = true,
  }: { readonly csv?: boolean; readonly out?: string; readonly isKept?: boolean } = {},
): void {
  const whole = snakeCase(plan);
  if (out !== undefined) writeOut(out, csv ? actionCsv(plan.steps) : `${JSON.stringify(whole, null, 2)}\n`);
  const options = { now: new Date(now()), connection: connection.name, url: null, isKept };
  output.answer(whole, () => (csv ? actionCsv(plan.steps) : wrapped(`${renderPlan(plan, options)}\n`, output.width)));
  if (out !== undefined) output.note(`written: ${out}`);
  if (output.json || csv) return;
  for (const { name, state } of plan.basis.sources.filter(isBroken)) {
    output.note(`  ${name}: foreknow sources ${state === 'incomplete' ? 'read' : 'reads'} ${name}`);
  }
}

/** For its owner alone: a plan tells of people. */
function writeOut(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unwritable';
    throw new ForeknowError('invalid_request', {
      detail: `${file} cannot be written (${code}).`,
      field: '--out',
      cause,
    });
  }
}

/** That there is nothing to do is only said of sources that were read: else nobody knows. */
export function exitCodeOfPlan({ state, steps, basis, approval }: Plan): ExitCode {
  if (state === 'blocked') return exitCodes.blocked;
  if (steps.length === 0) return basis.sources.some(isBroken) ? exitCodes.blocked : exitCodes.done;
  return approval.needed > 0 ? exitCodes.waiting : exitCodes.steps;
}

const isBroken = (source: SourceBasis): boolean => source.state === 'incomplete' || source.state === 'quarantined';

export function addPlans(program: Command, kit: Kit): void {
  const plans = program
    .command('plans')
    .description('Plans: what they hold, what became of them')
    .addHelpText('after', examples('plans list', 'plans show pl_7Q2K9XYZ', 'plans steps pl_7Q2K9XYZ --action archive'));
  addList(plans, kit);
  addShow(plans, kit);
  addParts(plans, kit);
}

function addList(plans: Command, { context, action }: Kit): void {
  withConfig(
    plans
      .command('list [connection]', { isDefault: true })
      .description('Plans of one connection, or of all, the newest first')
      .addOption(listOption('--state <state>', `only these: ${planStates.join(', ')}`, planStates))
      .addOption(numberOption('--limit <rows>', 'at most so many', { min: 1, max: 1000, by: 20 })),
  )
    .addHelpText('after', examples('plans list acme', 'plans list --state waiting,blocked'))
    .action(
      action(async (named: string | undefined, flags: Flags & { state?: readonly PlanState[]; limit: number }) => {
        const { found, names } = await reading(context, flags, async ({ connections, provisioning }) => {
          const all = await connections.list();
          const connectionIds = named === undefined ? null : [(await connections.get(named)).id];
          const query = { connectionIds, limit: flags.limit, ...(flags.state && { states: flags.state }) };
          return { found: await provisioning.plans(query), names: new Map(all.map(({ id, name }) => [id, name])) };
        });
        const nameOf = (id: string) => names.get(id) ?? id;
        context.output.answer(snakeCase(found), () => planTable(found, nameOf, context.now(), context.output.width));
      }),
    );
}

function addShow(plans: Command, { context, action }: Kit): void {
  withConfig(plans.command('show <plan>').description('A plan, who decided about it, and how it was applied'))
    .addHelpText('after', examples('plans show pl_7Q2K9XYZ'))
    .action(
      action(async (id: string, flags: Flags) => {
        const { plan, view, steps, name } = await reading(context, flags, async ({ connections, provisioning }) => ({
          view: await provisioning.plan(id),
          plan: await provisioning.wholePlan(id),
          steps: await provisioning.steps(id, { limit: ALL }),
          name: await nameOfConnection(connections, (await provisioning.plan(id)).plan.connectionId),
        }));
        const options = { now: new Date(context.now()), connection: name, url: null };
        context.output.answer(snakeCase({ plan, approvals: view.approvals, applications: view.applications }), () =>
          wrapped(`${renderPlan(plan, options)}\n${historyText(view, steps)}`, context.output.width),
        );
      }),
    );
}

/** Its id when the connection is gone. */
export const nameOfConnection = (
  connections: { readonly list: () => Promise<readonly Connection[]> },
  id: string,
): Promise<string> => connections.list().then((all) => all.find((one) => one.id === id)?.name ?? id);

function addParts(plans: Command, { context, action }: Kit): void {
  withConfig(
    plans
      .command('steps <plan>')
      .description('Every step in its order, with how far it is')
      .addOption(listOption('--action <action>', `only these: ${actions.join(', ')}`, actions))
      .option('--csv', 'as CSV, a row for each field'),
  )
    .addHelpText('after', examples('plans steps pl_7Q2K9XYZ --action archive'))
    .action(
      action(async (id: string, flags: Flags & { action?: readonly Action[]; csv?: boolean }) => {
        const query = { limit: ALL, ...(flags.action && { actions: flags.action }) };
        const found = await reading(context, flags, async ({ provisioning }) => {
          await provisioning.plan(id);
          return provisioning.steps(id, query);
        });
        if (flags.csv) return context.output.writeJson(actionCsv(found.map(({ step }) => step)));
        context.output.answer(
          snakeCase(found.map(({ step, entry }) => ({ ...step, state: entry?.state ?? null }))),
          () => (found.length === 0 ? 'No such step.\n' : stepTable(found, context.output.width)),
        );
      }),
    );
  withConfig(plans.command('items <plan>').description('What a plan saw and does nothing about, and why'))
    .addHelpText('after', examples('plans items pl_7Q2K9XYZ'))
    .action(
      action(async (id: string, flags: Flags) => {
        const found = await reading(context, flags, ({ provisioning }) => provisioning.items(id, { limit: ALL }));
        context.output.answer(snakeCase(found), () => itemTable(found, context.output.width));
      }),
    );
  withConfig(plans.command('diff <plan> <later>').description('What a later plan does otherwise'))
    .addHelpText('after', examples('plans diff pl_7Q2K9XYZ pl_8R3MAAAA'))
    .action(
      action(async (id: string, later: string, flags: Flags) => {
        const found = await reading(context, flags, ({ provisioning }) => provisioning.diff(id, later));
        context.output.answer(snakeCase(found), () => diffText(found));
      }),
    );
}
