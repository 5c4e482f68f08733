import { Argument, type Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { Decider } from '../../gateway/deciding.ts';
import type { Attested } from '../../gateway/provisioning-types.ts';
import { snakeCase } from '../../lib/case.ts';
import { type Mode, modes } from '../../provisioning/plan.ts';
import { requireTerminal } from '../ask-operator.ts';
import type { CliContext } from '../context.ts';
import { deciding } from '../deciding.ts';
import { personId } from '../find-person.ts';
import { examples, type JsonFlag, listOption, withConfig } from '../flags.ts';
import { consulting, type FolderFlags, reading, type Writes, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { meantConnection } from '../one-connection.ts';
import { stateText } from '../output/provisioning-text.ts';
import { wrapped } from '../output/wrap.ts';
import { withPerson } from './approvals.ts';

type Flags = FolderFlags & JsonFlag & { readonly as?: string };

/** What a person may say, in the words of the command line. */
const words: Readonly<Record<string, Attested>> = {
  'test-mode-on': 'test_mode_on',
  'test-mode-off': 'test_mode_off',
  'other-provisioner-off': 'other_provisioner_off',
  'renames-keep': 'renames_keep',
  'renames-duplicate': 'renames_duplicate',
};

export function addProvisioning(program: Command, kit: Kit): void {
  const provisioning = program
    .command('provisioning')
    .description('How a connection is provisioned: mode, adoption, Test Mode, pause and stop')
    .addHelpText('after', examples('provisioning status', 'provisioning mode propose acme', 'provisioning stop acme'));
  addStatus(provisioning, kit);
  addSettings(provisioning, kit);
  addStops(provisioning, kit);
}

function addStatus(provisioning: Command, { context, action }: Kit): void {
  withConfig(
    provisioning.command('status [connection]', { isDefault: true }).description('How it stands, and what waits'),
  )
    .addHelpText('after', examples('provisioning status acme'))
    .action(
      action(async (named: string | undefined, flags: Flags) => {
        const { id, name } = await meantConnection(context, flags, named);
        await answerStatus(context, flags, { id, name });
      }),
    );
}

async function answerStatus(
  context: CliContext,
  flags: Flags,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const view = await consulting(context, flags, (room) => room.status(id));
  context.output.answer(snakeCase(view), () => wrapped(stateText(name, view), context.output.width));
}

/** A person decides something about a connection; how it stands then is shown. */
async function decided(
  context: CliContext,
  flags: Flags,
  named: string | undefined,
  work: (decisions: Writes['decisions'], id: string, decider: Decider) => Promise<unknown>,
): Promise<void> {
  requireTerminal(context);
  const connection = await meantConnection(context, flags, named);
  await deciding(context, flags, { who: 'who decides' }, (decisions, decider) =>
    work(decisions, connection.id, decider),
  );
  await answerStatus(context, flags, connection);
}

function addSettings(provisioning: Command, { context, action }: Kit): void {
  withPerson(
    provisioning
      .command('mode')
      .description('observe: never write; propose: every step waits for a person; auto: as the rules say')
      .addArgument(new Argument('<mode>', 'the mode').choices(modes))
      .argument('[connection]', 'name or id; may be left out where there is one'),
  )
    .addHelpText('after', examples('provisioning mode propose', 'provisioning mode auto acme --as priya'))
    .action(
      action(async (mode: Mode, named: string | undefined, flags: Flags) =>
        decided(context, flags, named, (decisions, id, decider) => decisions.configure(id, { mode }, decider)),
      ),
    );

  withPerson(
    provisioning
      .command('attest')
      .description('Say what no API tells; your name and the time are kept with it')
      .addArgument(new Argument('<what>', 'what you have seen').choices(Object.keys(words)))
      .argument('[connection]', 'name or id; may be left out where there is one')
      .option('--words <words>', 'how you know, for whoever reads the log'),
  )
    .addHelpText(
      'after',
      `
renames-keep: a new address keeps the account here; renames-duplicate: it makes
a second one. Both are seen by trying with one person.
${examples('provisioning attest test-mode-on', 'provisioning attest other-provisioner-off acme --words "Okta app removed"')}`,
    )
    .action(
      action(async (what: string, named: string | undefined, flags: Flags & { readonly words?: string }) => {
        const attested = words[what]!;
        return decided(context, flags, named, (decisions, id, decider) =>
          decisions.attest(id, { attested, words: flags.words ?? null }, decider),
        );
      }),
    );

  withPerson(
    provisioning
      .command('exempt [connection]')
      .description('Tell whom KnowBe4’s console exempts from SCIM: they are not sent')
      .addOption(listOption('--people <who>', 'all of them, by id or address; the list replaces the one before'))
      .option('--none', 'nobody is exempt'),
  )
    .addHelpText(
      'after',
      examples('provisioning exempt acme --people ceo@example.com,4711', 'provisioning exempt --none'),
    )
    .action(
      action(async (named: string | undefined, flags: Flags & { people?: readonly string[]; none?: boolean }) => {
        if ((flags.people === undefined) === (flags.none !== true)) {
          throw new ForeknowError('invalid_request', {
            detail: 'Say whom: --people, or --none.',
            field: '--people',
          });
        }
        requireTerminal(context);
        const { id } = await meantConnection(context, flags, named);
        const exempt = await reading(context, flags, (gateway) =>
          Promise.all((flags.people ?? []).map((who) => personId(gateway, id, who))),
        );
        return decided(context, flags, id, (decisions, connection, decider) =>
          decisions.configure(connection, { exempt }, decider),
        );
      }),
    );
}

function addStops(provisioning: Command, { context, action }: Kit): void {
  for (const [act, purpose] of [
    ['pause', 'Apply nothing until somebody resumes it; what is being applied goes on to its end'],
    ['stop', 'Stop at once: what is being applied ends before its next write'],
  ] as const) {
    withConfig(provisioning.command(`${act} [connection]`).description(purpose))
      .addHelpText(
        'after',
        `\nAnybody may; a person lets it go on: foreknow provisioning resume.\n${examples(`provisioning ${act} acme`)}`,
      )
      .action(
        action(async (named: string | undefined, flags: Flags) => {
          const connection = await meantConnection(context, flags, named);
          await writing(context, flags, (writes) => writes.provisioning[act](connection.id));
          await answerStatus(context, flags, connection);
        }),
      );
  }
  withPerson(provisioning.command('resume [connection]').description('Go on after a pause or a stop'))
    .addHelpText('after', examples('provisioning resume acme'))
    .action(
      action(async (named: string | undefined, flags: Flags) =>
        decided(context, flags, named, (decisions, id, decider) => decisions.resume(id, decider)),
      ),
    );
}
