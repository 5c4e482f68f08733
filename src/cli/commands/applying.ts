import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { StepView } from '../../gateway/provisioning-types.ts';
import { snakeCase } from '../../lib/case.ts';
import type { StepState } from '../../provisioning/plan.ts';
import type { Application, StoredPlan } from '../../provisioning/ports.ts';
import type { ProvisioningState } from '../../provisioning/state.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodeFor, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, withConfig } from '../flags.ts';
import { type FolderFlags, reading, type Writes, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { operatorName } from '../operator.ts';
import { cut } from '../output/cell.ts';
import { historyText, itemTable, progressWords } from '../output/plan-text.ts';
import { wrapped } from '../output/wrap.ts';
import { waitUntilShown } from '../wait-shown.ts';
import { answerPlan, exitCodeOfPlan, nameOfConnection } from './plans.ts';

type Flags = FolderFlags & JsonFlag;
type ApplyFlags = Flags & { readonly wait?: boolean };

const ALL = 1_000_000;
const LOOK_MS = 500;
/** A look at the whole store takes a while; longer than this nobody waits for it. */
const PROOF_MS = 300_000;
/** A server that has not begun by then is not going to: it says why in its log. */
const BEGIN_MS = 30_000;

export function addApplying(program: Command, { context, action }: Kit): void {
  withConfig(
    program
      .command('apply <plan>')
      .description('Do what was approved: a server does it, or this command where none runs')
      .option(
        '--wait',
        'until KnowBe4 shows it, which takes one or two of its windows of 15 minutes: looks now and then, and says when',
      ),
  )
    .addHelpText(
      'after',
      `
Stopped with ^C it ends before its next write; run again, it goes on and makes
nothing twice. Beside a server, and while it waits, ^C only ends the watching.
${examples('apply pl_7Q2K9XYZ', 'apply pl_7Q2K9XYZ --wait')}`,
    )
    .action(action(async (id: string, flags: ApplyFlags) => apply(context, id, flags)));

  withConfig(
    program
      .command('undo <application>')
      .description('Build a plan that puts back what an application changed; it says what cannot come back'),
  )
    .addHelpText(
      'after',
      `\nA plan may be named too: all that was done of it is meant.\n${examples('undo app_7q2k', 'undo pl_7Q2K9XYZ')}`,
    )
    .action(
      action(async (id: string, flags: Flags) => {
        const name = await reading(context, flags, async ({ connections, provisioning }) => {
          const { connectionId } = id.startsWith('pl_')
            ? (await provisioning.plan(id)).plan
            : await provisioning.application(id);
          return nameOfConnection(connections, connectionId);
        });
        const plan = await writing(context, flags, ({ provisioning }) => provisioning.undo(id, operatorName()));
        answerPlan(context, plan, { name });
        // What cannot come back is what somebody wants to know of it.
        if (!context.output.json && plan.items.length > 0) {
          context.output.note(`\n${itemTable(plan.items, context.output.width)}`);
        }
        return exitCodeOfPlan(plan);
      }),
    );
}

/** How a plan stands while it is applied. */
type Standing = {
  readonly plan: StoredPlan;
  readonly application: Application | null;
  /** Steps that are sent, with how far they are. */
  readonly views: readonly StepView[];
  /** Of a plan that takes accounts over: how far that is. */
  readonly adoption: ProvisioningState['adoption'] | null;
};

async function apply(context: CliContext, id: string, flags: ApplyFlags): Promise<ExitCode> {
  const before = await reading(context, flags, (gateway) => standingOf(gateway, id));
  const after = await writing(context, flags, (writes) => run(context, id, flags, writes, before));
  const { application } = after;
  context.output.answer(snakeCase({ plan: after.plan, application, steps: tallyOf(after) }), () =>
    wrapped(appliedText(after), context.output.width),
  );
  if (application === null || application.endedAt === null) return exitCodes.waiting;
  if (application.stop !== null) return exitCodeFor(application.stop.code);
  const isWhole =
    application.state === 'applied' &&
    after.adoption?.state !== 'pushing' &&
    after.views.every(({ entry }) => !isTrouble(entry?.state));
  return isWhole ? exitCodes.done : exitCodes.failed;
}

const isTrouble = (state: StepState | undefined): boolean =>
  state === 'failed' || state === 'stale' || state === 'late' || state === 'skipped';

async function run(
  context: CliContext,
  id: string,
  flags: ApplyFlags,
  { provisioning, sync }: Pick<Writes, 'provisioning' | 'sync'>,
  before: Standing,
): Promise<Standing> {
  const { applyNow } = provisioning;
  const stopped = context.stopped();
  if (applyNow === null) {
    await provisioning.apply(id, operatorName());
    const begunBy = context.now() + BEGIN_MS;
    const ended = await follow(context, flags, id, (now) => {
      if (hasEnded(now, before, context.now())) return true;
      if (isSame(now, before) && context.now() > begunBy) throw notBegun(id);
      return false;
    });
    return flags.wait ? shown(context, flags, ended, sync) : ended;
  }
  let isOver = false;
  const work = applyNow(id, operatorName(), stopped).finally(() => {
    isOver = true;
  });
  // A failure is told once, by `work` itself.
  await Promise.all([follow(context, flags, id, () => isOver), work]);
  const ended = await reading(context, flags, (gateway) => standingOf(gateway, id));
  return flags.wait ? shown(context, flags, ended, sync) : ended;
}

/** Waits until everything of it is seen, or known not to come. */
async function shown(
  context: CliContext,
  flags: FolderFlags,
  ended: Standing,
  sync: Writes['sync'],
): Promise<Standing> {
  const { output } = context;
  const { plan } = ended;
  const signal = context.stopped();
  if (!isShownSoon(ended) || signal.aborted) return ended;
  const { isLive, write, width } = output.progress;
  return reading(context, flags, async (gateway) => {
    try {
      const waiting = {
        ...{ now: context.now, sleep: napping, signal, isSettled, wordsOf },
        look: () => look(sync, plan.connectionId, signal),
        standing: () => standingOf(gateway, plan.id),
        show: (line: string, isNews: boolean) => {
          if (isLive) write(`\r\x1b[2K${cut(`wait  ${line}`, width - 1)}`);
          else if (isNews) output.note(`wait  ${line}`);
        },
      };
      return await waitUntilShown(waiting, { readsALook: plan.cost.verifyReads, visibleBy: plan.cost.visibleBy });
    } finally {
      if (isLive) write('\r\x1b[2K');
    }
  });
}

const napping = (ms: number, signal: AbortSignal): Promise<unknown> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

/** @returns why nothing was read, where it may go better the next time */
async function look(sync: Writes['sync'], connectionId: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { status, error } = await sync.run(connectionId, { level: 'directory', trigger: 'manual', signal });
    return status === 'done' || signal.aborted ? null : (error?.detail ?? `the sync ended ${status}`);
  } catch (error) {
    // Somebody else reads right now: that shows it as well.
    if (isForeknowError(error) && (error.code === 'conflict' || error.code === 'aborted')) return null;
    if (!isForeknowError(error) || error.retry === 'never') throw error;
    return error.detail;
  }
}

