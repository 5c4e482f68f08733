import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { BackupFacts } from '../../store/sqlite/backup.ts';
import type { CliContext } from '../context.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, folderOf } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { operator } from '../operator.ts';
import { facts } from '../output/table.ts';
import { count } from '../output/words.ts';
import { databaseUrlIn } from '../settled.ts';

type Flags = FolderFlags & JsonFlag;

const KEY_WORDS = 'not part of it: keep vault.key (or FOREKNOW_VAULT_KEYS) apart from it, and keep it';

const NOT_AUDITED =
  'The audit log of the store does not tell of this copy: it could not be written, or the store is older than its log.';

export function addBackup(program: Command, { context, action }: Kit): void {
  withFolder(
    program
      .command('backup <file>')
      .description('Copy the store to a file, beside a running server too')
      .addHelpText(
        'after',
        `
The copy is the store at one moment, checked before it gets its name. The key
file is not part of it: who has both has the KnowBe4 tokens.
On Postgres it says which pg_dump to run instead.
${examples('backup /backups/foreknow-$(date +%F).db --data ./acme')}`,
      ),
  ).action(
    action(async (file: string, flags: Flags) => {
      refusePostgres(context, flags);
      const folder = folderOf(context, flags);
      if (!existsSync(join(folder, 'foreknow.db'))) {
        throw new ForeknowError('not_found', { detail: 'There is no store in this data folder.', field: '--data' });
      }
      const { backUpStore } = await import('../../store/sqlite/backup.ts');
      const made = await backUpStore(folder, file, by(context));
      context.output.answer({ file, ...wire(made), audited: made.isAudited, key_file: false }, () =>
        text(file, made, ['key file', KEY_WORDS]),
      );
      if (!made.isAudited) context.output.note(NOT_AUDITED);
    }),
  );

  withFolder(
    program
      .command('restore <file>')
      .description('Make a data folder from a backup')
      .addHelpText(
        'after',
        `
The folder must be empty, but for the vault.key that belongs to the backup. A
backup of an older version is brought up to date by the next foreknow up.
${examples('restore /backups/foreknow-2026-11-21.db --data ./restored')}`,
      ),
  ).action(
    action(async (file: string, flags: Flags) => {
      refusePostgres(context, flags);
      const folder = folderOf(context, flags);
      const { restoreStore } = await import('../../store/sqlite/backup.ts');
      const restored = await restoreStore(file, folder, by(context));
      const hasKey = context.config.vaultKeys !== null || existsSync(join(folder, 'vault.key'));
      context.output.answer({ data: folder, ...wire(restored), key_file: hasKey }, () =>
        text(folder, restored, [
          'key file',
          hasKey || restored.secrets === 0
            ? null
            : 'missing: put the vault.key of the backup into the folder before the server starts',
        ]),
      );
      context.output.note(
        `Readers of changes, events and webhooks that have seen more than change ${restored.lastChange} must read the directory again: their cursors are answered with cursor_expired, and the log goes on with numbers that they do not know.`,
      );
    }),
  );
}

const by = (context: CliContext) => ({ actor: operator(), now: () => new Date(context.now()) });

const wire = ({ bytes, sha256, schema, lastChange, connections, secrets }: BackupFacts) => ({
  ...{ bytes, sha256, schema, connections, secrets },
  last_change: lastChange,
});

const text = (where: string, made: BackupFacts, key: readonly [string, string | null]): string =>
  facts([
    ['file', where],
    ['size', `${count(made.bytes)} bytes`],
    ['sha-256', made.sha256],
    ['schema', made.schema],
    ['connections', made.connections],
    ['last change', made.lastChange],
    ['checked', 'every page'],
    key,
  ]);

/** @throws ForeknowError `invalid_request` with the command that does it there */
function refusePostgres(context: CliContext, flags: Flags): void {
  const url = databaseUrlIn(context, flags)?.reveal();
  if (url === undefined) return;
  const shown = URL.parse(url);
  if (shown !== null) shown.password = '';
  const database = shown?.toString() ?? 'DATABASE_URL';
  throw new ForeknowError('invalid_request', {
    detail: 'The store is a Postgres database: its own tools copy it, consistently, while servers run.',
    hint: `pg_dump --format=custom --file=foreknow.dump "${database}", and back: pg_restore --dbname="${database}" --no-owner foreknow.dump (into an empty database, servers stopped). The password comes from PGPASSWORD or ~/.pgpass. The vault's keys are not part of it.`,
  });
}
