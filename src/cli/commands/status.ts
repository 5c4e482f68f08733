import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { statusText } from '../output/status-text.ts';

type Flags = FolderFlags & JsonFlag;

export function addStatus(program: Command, { context, action }: Kit): void {
  withFolder(
    program
      .command('status [connection]')
      .description('How connections stand: streams, freshness, request budget, holds'),
  )
    .addHelpText('after', examples('status', 'status acme --json'))
    .action(
      action(async (name: string | undefined, flags: Flags) => {
        const { output } = context;
        const found = await reading(context, flags, async ({ connections, sync }) => {
          const names = name === undefined ? (await connections.list()).map(({ id }) => id) : [name];
          return Promise.all(names.map((one) => sync.status(one)));
        });
        const text = () =>
          found.map((one) => statusText(one, context.now(), output.width)).join('\n') ||
          'No connections yet. Make one with foreknow connect.\n';
        output.answer(snakeCase(name === undefined ? found : found[0]), text);
      }),
    );
}
