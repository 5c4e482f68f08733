import { type Command, Option } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { WorkItem } from '../../provisioning/state.ts';
import { requireTerminal } from '../ask-operator.ts';
import { deciding } from '../deciding.ts';
import { examples, type JsonFlag, withConfig } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { conflictTable, conflictText } from '../output/provisioning-text.ts';
import { withPerson } from './approvals.ts';

type Flags = FolderFlags & JsonFlag;
type Choice = NonNullable<WorkItem['decision']>['choice'];
const choices: readonly Choice[] = ['link', 'create', 'ignore', 'keep_apart'];
const ALL = 1_000_000;

/** As the API tells it; what records hold is called there as here. */
const wireOf = ({ connectionId, openedAt, decision, ...item }: WorkItem) => ({
  ...item,
  connection_id: connectionId,
  opened_at: openedAt,
  decision: decision && (({ userId, ...one }) => ({ ...one, user_id: userId }))(decision),
});

export function addConflicts(program: Command, { context, action }: Kit): void {
  const conflicts = program
    .command('conflicts')
    .description('People and accounts that only a person can tell apart')
    .addHelpText(
      'after',
      examples('conflicts list', 'conflicts show wi_7q2k', 'conflicts decide wi_7q2k --choice link --user 4711'),
    );

  withConfig(
    conflicts
      .command('list [connection]', { isDefault: true })
      .description('Conflicts of one connection, or of all')
      .option('--all', 'decided ones too'),
  )
    .addHelpText('after', examples('conflicts list acme'))
    .action(
      action(async (named: string | undefined, flags: Flags & { readonly all?: boolean }) => {
        const found = await reading(context, flags, async ({ connections, provisioning }) => {
          const connectionIds = named === undefined ? null : [(await connections.get(named)).id];
          return provisioning.workItems({ connectionIds, limit: ALL });
        });
        const shown = found.filter(({ state }) => state === 'open' || (flags.all === true && state === 'decided'));
        context.output.answer(shown.map(wireOf), () => conflictTable(shown, context.output.width));
        const [first] = shown;
        if (first !== undefined && !context.output.json) context.output.note(`\n  foreknow conflicts show ${first.id}`);
      }),
    );

  withConfig(conflicts.command('show <conflict>').description('The records side by side'))
    .addHelpText('after', examples('conflicts show wi_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        const found = await reading(context, flags, ({ provisioning }) => provisioning.workItem(id));
        context.output.answer(wireOf(found), () => conflictText(found, context.output.width));
      }),
    );

  withPerson(
    conflicts
      .command('decide <conflict>')
      .description('Decide it: the decision is kept until one of the records changes')
      .addOption(
        new Option(
          '--choice <choice>',
          'link to the account of --user, create a new one, ignore (leave as it is; of a doubled record: leave it out), or keep apart',
        )
          .choices(choices)
          .makeOptionMandatory(),
      )
      .option('--user <id>', 'the account that is theirs (link), or that is not (keep_apart)')
      .option('--reason <words>', 'why, for whoever reads the log'),
  )
    .addHelpText(
      'after',
      examples('conflicts decide wi_7q2k --choice link --user 4711', 'conflicts decide wi_7q2k --choice ignore'),
    )
    .action(
      action(async (id: string, flags: Flags & { as?: string; choice: Choice; user?: string; reason?: string }) => {
        const { choice, user, reason } = flags;
        const isFor = choice === 'link' || choice === 'keep_apart';
        if (choice === 'link' ? user === undefined : user !== undefined && !isFor) {
          throw new ForeknowError('invalid_request', {
            detail: isFor ? 'Say to which account.' : `--user says nothing with --choice ${choice}.`,
            field: '--user',
          });
        }
        requireTerminal(context);
        const item = await reading(context, flags, ({ provisioning }) => provisioning.workItem(id));
        const show = async () => context.output.note(conflictText(item, context.output.width));
        const decision = { choice, userId: user ?? null, reason: reason ?? null };
        await deciding(context, flags, { who: 'who decides', show }, (decisions, decider) =>
          decisions.decide(id, decision, decider),
        );
        const then = await reading(context, flags, ({ provisioning }) => provisioning.workItem(id));
        context.output.answer(wireOf(then), () => `Decided: ${choice}. The next plan follows it.\n`);
      }),
    );
}
