import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { ConnectInput } from '../../gateway/types.ts';
import { snakeCase } from '../../lib/case.ts';
import { regions } from '../../wire/regions.ts';
import type { CliContext } from '../context.ts';
import { withEgress } from '../egress-flags.ts';
import { examples, type JsonFlag, listOption, withFolder } from '../flags.ts';
import { type FolderFlags, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { given, type LimitFlags, limitsOf, withLimits } from '../limit-flags.ts';
import { connectedText } from '../output/connection-text.ts';
import { askText } from '../prompt.ts';
import { readToken } from '../secret-input.ts';
import { addInvitations, type InviteFlags, invite, withInvite } from './invitations.ts';

type Flags = FolderFlags &
  JsonFlag &
  LimitFlags &
  InviteFlags & {
    readonly name?: string;
    readonly region?: string;
    readonly reportingTokenFile?: string;
    readonly reportingUrl?: string;
    readonly tenant?: string;
    readonly tag?: readonly string[];
    readonly probeRegions?: boolean;
  };

export function addConnect(program: Command, kit: Kit): void {
  const { context, action } = kit;
  const command = program
    .command('connect')
    .description('Connect a KnowBe4 account, or ask a co-worker to: proves the token, seals it, keeps it')
    .option('--name <name>', 'what you call the connection')
    .option('--region <region>', `${regions.join(', ')}, or the address of your console`)
    .option('--reporting-token-file <file>', 'file with the Reporting API token; - reads stdin')
    .option('--reporting-url <url>', 'another address than KnowBe4’s own (an emulator, say)')
    .option('--tenant <name>', 'the customer it belongs to, as a label')
    .addOption(listOption('--tag <tag>', 'a label; may be repeated'))
    .option('--probe-regions', 'ask the other four regions when this one refuses the token');
  withFolder(withEgress(withLimits(withInvite(command))))
    .addHelpText(
      'after',
      `
On a terminal, what is missing is asked for. A token is never taken from an
argument.
With --invite nothing is asked for: whoever has the link or the code brings the
token, which you never see. It is mailed where notify.smtp and
server.public_url stand in the configuration file, else printed to hand over.
${examples('connect --name acme --region training.knowbe4.com --reporting-token-file token.txt', 'connect --name acme --region eu --reporting-token-file - < token.txt', 'connect --invite priya@example.com --tenant acme')}`,
    )
    .action(
      action(async (flags: Flags) => {
        if (flags.invite !== undefined) return invite(context, flags.invite, flags);
        const input = await inputOf(context, flags);
        const result = await writing(context, { ...flags, isNew: true }, ({ connections }) =>
          connections.connect(input),
        );
        context.output.answer(snakeCase(result), () => connectedText(result, 'connected'));
      }),
    );
  addInvitations(command, kit);
}

async function inputOf(context: CliContext, flags: Flags): Promise<ConnectInput> {
  const limits = limitsOf(flags);
  return {
    name: flags.name ?? (await missing(context, '--name', 'Name of the connection')),
    region: flags.region ?? (await missing(context, '--region', 'Region, or the address of your console')),
    reportingToken: await readToken(context, flags.reportingTokenFile, '--reporting-token-file'),
    ...given({
      reportingUrl: flags.reportingUrl,
      tenant: flags.tenant,
      tags: flags.tag,
      probeRegions: flags.probeRegions,
      settings: Object.keys(limits).length === 0 ? undefined : { limits },
    }),
  };
}

async function missing(context: CliContext, option: string, question: string): Promise<string> {
  if (context.stdin.isTTY) return askText(context, question);
  throw new ForeknowError('invalid_request', { detail: `${option} is missing.`, field: option });
}
