import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { operatorCaller } from '../../mcp/caller.ts';
import { examples, withFolder } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { given } from '../limit-flags.ts';

type Flags = FolderFlags & { readonly as?: string };

export function addMcp(program: Command, { context, action }: Kit): void {
  const command = program
    .command('mcp')
    .description('Tools for an agent on this machine, over stdin and stdout (Model Context Protocol); they only read')
    .option('--as <key>', 'name or id of a key whose scopes, connections and field policy hold; default: everything');
  withFolder(command)
    .addHelpText('after', examples('mcp', 'mcp --as helpdesk', 'mcp --data /var/lib/foreknow --as helpdesk'))
    .action(
      action(async (flags: Flags) =>
        reading(context, flags, async (gateway) => {
          const { serveMcpOverStdio } = await import('../../mcp/stdio.ts');
          const id = flags.as === undefined ? null : await keyNamed(gateway, flags.as);
          const caller = async () => (id === null ? operatorCaller : gateway.tokens.standing(id));
          // The store is open for reading: a request to KnowBe4 could not be counted.
          const limits = given(context.configFile(flags.config)?.config.agents ?? {});
          const options = { gateway, version: context.version, withLive: false, limits };
          await serveMcpOverStdio(options, caller, context.stdin, context.stopped());
        }),
      ),
    );
}

/** @throws ForeknowError `not_found`, `invalid_request` for a name that several have */
async function keyNamed(gateway: Gateway, named: string): Promise<string> {
  const keys = (await gateway.tokens.list()).filter(({ revokedAt }) => revokedAt === null);
  const found = keys.filter(({ id }) => id === named);
  const byName = found.length > 0 ? found : keys.filter(({ name }) => name === named);
  if (byName.length === 1) return byName[0]!.id;
  throw new ForeknowError(byName.length === 0 ? 'not_found' : 'invalid_request', {
    detail: `${byName.length === 0 ? 'No key is' : 'Several keys are'} called ${JSON.stringify(named.slice(0, 80))}.`,
    hint: 'foreknow keys list shows names and ids.',
    field: 'as',
  });
}
