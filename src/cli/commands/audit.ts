import { type Command, InvalidArgumentError } from 'commander';
import { csvHead, csvLine } from '../../audit/csv.ts';
import type { StoredAuditEntry } from '../../audit/ports.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { snakeCase } from '../../lib/case.ts';
import type { CliContext } from '../context.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/words.ts';

type Flags = FolderFlags &
  JsonFlag & {
    readonly since?: number | string;
    readonly action?: readonly string[];
    readonly actor?: readonly string[];
    readonly connection?: string;
    readonly limit?: number;
    readonly csv?: boolean;
  };

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PAGE = 1000;

export function addAudit(program: Command, { context, action }: Kit): void {
  withFolder(
    program
      .command('audit')
      .description('Who did what: every administrative act')
      .option('--since <time>', 'from then on: 90m, 12h, 7d, or a time such as 2026-11-01', sinceOf)
      .addOption(listOption('--action <action>', 'only these, such as connection.removed; may be repeated'))
      .addOption(listOption('--actor <id>', 'only what these did: ids of keys, users of this machine'))
      .option('--connection <connection>', 'only what was done to this connection')
      .addOption(numberOption('--limit <entries>', 'the newest of them (default: all)', { min: 1, max: 1_000_000 }))
      .option('--csv', 'print CSV'),
  )
    .addHelpText(
      'after',
      examples(
        'audit --since 7d',
        'audit --action connection.removed,connection.purged --json',
        'audit --csv > audit.csv',
      ),
    )
    .action(
      action(async (flags: Flags) => {
        const found = await reading(context, flags, (gateway) => entriesOf(context, gateway, flags));
        if (flags.csv) context.output.write(csvHead + found.map(csvLine).join(''));
        else context.output.answer(found.map(snakeCase), () => auditTable(found, context.output.width));
      }),
    );
}

async function entriesOf(context: CliContext, gateway: Gateway, flags: Flags): Promise<readonly StoredAuditEntry[]> {
  const { since, action: actions, actor: actorIds, connection, limit } = flags;
  const from = typeof since === 'number' ? new Date(context.now() - since).toISOString() : since;
  // A connection that was removed is still in the log, under its id.
  const id =
    connection === undefined || connection.startsWith('con_')
      ? connection
      : (await gateway.connections.get(connection)).id;
  const found: StoredAuditEntry[] = [];
  for (let after = 0; ; ) {
    const page = await gateway.audit.entries({
      after,
      limit: PAGE,
      connectionIds: id === undefined ? null : [id],
      ...(from === undefined ? {} : { from }),
      ...(actions === undefined ? {} : { actions }),
      ...(actorIds === undefined ? {} : { actorIds }),
    });
    found.push(...page);
    if (page.length < PAGE) return limit === undefined ? found : found.slice(-limit);
    after = page.at(-1)!.seq;
  }
}

/** @returns ms to go back, or a time */
function sinceOf(text: string): number | string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * unitMs[unit as keyof typeof unitMs];
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be a time back, such as 90m, 12h or 7d, or a time such as 2026-11-01.');
}

const auditTable = (entries: readonly StoredAuditEntry[], width: number): string =>
  entries.length === 0
    ? 'No entries.\n'
    : table(
        entries,
        [
          { title: 'at', value: ({ at }) => moment(at), least: 20 },
          { title: 'who', value: ({ actor }) => actor.name ?? actor.id },
          { title: 'door', value: ({ actor }) => actor.door, spare: true },
          { title: 'from', value: ({ actor }) => actor.from, spare: true },
          { title: 'action', value: ({ action }) => action, least: 16 },
          { title: 'target', value: ({ target }) => target },
          { title: 'outcome', value: ({ outcome, error }) => error ?? outcome },
        ],
        width,
      );
