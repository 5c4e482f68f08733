import type { Command } from 'commander';
import type { Invited, LinkView, NewInvitation } from '../../gateway/types.ts';
import { snakeCase } from '../../lib/case.ts';
import { type LinkKey, type LinkState, linkKeys, linkStates } from '../../links/link.ts';
import type { CliContext } from '../context.ts';
import { withEgress } from '../egress-flags.ts';
import { examples, type JsonFlag, listOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { given } from '../limit-flags.ts';
import { facts, table } from '../output/table.ts';
import { moment } from '../output/words.ts';

type Flags = FolderFlags & JsonFlag;

/** What `foreknow connect` is told when it invites somebody in the place of connecting. */
export type InviteFlags = Flags & {
  readonly invite?: string;
  readonly connection?: string;
  readonly key?: readonly LinkKey[];
  readonly requester?: string;
  readonly name?: string;
  readonly region?: string;
  readonly tenant?: string;
  readonly tag?: readonly string[];
};

export const withInvite = (command: Command): Command =>
  command
    .option('--invite <address>', 'ask a co-worker to connect it: a mail address, or words for whom it is')
    .option('--connection <connection>', 'with --invite: reconnect this one, or add a key to it')
    .addOption(
      listOption('--key <key>', `with --invite: ask for these keys as well: ${linkKeys.slice(1).join(', ')}`, linkKeys),
    )
    .option('--requester <name>', 'with --invite: who asks, as the co-worker reads it');

/** Asks a co-worker to connect an account. */
export async function invite(context: CliContext, address: string, flags: InviteFlags): Promise<void> {
  const { connection, key: keys, requester, name, region, tenant, tag: tags } = flags;
  const input: NewInvitation = { address, ...given({ connection, keys, requester, name, region, tenant, tags }) };
  const made = await writing(context, { ...flags, isNew: true }, ({ links }) => links.invite(input, null));
  tellInvited(context, made);
}

export function addInvitations(connect: Command, { context, action }: Kit): void {
  const invitations = connect
    .command('invitations')
    .description('Co-workers who were asked to connect an account: list, show, resend, revoke')
    .addHelpText('after', examples('connect invitations', 'connect invitations resend lnk_7q2k'));
  withFolder(
    invitations
      .command('list', { isDefault: true })
      .description('Invitations, the newest first')
      .addOption(listOption('--state <state>', `only those: ${linkStates.join(', ')}`, linkStates)),
  )
    .addHelpText('after', examples('connect invitations list --state open'))
    .action(
      action(async (_: Flags, command: Command) => {
        const flags = allFlags<Flags & { state?: readonly LinkState[] }>(command);
        const all = await reading(context, flags, ({ links }) => links.list({ kind: 'invitation' }, null));
        const found = all.filter(({ state }) => flags.state?.includes(state) ?? true);
        context.output.answer(snakeCase(found), () => invitationTable(found, context.output.width));
      }),
    );
  withFolder(
    invitations.command('show <id>').description('One invitation; its link and code are shown once, when it is made'),
  )
    .addHelpText('after', examples('connect invitations show lnk_7q2k'))
    .action(
      action(async (id: string, _: Flags, command: Command) => {
        const flags = allFlags<Flags>(command);
        const found = await reading(context, flags, ({ links }) => links.get(id, null));
        context.output.answer(snakeCase(found), () => invitationText(found));
      }),
    );
  withFolder(
    withEgress(
      invitations
        .command('resend <id>')
        .description('Send it again, with a new link and a new code; the time at which it expires stays'),
    ),
  )
    .addHelpText('after', examples('connect invitations resend lnk_7q2k'))
    .action(
      action(async (id: string, _: Flags, command: Command) => {
        const flags = allFlags<Flags>(command);
        tellInvited(context, await writing(context, flags, ({ links }) => links.resend(id, null)));
      }),
    );
  withFolder(invitations.command('revoke <id>').description('Withdraw it at once'))
    .addHelpText('after', examples('connect invitations revoke lnk_7q2k'))
    .action(
      action(async (id: string, _: Flags, command: Command) => {
        const flags = allFlags<Flags>(command);
        const revoked = await writing(context, flags, ({ links }) => links.revoke(id, null));
        context.output.answer(snakeCase(revoked), () => `withdrew ${id}\n`);
      }),
    );
}

/** `connect` takes options of the same names, and with them those that stand behind the name of a command below it. */
const allFlags = <Given extends Flags>(command: Command): Given => command.optsWithGlobals<Given>();

function tellInvited({ output }: CliContext, { link, url, code, mailed }: Invited): void {
  output.answer(snakeCase({ link, url, code, mailed }), () =>
    facts([
      ['invitation', link.id],
      ['for', link.address],
      ['mail', mailed ? 'sent' : 'not sent: hand over the link, or the code'],
      ['link', url],
      ['code', `${code}  (to be typed at /connect)`],
      ['until', moment(link.expiresAt)],
    ]),
  );
  if (!output.json && !/^https?:/.test(url))
    output.note(
      'The link is a path below the address of your server: set server.public_url in the configuration file.',
    );
}

const invitationTable = (links: readonly LinkView[], width: number): string =>
  links.length === 0
    ? 'No invitations. Make one with foreknow connect --invite ADDRESS.\n'
    : table(
        links,
        [
          { title: 'id', value: ({ id }) => id, least: 20 },
          { title: 'for', value: ({ address }) => address, least: 12 },
          { title: 'state', value: ({ state }) => state },
          { title: 'tenant', value: ({ tenant }) => tenant },
          { title: 'asks for', value: ({ keys }) => keys.join(','), spare: true },
          { title: 'opened', value: ({ openedAt }) => moment(openedAt), spare: true },
          { title: 'used', value: ({ usedAt }) => moment(usedAt), spare: true },
          { title: 'expires', value: ({ expiresAt }) => moment(expiresAt) },
        ],
        width,
      );

const invitationText = (link: LinkView): string =>
  facts([
    ['id', link.id],
    ['for', link.address],
    ['state', link.state],
    ['asked by', link.requester],
    ['task', link.task],
    ['asks for', link.keys.join(', ')],
    ['tenant', link.tenant],
    ['name', link.name],
    ['tags', link.tags.join(', ')],
    ['connection', link.connectionId],
    ['made', moment(link.createdAt)],
    ['mailed', moment(link.sentAt)],
    ['reminded', moment(link.remindedAt)],
    ['opened', moment(link.openedAt)],
    ['used', moment(link.usedAt)],
    ['connected', link.resultConnectionId],
    ['withdrawn', moment(link.revokedAt)],
    ['expires', moment(link.expiresAt)],
  ]);
