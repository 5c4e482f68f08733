import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { PlanView, StepView } from '../../gateway/provisioning-types.ts';
import { snakeCase } from '../../lib/case.ts';
import type { Plan } from '../../provisioning/plan.ts';
import { renderPlan } from '../../provisioning/render.ts';
import { closeOver } from '../../provisioning/subset.ts';
import { requireTerminal } from '../ask-operator.ts';
import type { CliContext } from '../context.ts';
import { deciding } from '../deciding.ts';
import { exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, listOption, withConfig } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { stepTable } from '../output/plan-text.ts';
import { counted } from '../output/words.ts';
import { wrapped } from '../output/wrap.ts';
import { askYes } from '../prompt.ts';
import { nameOfConnection } from './plans.ts';

type Flags = FolderFlags & JsonFlag & { readonly as?: string };
type ApproveFlags = Flags & { readonly steps?: readonly string[]; readonly reason?: string };

const byPerson = `
Your secret is typed on the terminal: it is taken from no flag, variable, file
or pipe.`;

export const withPerson = (command: Command): Command =>
  withConfig(command.option('--as <name>', 'your name as an operator (default: it is asked for)'));

export function addApprovals(program: Command, { context, action }: Kit): void {
  withPerson(
    program
      .command('approve <plan>')
      .description('Approve a plan as it is now, or some of its steps')
      .addOption(listOption('--steps <ids>', 'only these, as in st_001,st_002; what they need is approved with them'))
      .option('--reason <words>', 'why, for whoever reads the log'),
  )
    .addHelpText(
      'after',
      `
The plan is shown first, and what is approved is just what was shown.${byPerson}
${examples('approve pl_7Q2K9XYZ', 'approve pl_7Q2K9XYZ --steps st_001,st_002 --as priya')}`,
    )
    .action(action(async (id: string, flags: ApproveFlags) => approve(context, id, flags)));

  withPerson(
    program
      .command('reject <plan>')
      .description('Refuse a plan: it is over, and the next one may say the same again')
      .requiredOption('--reason <words>', 'why, for whoever reads the log'),
  )
    .addHelpText('after', `${byPerson}\n${examples('reject pl_7Q2K9XYZ --reason "Sales moves next month"')}`)
    .action(
      action(async (id: string, flags: Flags & { readonly reason: string }) => {
        requireTerminal(context);
        const { plan, name } = await seen(context, flags, id);
        const show = async () => showPlan(context, plan, name);
        await deciding(context, flags, { who: 'who refuses', show }, (decisions, decider) =>
          decisions.reject(id, flags.reason, decider),
        );
        const view = await viewOf(context, flags, id);
        context.output.answer(snakeCase(view), () => `Plan ${id} is ${view.plan.state}.\n`);
      }),
    );
}

/** A plan as somebody sees it before they decide, with the name of its connection. */
const seen = (context: CliContext, flags: FolderFlags, id: string) =>
  reading(context, flags, async ({ connections, provisioning }) => {
    const plan = await provisioning.wholePlan(id);
    return { plan, name: await nameOfConnection(connections, plan.connectionId) };
  });

const viewOf = (context: CliContext, flags: FolderFlags, id: string): Promise<PlanView> =>
  reading(context, flags, ({ provisioning }) => provisioning.plan(id));

/** On stderr, so that stdout holds the answer alone. */
const showPlan = ({ output, now }: CliContext, plan: Plan, connection: string): void =>
  output.note(wrapped(renderPlan(plan, { now: new Date(now()), connection, url: null }), output.progress.width));

async function approve(context: CliContext, id: string, flags: ApproveFlags) {
  requireTerminal(context);
  const { plan, name } = await seen(context, flags, id);
  requireWaiting(plan);
  const steps = flags.steps === undefined ? null : chosenOf(plan, flags.steps);
  const show = async () => {
    showPlan(context, plan, name);
    const many = steps?.length ?? plan.steps.length;
    if (steps !== null) showChosen(context, plan, steps, flags.steps!);
    const what = `${steps === null ? 'all ' : ''}${counted(many, 'step')} of ${id} for ${name}`;
    if (!(await askYes(context, `Approve ${what}?`))) {
      throw new ForeknowError('aborted', { detail: 'Nothing was approved.' });
    }
  };
  const approval = { digest: plan.digest, steps, reason: flags.reason ?? null };
  await deciding(context, flags, { who: 'who approves', show }, (decisions, decider) =>
    decisions.approve(id, approval, decider),
  );
  const view = await viewOf(context, flags, id);
  const isEnough = view.plan.state === 'approved';
  context.output.answer(snakeCase(view), () =>
    isEnough
      ? `Plan ${id} is approved. Nothing has been written yet: foreknow apply ${id}\n`
      : `Your approval is kept. Plan ${id} waits for ${plan.approval.reasons.length === 0 ? 'another person' : `another person (${plan.approval.reasons.join(', ')})`}: foreknow approve ${id}\n`,
  );
  return isEnough ? exitCodes.done : exitCodes.waiting;
}

function requireWaiting({ id, state, steps }: Plan): void {
  if (steps.length === 0) {
    throw new ForeknowError('conflict', {
      detail: `Plan ${id} has no steps: there is nothing to approve.`,
      hint: `foreknow plans show ${id} tells what it saw.`,
    });
  }
  if (state === 'waiting' || state === 'approved') return;
  // A draft or a blocked plan says itself what has to happen first: asking for a secret would be for nothing.
  const code = state === 'draft' ? 'observe_mode' : state === 'blocked' ? 'plan_blocked' : 'plan_closed';
  throw new ForeknowError(code, { detail: `Plan ${id} is ${stateWords[state] ?? state}.`, hint: hints[code] });
}

const stateWords: Readonly<Partial<Record<Plan['state'], string>>> = {
  draft: 'a draft: it only shows what would be done',
  blocked: 'blocked: nobody can approve it as it is',
};
const hints = {
  observe_mode: 'Set the mode first: foreknow provisioning mode propose. Then make the plan anew.',
  plan_blocked: 'foreknow plans show names what blocks it.',
  plan_closed: 'foreknow plans list shows the newest one.',
} as const;

/** With the steps that they need: the group before its member, say. */
function chosenOf({ id, steps }: Plan, wanted: readonly string[]): readonly string[] {
  const known = new Set(steps.map((step) => step.id));
  const unknown = wanted.filter((one) => !known.has(one));
  if (unknown.length === 0 && wanted.length > 0) return closeOver(steps, wanted).stepIds;
  throw new ForeknowError('invalid_request', {
    detail: `Plan ${id} has no step ${unknown.join(', ')}.`,
    hint: `foreknow plans steps ${id} shows them.`,
    field: '--steps',
  });
}

function showChosen({ output }: CliContext, plan: Plan, ids: readonly string[], wanted: readonly string[]): void {
  const chosen = plan.steps.filter((step) => ids.includes(step.id));
  output.note('');
  output.note(
    stepTable(
      chosen.map((step): StepView => ({ step: { ...step, position: 0 }, entry: null })),
      output.width,
    ),
  );
  const added = ids.filter((id) => !wanted.includes(id));
  if (added.length > 0) output.note(`${added.join(', ')} come along: the others need them.`);
}
