import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import type { Operator } from '../../operators/operator.ts';
import type { Proof, WithTotp } from '../../operators/operators.ts';
import { askNewSecret, askProof, requireTerminal } from '../ask-operator.ts';
import type { CliContext } from '../context.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/words.ts';

type Flags = FolderFlags & JsonFlag;

export function addOperators(program: Command, { context, action }: Kit): void {
  const operators = program
    .command('operators')
    .description('People who approve plans')
    .addHelpText('after', examples('operators add priya --totp', 'operators list'));

  withFolder(operators.command('list').description('Who can approve'))
    .addHelpText('after', examples('operators list --json'))
    .action(
      action(async (flags: Flags) => {
        const list = await listed(context, flags);
        context.output.answer(snakeCase(list), () => textOf(list, context.output.width));
      }),
    );

  withFolder(
    operators
      .command('add <name>')
      .description('Let somebody approve: they type a secret of their own, twice')
      .option('--totp', 'ask for a one-time code of an authenticator app too'),
  )
    .addHelpText(
      'after',
      `
The secret is typed on the terminal and taken from nowhere else. Once there is
an operator, one of them vouches for each other one.
${examples('operators add priya', 'operators add sam --totp')}`,
    )
    .action(
      action(async (name: string, flags: Flags & { readonly totp?: boolean }) => {
        const voucher = await askVoucher(context, flags, 'who vouches');
        const secret = await askNewSecret(context, name);
        const input = { name, secret, totp: flags.totp ?? false };
        // No folder has to be there before: the first operator may come before the first account.
        const made = await writing(context, { ...flags, isNew: true }, (writes) =>
          writes.operators.add(input, voucher, 'terminal'),
        );
        answerMade(context, made, 'can approve now');
      }),
    );

  withFolder(
    operators
      .command('reset <name>')
      .description('Set another secret, and end what the operator has open')
      .option('--totp', 'ask for a one-time code of an authenticator app too')
      .option('--recover', 'without anybody who vouches: only while no server runs on the folder'),
  )
    .addHelpText('after', examples('operators reset priya', 'operators reset priya --totp --recover'))
    .action(
      action(async (name: string, flags: Flags & { readonly totp?: boolean; readonly recover?: boolean }) => {
        const isRecovery = flags.recover ?? false;
        const voucher = isRecovery ? null : await askVoucher(context, flags, 'who vouches');
        const secret = await askNewSecret(context, name);
        const input = { name, secret, totp: flags.totp ?? false };
        const made = await writing(context, flags, ({ operators: room }) =>
          isRecovery ? room.recover(input) : room.reset(input, voucher, 'terminal'),
        );
        answerMade(context, made, 'has another secret');
      }),
    );

  withFolder(operators.command('disable <name>').description('Let somebody approve no more'))
    .addHelpText('after', examples('operators disable sam'))
    .action(
      action(async (name: string, flags: Flags) => {
        const voucher = await askVoucher(context, flags, 'who disables them');
        const operator = await writing(context, flags, (writes) => writes.operators.disable(name, voucher, 'terminal'));
        context.output.answer(snakeCase(operator), () => `${operator.name} can approve no more\n`);
      }),
    );
}

/** Reads go to the store itself, where there is one. */
const listed = (context: CliContext, flags: FolderFlags): Promise<readonly Operator[]> =>
  reading(context, flags, (gateway) => gateway.operators.list());

/** Somebody who can approve already; null where nobody was ever made. */
async function askVoucher(context: CliContext, flags: FolderFlags, who: string): Promise<Proof | null> {
  requireTerminal(context);
  const known = await listed(context, flags).catch(() => []);
  if (known.length === 0) return null;
  const isNamed = (name: string) => (one: Operator) => one.name.toLowerCase() === name.toLowerCase();
  return askProof(context, who, (name) => known.find(isNamed(name))?.hasTotp ?? false);
}

function answerMade({ output }: CliContext, made: WithTotp, words: string): void {
  output.answer(snakeCase(made), () => `${made.operator.name} ${words}\n`);
  if (made.totpUri === null || output.json) return;
  output.note('Add this to the authenticator app now; it is shown this once:');
  output.note(made.totpUri);
}

const textOf = (operators: readonly Operator[], width: number): string =>
  operators.length === 0
    ? 'Nobody can approve yet: foreknow operators add NAME\n'
    : table(
        operators,
        [
          { title: 'name', value: ({ name }) => name, least: 12 },
          { title: 'can approve', value: ({ disabledAt }) => (disabledAt === null ? 'yes' : 'no') },
          { title: 'asked for', value: ({ hasTotp }) => (hasTotp ? 'secret and one-time code' : 'secret') },
          { title: 'secret set', value: ({ changedAt }) => moment(changedAt) },
        ],
        width,
      );
