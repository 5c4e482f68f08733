import type { Command } from 'commander';
import { catalogEntry, eventFamilies, eventTypes } from '../../events/catalog.ts';
import type { Event } from '../../events/event.ts';
import type { FeedQuery } from '../../events/feed.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { CliContext } from '../context.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { eventLine, typesText } from '../output/event-text.ts';

type Flags = FolderFlags &
  JsonFlag & {
    readonly types?: readonly string[];
    readonly connection?: string;
    readonly after?: string;
    readonly limit: number;
    readonly follow?: boolean;
    readonly listTypes?: boolean;
  };

const LIMIT = 20;
const PAGE = 500;
/** How long one look waits; a stop ends it at once. */
const WAIT_MS = 20_000;

export function addEvents(program: Command, { context, action }: Kit): void {
  const command = program
    .command('events')
    .description('What happened: the newest events, or all from one on, one line each')
    .addOption(listOption('--types <types>', 'only these types, separated by commas; user.* stands for all of user'))
    .option('--connection <connection>', 'only this one: name or id')
    .option('--after <id>', 'id of an event, or a cursor: everything that follows it')
    .addOption(numberOption('--limit <events>', 'how many of the newest', { min: 1, max: 10_000, by: LIMIT }))
    .option('--follow', 'go on with what comes, until stopped')
    .option('--list-types', 'print the types there are and what they mean');
  withFolder(command)
    .addHelpText(
      'after',
      examples('events', 'events --types user.*,role.assigned --follow', 'events --after evt_000000000048213 --json'),
    )
    .action(
      action(async (flags: Flags) => {
        if (flags.listTypes) return listTypes(context);
        await reading(context, flags, (gateway) => print(context, gateway, flags));
      }),
    );
}

const listTypes = ({ output }: CliContext): undefined => {
  const types = eventTypes.map((type) => {
    const { family, when } = catalogEntry(type);
    return { type, scope: family, description: when };
  });
  output.answer(types, () => typesText(types, output.width));
};

/** The operator of the folder sees everything. */

async function print(context: CliContext, gateway: Gateway, flags: Flags): Promise<void> {
  const { output } = context;
  const names = new Map((await gateway.connections.list()).map(({ id, name }) => [id, name]));
  const show = (events: readonly Event[]) => {
    for (const event of events) {
      if (output.json) output.writeJson(`${JSON.stringify(toJson(event))}\n`);
      else output.write(eventLine(event, names.get(event.connectionId) ?? (event.connectionId || '-')));
    }
  };
  const query = {
    ...(await filterOf(gateway, flags)),
    families: eventFamilies,
    types: flags.types ?? [],
    order: 'asc',
  } as const;
  const start = flags.after ?? (await showNewest(gateway, query, flags.limit, show));
  let after = await showAll(context, gateway, { ...query, limit: PAGE, after: start }, show);
  if (!flags.follow) return;
  const stopped = context.stopped();
  while (!stopped.aborted && !output.isClosed()) {
    const page = await gateway.events.wait({ ...query, limit: PAGE, after }, WAIT_MS, stopped);
    show(page.events);
    after = page.nextCursor;
  }
}

/** An id is taken as it is: a connection that is gone still has events. */
async function filterOf(gateway: Gateway, { connection }: Flags): Promise<Pick<FeedQuery, 'connectionIds'>> {
  if (connection === undefined) return { connectionIds: null };
  return {
    connectionIds: [connection.startsWith('con_') ? connection : (await gateway.connections.get(connection)).id],
  };
}

/** Shows the newest ones, oldest first. Returns where the log goes on after them; null when there are none. */
async function showNewest(
  gateway: Gateway,
  query: Omit<FeedQuery, 'after' | 'limit' | 'order'>,
  limit: number,
  show: (events: readonly Event[]) => void,
): Promise<string | null> {
  const found: Event[] = [];
  let after: string | null = null;
  for (let hasMore = true; hasMore && found.length < limit; ) {
    const most = Math.min(PAGE, limit - found.length);
    const page = await gateway.events.page({ ...query, order: 'desc', after, limit: most });
    found.push(...page.events);
    after = page.nextCursor;
    ({ hasMore } = page);
  }
  show(found.toReversed());
  return found[0]?.id ?? null;
}

async function showAll(
  { output }: CliContext,
  gateway: Gateway,
  query: FeedQuery,
  show: (events: readonly Event[]) => void,
): Promise<string> {
  for (let { after } = query; ; ) {
    const page = await gateway.events.page({ ...query, after });
    show(page.events);
    after = page.nextCursor;
    if (!page.hasMore || output.isClosed()) return after;
  }
}

const toJson = ({ id, type, connectionId, at, seq, data }: Event) => ({
  ...{ id, type, connection_id: connectionId, at, sequence: seq },
  data,
});
