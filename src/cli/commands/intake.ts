import type { Command } from 'commander';
import type { IntakeView } from '../../gateway/types.ts';
import { snakeCase } from '../../lib/case.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { confirmOrThrow } from '../prompt.ts';

type Flags = FolderFlags & JsonFlag & { renew?: boolean; off?: boolean; inQuery?: boolean; yes?: boolean };

/** `connections intake`: where KnowBe4's own webhooks may call. */
export function addIntake(connections: Command, { context, action }: Kit): void {
  withFolder(
    connections
      .command('intake <connection>')
      .description('Show, open or close the address for KnowBe4’s own webhooks')
      .option('--renew', 'take it into use with a secret, or give it another one')
      .option('--in-query', 'with --renew: let the secret come as ?api_key= too; it may end in logs of others')
      .option('--off', 'take it out of use')
      .option('--yes', 'do not ask'),
  )
    .addHelpText(
      'after',
      examples('connections intake acme', 'connections intake acme --renew', 'connections intake acme --off'),
    )
    .action(
      action(async (name: string, flags: Flags) => {
        if (flags.renew) {
          const inQuery = flags.inQuery ?? false;
          const made = await writing(context, flags, (writes) => writes.intake.renew(name, { inQuery }));
          context.output.answer(
            snakeCase(made),
            () => `${intakeText(made)}secret  ${made.secret}\nIt is shown once.\n`,
          );
        } else if (flags.off) {
          await confirmOrThrow(context, flags.yes, `Close the webhook address of ${name}?`);
          const closed = await writing(context, flags, (writes) => writes.intake.disable(name));
          context.output.answer(snakeCase(closed), () => intakeText(closed));
        } else {
          const found = await reading(context, flags, (gateway) => gateway.intake.show(name));
          context.output.answer(snakeCase(found), () => intakeText(found));
        }
      }),
    );
}

function intakeText({ enabled, path, inQuery, calls, lastCallAt }: IntakeView): string {
  if (!enabled) return `not in use; open it with --renew\n`;
  const lines = [
    `address POST ${path} at this server’s public address`,
    `shown   as Bearer token, Basic password or header X-API-Key${inQuery ? ', or as ?api_key=' : ''}`,
    `calls   ${calls}${lastCallAt === null ? '' : `, the last ${lastCallAt}`}`,
  ];
  return `${lines.join('\n')}\n`;
}
