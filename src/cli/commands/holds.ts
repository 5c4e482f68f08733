import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import type { Hold } from '../../sync/ports.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { table } from '../output/table.ts';
import { count, moment } from '../output/words.ts';

type Flags = FolderFlags & JsonFlag;

export function addHolds(program: Command, { context, action }: Kit): void {
  const holds = program
    .command('holds')
    .description('Removals that a sync found and did not make: look, confirm, dismiss')
    .addHelpText('after', examples('holds list acme', 'holds confirm hold_7q2k'));
  withFolder(holds.command('list [connection]', { isDefault: true }).description('Holds of one connection, or of all'))
    .addHelpText('after', examples('holds list acme'))
    .action(
      action(async (name: string | undefined, flags: Flags) => {
        const found = await reading(context, flags, async ({ connections, sync }) => {
          const names = name === undefined ? (await connections.list()).map(({ id }) => id) : [name];
          return (await Promise.all(names.map((one) => sync.holds(one)))).flat();
        });
        context.output.answer(snakeCase(found), () => holdTable(found, context.output.width));
      }),
    );
  for (const [decision, purpose] of [
    ['confirm', 'Make the removals: the records are really gone'],
    ['dismiss', 'Keep the records: the answer was wrong'],
  ] as const) {
    withFolder(holds.command(`${decision} <hold>`).description(purpose))
      .addHelpText('after', examples(`holds ${decision} hold_7q2k`))
      .action(
        action(async (id: string, flags: Flags) => {
          const hold = await writing(context, flags, ({ sync }) => sync.decideHold(id, decision, 'command line'));
          context.output.answer(snakeCase(hold), () => `${hold.id} is ${hold.state}\n`);
        }),
      );
  }
}

const holdTable = (holds: readonly Hold[], width: number): string =>
  holds.length === 0
    ? 'No holds.\n'
    : table(
        holds,
        [
          { title: 'id', value: ({ id }) => id, least: 24 },
          { title: 'stream', value: ({ stream }) => stream },
          { title: 'absent', value: ({ absent, live }) => `${count(absent)} of ${count(live)}`, align: 'right' },
          {
            title: 'kind',
            value: ({ kind }) => (kind === 'needs_person' ? 'needs a person' : 'waits for a second pass'),
          },
          { title: 'state', value: ({ state }) => state },
          { title: 'since', value: ({ createdAt }) => moment(createdAt) },
        ],
        width,
      );
