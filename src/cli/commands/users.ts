import type { Command } from 'commander';
import type { UnifiedUser } from '../../model/user.ts';
import { examples } from '../flags.ts';
import type { Kit } from '../kit.ts';
import { type ListFlags, printList, withList } from '../list-command.ts';
import type { ListPage } from '../list-pages.ts';
import { oneConnectionOnly } from '../one-connection.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/words.ts';

type Flags = ListFlags & {
  readonly status?: string;
  readonly email?: string;
  readonly group?: string;
  readonly type?: string;
  readonly updatedAfter?: string;
  readonly remoteData?: boolean;
};

export function addUsers(program: Command, { context, action }: Kit): void {
  const command = program
    .command('users')
    .description('Users of the unified User Directory, as GET /unified/user-directory/users serves them')
    .option('--status <status>', 'active, inactive (archived in KnowBe4) or deleted')
    .option('--email <address>', 'with this address')
    .option('--group <id>', 'members of this group')
    .option('--type <type>', 'admin or end_user')
    .option('--updated-after <time>', 'changed after this time (2026-03-02, 2026-03-02T09:15:00Z)')
    .option('--no-remote-data', 'leave KnowBe4’s own record out of the JSON');
  withList(command)
    .addHelpText('after', examples('users --connection acme', 'users --status inactive --all --json'))
    .action(
      action(async (flags: Flags) =>
        printList<UnifiedUser>(context, flags, {
          filters: filtersOf(flags),
          read: async (gateway, input) => {
            oneConnectionOnly(input.connectionIds);
            return (await gateway.directory.listUsers(input)) as ListPage<UnifiedUser>;
          },
          text: (rows) => usersTable(rows, context.output.width),
          none: 'No users.',
        }),
      ),
    );
}

const filtersOf = ({ status, email, group, type, updatedAfter, remoteData }: Flags) => ({
  ...(status === undefined ? {} : { status }),
  ...(email === undefined ? {} : { emails: email }),
  ...(group === undefined ? {} : { group_id: group }),
  ...(type === undefined ? {} : { type }),
  ...(updatedAfter === undefined ? {} : { updated_at: { gt: updatedAfter } }),
  ...(remoteData === false ? { truto_ignore_remote_data: 'true' } : {}),
});

const usersTable = (rows: readonly UnifiedUser[], width: number): string =>
  table(
    rows,
    [
      { title: 'id', value: ({ id }) => id },
      { title: 'name', value: ({ name }) => name, least: 14 },
      { title: 'email', value: ({ username }) => username, least: 16 },
      { title: 'status', value: ({ status }) => status },
      { title: 'type', value: ({ type }) => type },
      { title: 'groups', value: ({ groups }) => groups.length, align: 'right' },
      { title: 'risk', value: ({ x_risk_score: score }) => score?.toFixed(1) ?? null, align: 'right' },
      { title: 'last sign-in', value: ({ last_login_at: at }) => moment(at), least: 20, spare: true },
    ],
    width,
  );
