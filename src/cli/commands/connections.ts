import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { type Region, regions } from '../../wire/regions.ts';
import { withEgress } from '../egress-flags.ts';
import { personId } from '../find-person.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { connectedText, connectionsTable, connectionText, stateWord } from '../output/connection-text.ts';
import { counted } from '../output/words.ts';
import { confirmOrThrow } from '../prompt.ts';
import { readToken } from '../secret-input.ts';
import { addConnectionKeys } from './connection-keys.ts';
import { addSettings } from './connection-settings.ts';
import { addIntake } from './intake.ts';

type Flags = FolderFlags & JsonFlag;

export function addConnections(program: Command, kit: Kit): void {
  const connections = program
    .command('connections')
    .description('List, show and operate the connected accounts')
    .addHelpText(
      'after',
      examples('connections', 'connections pause acme', 'connections token acme --reporting-token-file new.txt'),
    );
  addReads(connections, kit);
  addSettings(connections, kit);
  addTokenCommands(connections, kit);
  addConnectionKeys(connections, kit);
  addPauses(connections, kit);
  addIntake(connections, kit);
  addRemovals(connections, kit);
}

function addReads(connections: Command, { context, action }: Kit): void {
  withFolder(connections.command('list', { isDefault: true }).description('All connections'))
    .addHelpText('after', examples('connections list --json'))
    .action(
      action(async (flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.connections.list());
        context.output.answer(snakeCase(found), () => connectionsTable(found, context.output.width));
      }),
    );
  withFolder(connections.command('show <connection>').description('One connection, by name or id'))
    .addHelpText('after', examples('connections show acme'))
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.connections.get(name));
        context.output.answer(snakeCase(found), () => connectionText(found));
      }),
    );
}

function addTokenCommands(connections: Command, { context, action }: Kit): void {
  const token = withEgress(
    connections
      .command('token <connection>')
      .description('Replace the Reporting API token; the new one is proven first')
      .option('--reporting-token-file <file>', 'file with the new token; - reads stdin')
      .option('--region <region>', `the account’s region, if it was wrong: ${regions.join(', ')}`),
  );
  withFolder(token)
    .addHelpText('after', examples('connections token acme --reporting-token-file new.txt'))
    .action(
      action(async (name: string, flags: Flags & { reportingTokenFile?: string; region?: Region }) => {
        const reportingToken = await readToken(context, flags.reportingTokenFile, '--reporting-token-file');
        const input = { reportingToken, ...(flags.region === undefined ? {} : { region: flags.region }) };
        const result = await writing(context, flags, (writes) => writes.connections.replaceToken(name, input));
        context.output.answer(snakeCase(result), () => connectedText(result, 'token replaced,'));
      }),
    );
  withFolder(
    withEgress(connections.command('check <connection>').description('Prove the stored token again (one request)')),
  )
    .addHelpText('after', examples('connections check acme'))
    .action(
      action(async (name: string, flags: Flags) => {
        const result = await writing(context, flags, (writes) => writes.connections.check(name));
        context.output.answer(snakeCase(result), () => connectedText(result, 'checked'));
      }),
    );
}

function addPauses(connections: Command, { context, action }: Kit): void {
  for (const [verb, purpose] of [
    ['pause', 'Send nothing more to KnowBe4 for this connection'],
    ['resume', 'Go on after a pause'],
  ] as const) {
    withFolder(connections.command(`${verb} <connection>`).description(purpose))
      .addHelpText('after', examples(`connections ${verb} acme`))
      .action(
        action(async (name: string, flags: Flags) => {
          const found = await writing(context, flags, (writes) => writes.connections[verb](name));
          context.output.answer(snakeCase(found), () => `${found.name} is ${stateWord(found)}\n`);
        }),
      );
  }
}

function addRemovals(connections: Command, { context, action }: Kit): void {
  withFolder(
    connections
      .command('remove <connection>')
      .description('Remove a connection and its tokens')
      .option('--purge', 'also remove everything mirrored, its runs and its changes')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('connections remove acme --purge'))
    .action(
      action(async (name: string, flags: Flags & { purge?: boolean; yes?: boolean }) => {
        const purge = flags.purge ?? false;
        await confirmOrThrow(context, flags.yes, `Remove ${name}${purge ? ' and everything mirrored from it' : ''}?`);
        const removed = await writing(context, flags, (writes) => writes.connections.remove(name, { purge }));
        context.output.answer(removed, () =>
          [`removed ${name}${purge ? ' with everything mirrored' : ''}`, ...(removed.notes ?? []), ''].join('\n'),
        );
      }),
    );
  withFolder(
    connections
      .command('erase <connection> <person>')
      .description('Erase one person from everything kept, by id or e-mail address, and keep them out')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('connections erase acme 1234567', 'connections erase acme mara@example.com --yes'))
    .action(
      action(async (name: string, person: string, flags: Flags & { yes?: boolean }) => {
        const id = await reading(context, flags, (gateway) => personId(gateway, name, person));
        await confirmOrThrow(context, flags.yes, `Erase person ${person} from ${name}?`);
        const erased = await writing(context, flags, (writes) => writes.connections.erasePerson(name, id));
        context.output.answer(
          { id, ...erased },
          () => `erased person ${id}: ${counted(erased.rows, 'row')}, ${counted(erased.changes, 'change')}\n`,
        );
      }),
    );
  withFolder(
    connections
      .command('readmit <connection> <person>')
      .description('Let an erased person in again, by id: the next sync that reads them brings them back'),
  )
    .addHelpText('after', examples('connections readmit acme 1234567'))
    .action(
      action(async (name: string, person: string, flags: Flags) => {
        const answer = await writing(context, flags, (writes) => writes.connections.readmitPerson(name, person));
        context.output.answer(answer, () =>
          answer.readmitted ? `person ${person} is let in again\n` : `person ${person} was not kept out\n`,
        );
      }),
    );
}
