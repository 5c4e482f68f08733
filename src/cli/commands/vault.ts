import type { Command } from 'commander';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { counted } from '../output/words.ts';

export function addVault(program: Command, { context, action }: Kit): void {
  const vault = program
    .command('vault')
    .description('The keys that seal the KnowBe4 tokens')
    .addHelpText('after', examples('vault rotate'));
  withFolder(vault.command('rotate').description('Seal every token anew under a new key'))
    .addHelpText(
      'after',
      `
The new key is put in front of the folder's vault.key; the old ones stay,
because backups need them. Where the ring comes from FOREKNOW_VAULT_KEYS, put
the new key in front yourself, then run this.
${examples('vault rotate --data ./acme')}`,
    )
    .action(
      action(async (flags: FolderFlags & JsonFlag) => {
        const done = await writing(context, flags, (writes) => writes.vault.rotate());
        context.output.answer(
          done,
          () => `${counted(done.resealed, 'token')} sealed anew; ${counted(done.keys, 'key')} in the ring\n`,
        );
      }),
    );
}