/** Accounts that are taken over stay as they are, and nothing shows it while Test Mode is on: there is nothing to wait for. */
const isShownSoon = ({ plan }: Standing): boolean => plan.kind !== 'adoption';

/** An application has come to its end since, and whoever is taken over was looked for in the store after it. */
function hasEnded(now: Standing, before: Standing, time: number): boolean {
  const { application, adoption } = now;
  if (isSame(now, before) || application?.endedAt == null) return false;
  if (adoption === null || application.stop !== null || isProven(adoption)) return true;
  const since = Math.max(Date.parse(application.endedAt), Date.parse(adoption.at ?? application.endedAt));
  return time > since + PROOF_MS;
}
const isSame = (now: Standing, before: Standing): boolean =>
  now.application?.id === before.application?.id &&
  now.application?.endedAt === before.application?.endedAt &&
  now.adoption?.at === before.adoption?.at;

const isProven = ({ state, lacks }: ProvisioningState['adoption']): boolean =>
  state !== 'pushing' || lacks !== undefined;

/** Everything that was taken is seen, or known not to come. */
const isSettled = ({ views }: Standing): boolean =>
  views.every(({ entry }) => entry === null || !['written', 'accepted', 'visible'].includes(entry.state));

const notBegun = (id: string) =>
  new ForeknowError('unavailable', {
    detail: `The server has not begun plan ${id}: something keeps it.`,
    hint: 'foreknow provisioning status and the log of the server tell what; the plan stays approved.',
  });

