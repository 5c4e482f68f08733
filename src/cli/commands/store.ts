import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, folderOf } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { operator } from '../operator.ts';
import { count, counted } from '../output/words.ts';
import { databaseUrlIn } from '../settled.ts';

/** A long table says how far it is. */
const SHOWN_ROWS = 50_000;

export function addStore(program: Command, { context, action }: Kit): void {
  const store = program
    .command('store')
    .description('Where everything is kept')
    .addHelpText('after', examples('store copy --data ./acme'));
  withFolder(store.command('copy').description("Copy the folder's SQLite store into an empty Postgres database"))
    .addHelpText(
      'after',
      `
Everything goes along: mirror, log with its numbers, tokens sealed as they are,
budgets. It is one transaction, kept only when every table reads back with the
digest it has in the folder. Stop the server first; the folder stays as it is.
Name the database with FOREKNOW_DATABASE_URL.
The vault's keys do not go along: give the folder's vault.key, or
FOREKNOW_VAULT_KEYS, to every process on the database.
${examples('store copy --data ./acme')}`,
    )
    .action(
      action(async (flags: FolderFlags & JsonFlag) => {
        const { output } = context;
        const databaseUrl = databaseUrlIn(context, flags);
        if (databaseUrl === undefined) throw noDatabase();
        const folder = folderOf(context, flags);
        if (!existsSync(join(folder, 'foreknow.db'))) throw noStore();
        const { copyStore } = await import('../../store/copy.ts');
        const now = () => new Date(context.now());
        const tables = await copyStore({
          folder,
          databaseUrl: databaseUrl.reveal(),
          now,
          actor: operator(),
          onProgress: ({ table, rows, done }) => {
            if (rows > 0 && (done || rows % SHOWN_ROWS === 0)) output.note(`${table}: ${counted(rows, 'row')}`);
          },
        });
        const rows = tables.reduce((sum, table) => sum + table.rows, 0);
        const keyFile = context.config.vaultKeys === null ? join(folder, 'vault.key') : null;
        output.answer({ verified: true, rows, tables, key_file: keyFile }, () =>
          [
            `${counted(rows, 'row')} of ${count(tables.length)} tables copied; every table reads back with the same digest`,
            keyFile === null
              ? 'Give the same FOREKNOW_VAULT_KEYS to every process on the database.'
              : `The tokens open only with the key: give ${keyFile} to every process on the database.`,
            '',
          ].join('\n'),
        );
      }),
    );
}

const noDatabase = () =>
  new ForeknowError('invalid_request', {
    detail: 'Into which database?',
    hint: 'Name it with FOREKNOW_DATABASE_URL or --database-url.',
    field: '--database-url',
  });

const noStore = () =>
  new ForeknowError('not_found', { detail: 'There is no SQLite store in this data folder.', field: '--data' });
