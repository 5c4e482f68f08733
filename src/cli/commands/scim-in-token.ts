import type { Command } from 'commander';
import { snakeCase } from '../../lib/case.ts';
import { examples, type JsonFlag, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';

type Flags = FolderFlags & JsonFlag & { rotate?: boolean; overlap: number };

/** `sources token`: what an identity provider is given to push with. */
export function addScimInToken(sources: Command, { context, action }: Kit): void {
  withFolder(
    sources
      .command('token <source>')
      .description('Make the token with which Okta or Entra pushes to a source of the kind scim-in')
      .option('--rotate', 'make another; the one before goes on for a while')
      .addOption(
        numberOption('--overlap <hours>', 'with --rotate: hours for which the one before still works; 0: it ends now', {
          ...{ min: 0, max: 720, by: 168 },
        }),
      )
      .option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)'),
  )
    .addHelpText('after', examples('sources token okta-push', 'sources token okta-push --rotate --overlap 24'))
    .action(
      action(async (name: string, flags: Flags) => {
        const { rotate = false, overlap } = flags;
        const made = await writing(context, flags, ({ scimIn }) =>
          scimIn.tokens.create(name, { rotate, overlapSeconds: overlap * 3600 }),
        );
        context.output.answer(snakeCase(made), () => `${made.secret}\n`);
        if (context.output.json) return;
        context.output.note(`shown this once; the address is /scim/v2/${made.source} at this server’s public address`);
      }),
    );
}
