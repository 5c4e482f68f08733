import { type Command, Option } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import type { ScopeWord } from '../../tokens/token.ts';
import { examples, type JsonFlag, listOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { daysOf, hideOption, maskOption, type PolicyFlags, policyOf } from './key-options.ts';

type Flags = FolderFlags &
  JsonFlag &
  PolicyFlags & {
    readonly name?: string;
    readonly scope?: readonly ScopeWord[];
    readonly source: 'live' | 'mirror';
    readonly expires?: number;
  };

/** What programs read; `proxy` is for whoever asks by other paths. */
const readable: readonly ScopeWord[] = [
  'directory',
  'training',
  'phishing.aggregate',
  'phishing.identified',
  'risk',
  'proxy',
];
const defaultScopes: readonly ScopeWord[] = ['directory', 'training', 'phishing.identified', 'risk'];

/** `keys account`: a key for one connection, which programs that know KnowBe4's API use as their key. */
export function addAccountKey(keys: Command, { context, action }: Kit): void {
  withFolder(
    keys
      .command('account <connection>')
      .description('Create a key for one connection, to be used as a KnowBe4 key against this gateway; printed once')
      .addOption(
        new Option('--source <source>', 'where KnowBe4’s own paths (/v1/…) read: KnowBe4 itself, or the mirror')
          .choices(['live', 'mirror'])
          .default('live'),
      )
      .option('--name <name>', 'what it is called (default: account CONNECTION)')
      .addOption(
        listOption(
          '--scope <scope>',
          `what it may read: ${readable.join(', ')} (default: ${defaultScopes.join(', ')})`,
          readable,
        ),
      )
      .addOption(hideOption())
      .addOption(maskOption())
      .option('--expires <days>', 'days after which it ends (default: never)', daysOf),
  )
    .addHelpText('after', examples('keys account acme', 'keys account acme --source mirror --mask email --expires 90'))
    .action(
      action(async (connection: string, flags: Flags) => {
        const { id, name } = await reading(context, flags, (gateway) => gateway.connections.get(connection));
        const fieldPolicy = policyOf(flags);
        const created = await writing(context, flags, ({ tokens }) =>
          tokens.derive(
            {
              kind: 'account',
              name: flags.name ?? `account ${name}`.slice(0, 100),
              connections: [id],
              scopes: flags.scope ?? defaultScopes,
              settings: { source: flags.source },
              expiresAt: flags.expires === undefined ? null : new Date(context.now() + flags.expires).toISOString(),
              ...(fieldPolicy && { fieldPolicy }),
            },
            null,
          ),
        );
        context.output.answer(snakeCase(created), () => `${created.secret}\n`);
        if (context.output.json) return;
        context.output.note(`${created.token.id}  ${name}, ${flags.source}  shown this once`);
      }),
    );
}
