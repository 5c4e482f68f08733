import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import { snakeCase } from '../../lib/case.ts';
import type { Explanation } from '../../provisioning/explain.ts';
import type { ProvisioningState } from '../../provisioning/state.ts';
import { requireTerminal } from '../ask-operator.ts';
import { deciding } from '../deciding.ts';
import { exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, withConfig } from '../flags.ts';
import { consulting, type FolderFlags } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { meantConnection } from '../one-connection.ts';
import { adoptionText, driftText, explanationText, stateText } from '../output/provisioning-text.ts';
import { wrapped } from '../output/wrap.ts';
import { withPerson } from './approvals.ts';
import { answerPlan, built, exitCodeOfPlan } from './plans.ts';

type Flags = FolderFlags & JsonFlag;

/** What looks closer at one person, at what others changed, and at the first meeting. */
export function addLooking(program: Command, kit: Kit): void {
  addExplain(program, kit);
  addDrift(program, kit);
  addAdopt(program, kit);
}

function addExplain(program: Command, { context, action }: Kit): void {
  withConfig(
    program
      .command('explain <who>')
      .description('Why one person changes, or does not: read, match, rules, difference, outcome')
      .option('--connection <connection>', 'name or id; may be left out where there is one'),
  )
    .addHelpText(
      'after',
      `\nWHO is an address, an employee number, a key or an id.\n${examples('explain maya.ortiz@example.com', 'explain 4711 --connection acme')}`,
    )
    .action(
      action(async (who: string, flags: Flags & { readonly connection?: string }) => {
        const { id } = await meantConnection(context, flags, flags.connection);
        const found = await consulting(context, flags, (provisioning) => provisioning.explain(id, who));
        context.output.answer(wireOf(found), () => wrapped(explanationText(found), context.output.width));
        return found.people.length === 0 ? exitCodes.failed : exitCodes.done;
      }),
    );
}

/** As the API tells it: names of attributes are the source's own, and stand in a list. */
const wireOf = ({ who, people }: Explanation): unknown =>
  snakeCase({
    who,
    people: people.map(({ read: { person, sources }, ...one }) => ({
      read: {
        sources,
        person: person && {
          ...{ key: person.key, active: person.active, groups: person.groups, refs: person.refs },
          attributes: Object.entries(person.attributes).map(([name, value]) => ({
            ...{ name, value, from: person.from[name] ?? null },
          })),
        },
      },
      ...one,
    })),
  });

function addDrift(program: Command, { context, action }: Kit): void {
  withConfig(
    program
      .command('drift [connection]')
      .description('What others changed at KnowBe4 since it was written, apart from what is not applied yet')
      .option('--since <when>', 'only what was written since then: 7d, 12h, or 2026-11-20'),
  )
    .addHelpText('after', examples('drift', 'drift acme --since 7d'))
    .action(
      action(async (named: string | undefined, flags: Flags & { readonly since?: string }) => {
        const since = flags.since === undefined ? null : sinceOf(flags.since, context.now());
        const { id } = await meantConnection(context, flags, named);
        const found = await consulting(context, flags, (provisioning) => provisioning.drift(id, since));
        context.output.answer(snakeCase(found), () => driftText(found, context.now(), context.output.width));
      }),
    );
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @returns ISO 8601 UTC */
function sinceOf(text: string, now: number): string {
  const [, number, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (number !== undefined) return new Date(now - Number(number) * unitMs[unit as keyof typeof unitMs]).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new ForeknowError('invalid_request', {
    detail: `${text} is no time.`,
    hint: 'A span such as 7d or 12h, or a day such as 2026-11-20.',
    field: '--since',
  });
}

type AdoptFlags = Flags & { readonly plan?: boolean; readonly confirm?: boolean; readonly as?: string };

function addAdopt(program: Command, { context, action }: Kit): void {
  withPerson(
    program
      .command('adopt [connection]')
      .description('The first meeting: linked, absent, unmanaged, doubled, seats to reclaim; nothing is written')
      .option('--plan', 'build the plan that sends every account as it is; it needs Test Mode to be on')
      .option('--confirm', 'a person says that Test Mode is off: what was sent is at work from then on'),
  )
    .addHelpText(
      'after',
      `
In order: foreknow adopt, then foreknow adopt --plan, approve and apply that
plan while Test Mode is on, turn Test Mode off, foreknow adopt --confirm.
${examples('adopt', 'adopt acme --plan', 'adopt acme --confirm --as priya')}`,
    )
    .action(
      action(async (named: string | undefined, flags: AdoptFlags) => {
        if (flags.plan && flags.confirm) {
          throw new ForeknowError('invalid_request', {
            detail: '--plan and --confirm are two different steps.',
            field: '--confirm',
          });
        }
        if (flags.confirm) requireTerminal(context);
        const connection = await meantConnection(context, flags, named);
        const { id, name } = connection;
        if (flags.plan) {
          const plan = await built(context, flags, connection, { kind: 'adoption' });
          answerPlan(context, plan, connection);
          return exitCodeOfPlan(plan);
        }
        if (flags.confirm) {
          await deciding(context, flags, { who: 'who confirms' }, (decisions, decider) =>
            decisions.confirmAdoption(id, decider, context.stopped()),
          );
          const view = await consulting(context, flags, (provisioning) => provisioning.status(id));
          context.output.answer(snakeCase(view), () =>
            wrapped(`Taken over: plans can be applied now.\n\n${stateText(name, view)}`, context.output.width),
          );
          return exitCodes.done;
        }
        const { report, view } = await consulting(context, flags, async (provisioning) => ({
          report: await provisioning.adoptionReport(id),
          view: await provisioning.status(id),
        }));
        context.output.answer(snakeCase(report), () =>
          wrapped(adoptionText(name, report, context.now()), context.output.width),
        );
        if (!context.output.json) context.output.note(`\n  ${nextOf(view.state.adoption)}`);
        return exitCodes.done;
      }),
    );
}

const nextSteps = {
  none: 'next: foreknow adopt --plan, while Test Mode is on',
  pushing: 'under way: approve and apply the adoption plan, or go on with it (foreknow plans list)',
  pushed: 'next: turn Test Mode off in KnowBe4’s console, then foreknow adopt --confirm',
  adopted: 'taken over: foreknow plan shows what would be done',
} as const;
const nextOf = ({ state, lacks }: ProvisioningState['adoption']): string =>
  lacks === undefined
    ? nextSteps[state]
    : `the SCIM store is not whole: ${lacks}; send what is missing, while Test Mode is on: foreknow adopt --plan`;