/** Looks again and again, showing how far it is, until it is done or nobody waits any more. */
async function follow(
  context: CliContext,
  flags: FolderFlags,
  id: string,
  isDone: (standing: Standing) => boolean,
): Promise<Standing> {
  const { progress } = context.output;
  const stopped = context.stopped();
  return reading(context, flags, async (gateway) => {
    try {
      for (;;) {
        const begun = performance.now();
        const standing = await standingOf(gateway, id);
        if (progress.isLive) progress.write(`\r\x1b[2K${cut(`apply  ${wordsOf(standing)}`, progress.width - 1)}`);
        if (isDone(standing) || stopped.aborted) return standing;
        // A plan of many steps takes a while to look at: most of the time is left to the work.
        const pause = Math.max(LOOK_MS, 5 * (performance.now() - begun));
        await sleep(pause, undefined, { signal: stopped }).catch(() => undefined);
      }
    } finally {
      if (progress.isLive) progress.write('\r\x1b[2K');
    }
  });
}

async function standingOf({ provisioning }: Pick<Gateway, 'provisioning'>, id: string): Promise<Standing> {
  const { plan, applications } = await provisioning.plan(id);
  const application = applications[0] ?? null;
  const steps = await provisioning.steps(id, { limit: ALL });
  const wanted = application?.stepIds == null ? null : new Set(application.stepIds);
  const views = steps.filter(({ step }) => wanted === null || wanted.has(step.id));
  const status = plan.kind === 'adoption' ? await provisioning.status(plan.connectionId) : null;
  return { plan, application, views, adoption: status?.state.adoption ?? null };
}

const statesOf = ({ views }: Standing): readonly StepState[] => views.map(({ entry }) => entry?.state ?? 'planned');
const wordsOf = (standing: Standing): string => progressWords(statesOf(standing)) || 'nothing to send';

const tallyOf = (standing: Standing) =>
  Object.fromEntries([...Map.groupBy(statesOf(standing), (state) => state)].map(([state, all]) => [state, all.length]));

function appliedText(standing: Standing): string {
  const { plan, application, views, adoption } = standing;
  if (application === null) return `Plan ${plan.id} is ${plan.state}; it has not begun yet.\n`;
  const words = {
    applied: 'was sent',
    partial: 'was sent in part',
    stopped: 'stopped',
    running: 'is being sent',
  } as const;
  const isSeen = isSettled(standing);
  const at = plan.cost.visibleBy === null ? '' : ` by about ${plan.cost.visibleBy.slice(11, 16)} UTC`;
  const lines = [
    `Plan ${plan.id} ${words[application.state]}: ${wordsOf(standing)}`,
    ...(application.stop === null ? [] : [`  ${application.stop.reason}`]),
    ...(adoption !== null
      ? adoptedText(plan.id, adoption)
      : [
          ...(isSeen
            ? []
            : [`  KnowBe4 applies it in a window of its own: visible${at}. foreknow plans show ${plan.id}`]),
          `  Take it back: foreknow undo ${plan.id}`,
        ]),
  ];
  const trouble = views.filter(({ entry }) => isTrouble(entry?.state));
  const told = trouble.length === 0 ? '' : historyText({ plan, approvals: [], applications: [] }, trouble);
  return `${lines.join('\n')}\n${told}`;
}

/** Test Mode is only to be turned off once everybody was found in the store: whoever is not would be archived. */
function adoptedText(planId: string, { state, lacks }: ProvisioningState['adoption']): readonly string[] {
  if (state !== 'pushing') return ['  Now turn Test Mode off in KnowBe4’s console, then: foreknow adopt --confirm'];
  return lacks === undefined
    ? [`  Leave Test Mode on: the SCIM store is not proven yet. Go on: foreknow apply ${planId}`]
    : [
        `  Leave Test Mode on: the SCIM store is not whole: ${lacks}.`,
        `  Send what is missing: foreknow adopt --plan. Look once more: foreknow apply ${planId}`,
      ];
}
