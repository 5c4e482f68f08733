import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { type ApiToken, type Scope, type ScopeWord, scopes, scopeWords } from '../../tokens/token.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/words.ts';
import { addAccountKey } from './account-keys.ts';
import { daysOf, hideOption, maskOption, type PolicyFlags, policyOf } from './key-options.ts';

type Flags = FolderFlags & JsonFlag;
type CreateFlags = Flags &
  PolicyFlags & {
    readonly scope?: readonly ScopeWord[];
    readonly connection?: readonly string[];
    readonly tag?: readonly string[];
    readonly expires?: number;
  };

const defaultScopes: readonly Scope[] = ['directory', 'training', 'phishing.identified', 'risk'];

export function addKeys(program: Command, kit: Kit): void {
  const keys = program
    .command('keys')
    .description('API keys of this gateway: create, list, rotate, revoke')
    .addHelpText('after', examples('keys create reporting --scope directory,training', 'keys rotate tok_7q2k'));
  addList(keys, kit);
  addCreate(keys, kit);
  addAccountKey(keys, kit);
  addRotate(keys, kit);
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
          scopeWords,
        ),
      )
      .addOption(listOption('--connection <connection>', 'bind it to a connection; may be repeated (default: all)'))
      .addOption(listOption('--tag <tag>', 'bind it to the connections that have this tag, now and later'))
      .addOption(hideOption())
      .addOption(maskOption())
      .option('--expires <days>', 'days after which it ends (default: never)', daysOf),
  )
    .addHelpText(
      'after',
      examples(
        'keys create reporting --connection acme --expires 90',
        'keys create operations --scope connections,sync,metrics',
        'keys create board --tag emea --mask email --hide phone,location',
      ),
    )
    .action(
      action(async (name: string, flags: CreateFlags) => {
        const connections =
          flags.connection &&
          (await reading(context, flags, async (gateway) =>
            Promise.all(flags.connection!.map(async (one) => (await gateway.connections.get(one)).id)),
          ));
        const fieldPolicy = policyOf(flags);
        const created = await writing(context, { ...flags, isNew: true }, ({ tokens }) =>
          tokens.create({
            name,
            scopes: flags.scope ?? defaultScopes,
            ...(connections ? { connections } : {}),
            ...(flags.tag ? { tags: flags.tag } : {}),
            ...(fieldPolicy && { fieldPolicy }),
            ...(flags.expires === undefined
              ? {}
              : { expiresAt: new Date(context.now() + flags.expires).toISOString() }),
          }),
        );
        context.output.answer(snakeCase(created), () => `${created.secret}\n`);
        if (!context.output.json) {
          context.output.note(`${created.token.id}  ${created.token.scopes.join(', ')}  shown this once`);
        }
      }),
    );
}

function addRotate(keys: Command, { context, action }: Kit): void {
  withFolder(
    keys
      .command('rotate <id>')
      .description('Give a key a new secret, printed once; the old one goes on for a while')
      .addOption(
        numberOption('--overlap <hours>', 'hours for which the old secret still works; 0: it ends now', {
          ...{ min: 0, max: 720, by: 24 },
        }),
      ),
  )
    .addHelpText('after', examples('keys rotate tok_7q2k --overlap 48'))
    .action(
      action(async (id: string, flags: Flags & { overlap: number }) => {
        const rotated = await writing(context, flags, ({ tokens }) => tokens.rotate(id, flags.overlap * 3600));
        context.output.answer(snakeCase(rotated), () => `${rotated.secret}\n`);
        if (context.output.json) return;
        const { previousUntil } = rotated.token;
        const old = previousUntil === null ? 'has ended' : `works until ${moment(previousUntil)}`;
        context.output.note(`${id}  shown this once; the old secret ${old}`);
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

const isUsable = ({ revokedAt, expiresAt }: ApiToken, now: number): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);

const reachText = ({ connections, tags }: ApiToken): string =>
  [...(connections ?? []), ...(tags ?? []).map((tag) => `tag:${tag}`)].join(',') || 'all';

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
          { title: 'kind', value: ({ kind }) => kind, spare: true },
          { title: 'connections', value: reachText },
          {
            title: 'hides',
            value: ({ fieldPolicy }) => Object.keys(snakeCase(fieldPolicy ?? {}) as object).join(',') || null,
            spare: true,
          },
          { title: 'last used', value: ({ lastUsedAt }) => moment(lastUsedAt), least: 20, spare: true },
          {
            title: 'expires',
            value: ({ expiresAt, revokedAt }) => (revokedAt === null ? moment(expiresAt) : 'revoked'),
          },
        ],
        width,
      );
