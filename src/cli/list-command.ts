import type { Command } from 'commander';
import type { Gateway } from '../gateway/gateway.ts';
import type { CliContext } from './context.ts';
import { type JsonFlag, numberOption, withFolder } from './flags.ts';
import { type FolderFlags, reading } from './folder.ts';
import { type ListPage, writeAllJson, writeAllText } from './list-pages.ts';

export type ListFlags = FolderFlags &
  JsonFlag & {
    readonly connection?: string;
    readonly limit?: number;
    readonly cursor?: string;
    readonly all?: boolean;
    readonly sort?: string;
  };

/** The options that lists of the directory share. */
export const withList = (command: Command): Command =>
  withFolder(
    command
      .option('--connection <connection>', 'name or id; may be left out where there is one')
      .option('--sort <field>', 'field to sort by, field:desc the other way round')
      .addOption(numberOption('--limit <rows>', 'rows a page', { min: 1, max: 500, by: 100 }))
      .option('--cursor <cursor>', 'next_cursor or prev_cursor of another page')
      .option('--all', 'every page'),
  );

/** One page of a list, or all of them, as JSON or as a table. */
export async function printList<Row extends object>(
  context: CliContext,
  flags: ListFlags,
  list: {
    readonly filters: Readonly<Record<string, unknown>>;
    readonly read: (
      gateway: Gateway,
      input: { connectionIds: readonly string[]; query: Readonly<Record<string, unknown>> },
    ) => Promise<ListPage<Row>>;
    readonly text: (rows: readonly Row[]) => string;
    readonly none: string;
  },
): Promise<void> {
  const { output } = context;
  await reading(context, flags, async (gateway) => {
    const connectionIds = await connectionsOf(gateway, flags.connection);
    const query = { ...list.filters, limit: flags.limit, ...(flags.sort === undefined ? {} : { sort_by: flags.sort }) };
    const read = (cursor: string | null) =>
      list.read(gateway, { connectionIds, query: { ...query, ...(cursor === null ? {} : { next_cursor: cursor }) } });
    if (flags.all && output.json) return writeAllJson(output, read);
    if (flags.all) return writeAllText(output, read, list.text);
    const page = await read(flags.cursor ?? null);
    output.answer(page, () => (page.result.length === 0 ? `${list.none}\n` : list.text(page.result)));
    if (page.next_cursor !== null && !output.json) {
      output.note(`${page.result_count} rows; the next: --cursor ${page.next_cursor}  (or --all)`);
    }
  });
}

/** Without a name all of them: the list says itself when it needs one. */
async function connectionsOf(gateway: Gateway, name: string | undefined): Promise<readonly string[]> {
  if (name !== undefined) return [(await gateway.connections.get(name)).id];
  return (await gateway.connections.list()).map(({ id }) => id);
}
