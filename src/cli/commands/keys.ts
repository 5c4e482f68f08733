import { type Command, InvalidArgumentError } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { type ApiToken, type Scope, scopes } from '../../tokens/token.ts';
import { examples, type JsonFlag, listOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/words.ts';

type Flags = FolderFlags & JsonFlag;
type CreateFlags = Flags & {
  readonly scope?: readonly Scope[];
  readonly connection?: readonly string[];
  readonly expires?: number;
};

const DAY_MS = 86_400_000;
const defaultScopes: readonly Scope[] = ['directory', 'training', 'phishing.identified', 'risk'];

export function addKeys(program: Command, kit: Kit): void {
  const keys = program
    .command('keys')
    .description('API keys of this gateway: create, list, revoke')
    .addHelpText('after', examples('keys create reporting --scope directory,training', 'keys revoke tok_7q2k'));
  addList(keys, kit);
  addCreate(keys, kit);
  addRevoke(keys, kit);
}

function addList(keys: Command, { context, action }: Kit): void {
  withFolder(
    keys
      .command('list', { isDefault: true })
      .description('Keys, without their secrets')
      .option('--all', 'also revoked and expired ones'),
  )
    .addHelpText('after', examples('keys list'))
    .action(
      action(async (flags: Flags & { all?: boolean }) => {
        const now = context.now();
        const all = await reading(context, flags, (gateway) => gateway.tokens.list());
        const found = flags.all ? all : all.filter((token) => isUsable(token, now));
        context.output.answer(snakeCase(found), () => keyTable(found, context.output.width));
      }),
    );
}

function addCreate(keys: Command, { context, action }: Kit): void {
  withFolder(
    keys
      .command('create <name>')
      .description('Create a key; its secret is printed once and kept nowhere')
      .addOption(
        listOption(
          '--scope <scope>',
          `what it may do: ${scopes.join(', ')} (default: ${defaultScopes.join(', ')})`,
          scopes,
        ),
      )
      .addOption(listOption('--connection <connection>', 'bind it to a connection; may be repeated (default: all)'))
      .option('--expires <days>', 'days after which it ends (default: never)', daysOf),
  )
    .addHelpText(
      'after',
      examples(
        'keys create reporting --connection acme --expires 90',
        'keys create operations --scope connections,sync,metrics',
      ),
    )
    .action(
      action(async (name: string, flags: CreateFlags) => {
        const connections =
          flags.connection &&
          (await reading(context, flags, async (gateway) =>
            Promise.all(flags.connection!.map(async (one) => (await gateway.connections.get(one)).id)),
          ));
        const created = await writing(context, { ...flags, isNew: true }, ({ tokens }) =>
          tokens.create({
            name,
            scopes: flags.scope ?? defaultScopes,
            ...(connections ? { connections } : {}),
            ...(flags.expires === undefined
              ? {}
              : { expiresAt: new Date(context.now() + flags.expires * DAY_MS).toISOString() }),
          }),
        );
        context.output.answer(snakeCase(created), () => `${created.secret}\n`);
        if (!context.output.json) {
          context.output.note(`${created.token.id}  ${created.token.scopes.join(', ')}  shown this once`);
        }
      }),
    );
}

function addRevoke(keys: Command, { context, action }: Kit): void {
  withFolder(keys.command('revoke <id>').description('Revoke a key at once'))
    .addHelpText('after', examples('keys revoke tok_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        await writing(context, flags, ({ tokens }) => tokens.revoke(id));
        context.output.answer({ id }, () => `revoked ${id}\n`);
      }),
    );
}

function daysOf(text: string): number {
  const days = Number(text.replace(/d$/, ''));
  if (Number.isFinite(days) && days > 0 && days <= 36_500) return days;
  throw new InvalidArgumentError('It must be a number of days.');
}

const isUsable = ({ revokedAt, expiresAt }: ApiToken, now: number): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);

const keyTable = (tokens: readonly ApiToken[], width: number): string =>
  tokens.length === 0
    ? 'No keys. Make one with foreknow keys create NAME.\n'
    : table(
        tokens,
        [
          { title: 'id', value: ({ id }) => id, least: 20 },
          { title: 'name', value: ({ name }) => name },
          { title: 'secret', value: ({ lastFour }) => `…${lastFour}` },
          { title: 'scopes', value: (token) => token.scopes.join(',') },
          { title: 'connections', value: ({ connections }) => connections?.join(',') ?? 'all' },
          { title: 'last used', value: ({ lastUsedAt }) => moment(lastUsedAt), least: 20, spare: true },
          {
            title: 'expires',
            value: ({ expiresAt, revokedAt }) => (revokedAt === null ? moment(expiresAt) : 'revoked'),
          },
        ],
        width,
      );
