import { type Command, Option } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import { eventFamilies } from '../../events/catalog.ts';
import { type Delivery, deliveryStates, endpointFormats, type StoredEndpoint } from '../../events/endpoint.ts';
import { snakeCase } from '../../lib/case.ts';
import type { CliContext } from '../context.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import {
  attemptsText,
  deliveryTable,
  endpointTable,
  endpointText,
  shownDelivery,
  shownEndpoint,
} from '../output/webhook-text.ts';
import { confirmOrThrow } from '../prompt.ts';

type Flags = FolderFlags & JsonFlag;
type FieldFlags = Flags & {
  readonly url?: string;
  readonly type?: readonly string[];
  readonly connection?: readonly string[];
  readonly format?: StoredEndpoint['format'];
  readonly names?: boolean;
  readonly description?: string;
};

/** Whoever may open the store may read everything in it. */
const everything = { families: eventFamilies, connectionIds: null, fieldPolicy: null };

export function addWebhooks(program: Command, kit: Kit): void {
  const webhooks = program
    .command('webhooks')
    .description('Addresses that events are sent to: create, test, replay, look what was sent')
    .addHelpText(
      'after',
      examples(
        'webhooks create https://hooks.example.com/in --type user.created,phishing.failed',
        'webhooks deliveries whk_7q2k --state dead',
      ),
    );
  addList(webhooks, kit);
  addCreate(webhooks, kit);
  addShow(webhooks, kit);
  addUpdate(webhooks, kit);
  addSwitches(webhooks, kit);
  addRotate(webhooks, kit);
  addTest(webhooks, kit);
  addReplay(webhooks, kit);
  addDeliveries(webhooks, kit);
  addAttempts(webhooks, kit);
}

function addList(webhooks: Command, { context, action }: Kit): void {
  withFolder(webhooks.command('list', { isDefault: true }).description('Endpoints, without their secrets'))
    .addHelpText('after', examples('webhooks list'))
    .action(
      action(async (flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.webhooks.list());
        context.output.answer(found.map(shownEndpoint), () => endpointTable(found, context.output.width));
      }),
    );
}

/**
 * What an endpoint is made of.
 * @param usual what holds where an option is left out, in words
 */
const withFields = (
  command: Command,
  usual: Readonly<Record<'type' | 'connection' | 'format', string>> = { type: '', connection: '', format: '' },
): Command =>
  withAllowed(
    withFolder(
      command
        .addOption(listOption('--type <type>', `event types; user.* for all that begin so${usual.type}`))
        .addOption(listOption('--connection <connection>', `only these connections${usual.connection}`))
        .addOption(new Option('--format <format>', `form of the body${usual.format}`).choices(endpointFormats))
        .option('--description <text>', 'what it is for'),
    ),
  );

/** Without a server the command itself sends, or checks the address. */
const withAllowed = (command: Command): Command =>
  command.addOption(
    listOption('--allow-webhook-host <host>', 'without a server: a name or range that need not be public'),
  );

function addCreate(webhooks: Command, { context, action }: Kit): void {
  withFields(webhooks.command('create <url>').description('Create an endpoint; its secret is printed once'), {
    type: ' (default: all)',
    connection: ' (default: all, later ones too)',
    format: ' (default: plain)',
  })
    .option('--names', 'name people in training, phishing and risk events')
    .addHelpText('after', examples('webhooks create https://hooks.example.com/in --type user.*,group.*'))
    .action(
      action(async (url: string, flags: FieldFlags) => {
        const fields = await fieldsOf(context, flags);
        const made = await writing(context, flags, (writes) => writes.webhooks.create({ ...fields, url }, everything));
        context.output.answer(
          { endpoint: shownEndpoint(made.endpoint), secret: made.secret },
          () => `${made.secret}\n`,
        );
        if (!context.output.json) context.output.note(`${made.endpoint.id}  signing secret, shown this once`);
      }),
    );
}

function addShow(webhooks: Command, { context, action }: Kit): void {
  withFolder(webhooks.command('show <id>').description('An endpoint, and how far it is'))
    .addHelpText('after', examples('webhooks show whk_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        const { lanes, ...endpoint } = await reading(context, flags, (gateway) => gateway.webhooks.get(id));
        context.output.answer({ ...shownEndpoint(endpoint), lanes: snakeCase(lanes) }, () =>
          endpointText(endpoint, lanes),
        );
      }),
    );
}

function addUpdate(webhooks: Command, { context, action }: Kit): void {
  withFields(webhooks.command('update <id>').description('Change an endpoint'))
    .option('--url <url>', 'another address')
    .option('--names', 'name people in training, phishing and risk events')
    .option('--no-names', 'people are ids alone')
    .addHelpText('after', examples('webhooks update whk_7q2k --type user.*'))
    .action(
      action(async (id: string, flags: FieldFlags) => {
        const { url } = flags;
        const patch = { ...(await fieldsOf(context, flags)), ...(url === undefined ? {} : { url }) };
        const changed = await writing(context, flags, (writes) => writes.webhooks.update(id, patch, everything));
        context.output.answer(shownEndpoint(changed), () => endpointText(changed, []));
      }),
    );
}

async function fieldsOf(context: CliContext, flags: FieldFlags) {
  const { type, connection, format, names, description } = flags;
  const connections =
    connection &&
    (await reading(context, flags, (gateway) =>
      Promise.all(connection.map(async (one) => (await gateway.connections.get(one)).id)),
    ));
  return {
    ...(type === undefined ? {} : { types: type }),
    ...(connections === undefined ? {} : { connections }),
    ...(format === undefined ? {} : { format }),
    ...(names === undefined ? {} : { names }),
    ...(description === undefined ? {} : { description }),
  };
}

function addSwitches(webhooks: Command, { context, action }: Kit): void {
  const said = (endpoint: StoredEndpoint): void =>
    context.output.answer(shownEndpoint(endpoint), () => `${endpoint.id} is ${endpoint.state}\n`);
  withFolder(webhooks.command('pause <id>').description('Send nothing for now; its place in the log is kept'))
    .addHelpText('after', examples('webhooks pause whk_7q2k'))
    .action(
      action(async (id: string, flags: Flags) =>
        said(await writing(context, flags, (writes) => writes.webhooks.update(id, { state: 'paused' }, everything))),
      ),
    );
  withFolder(webhooks.command('enable <id>').description('Go on, also when it was switched off by itself'))
    .addHelpText('after', examples('webhooks enable whk_7q2k'))
    .action(
      action(async (id: string, flags: Flags) =>
        said(await writing(context, flags, (writes) => writes.webhooks.enable(id))),
      ),
    );
  withFolder(
    webhooks
      .command('remove <id>')
      .description('Remove it with its secret and deliveries')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('webhooks remove whk_7q2k --yes'))
    .action(
      action(async (id: string, flags: Flags & { yes?: boolean }) => {
        await confirmOrThrow(context, flags.yes, `Remove the webhook endpoint ${id}?`);
        const removed = await writing(context, flags, (writes) => writes.webhooks.remove(id));
        context.output.answer(removed, () => `removed ${id}\n`);
      }),
    );
}

function addRotate(webhooks: Command, { context, action }: Kit): void {
  withFolder(
    webhooks
      .command('rotate-secret <id>')
      .description('Give it a new secret, printed once; the old one is signed with as well for a while')
      .addOption(
        numberOption('--overlap <hours>', '0: the old one ends at once', { min: 0, max: 720, whole: false, by: 24 }),
      ),
  )
    .addHelpText('after', examples('webhooks rotate-secret whk_7q2k --overlap 72'))
    .action(
      action(async (id: string, flags: Flags & { overlap: number }) => {
        const made = await writing(context, flags, (writes) => writes.webhooks.rotateSecret(id, flags.overlap));
        context.output.answer(
          { endpoint: shownEndpoint(made.endpoint), secret: made.secret },
          () => `${made.secret}\n`,
        );
      }),
    );
}

function addTest(webhooks: Command, { context, action }: Kit): void {
  withAllowed(
    withFolder(webhooks.command('test <id>').description('Send a signed test event at once, and show the answer')),
  )
    .addHelpText('after', examples('webhooks test whk_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        const sent = await writing(context, flags, (writes) => writes.webhooks.test(id));
        context.output.answer(shownDelivery(sent), () => attemptsText(sent));
        return sent.state === 'delivered' ? 0 : 1;
      }),
    );
}

type ReplayFlags = Flags & {
  readonly event?: readonly string[];
  readonly dead?: boolean;
  readonly since?: string;
  readonly connection?: string;
  readonly dryRun?: boolean;
};

function addReplay(webhooks: Command, { context, action }: Kit): void {
  withFolder(
    webhooks
      .command('replay <id>')
      .description('Send events again: some, those given up, or all since a time')
      .addOption(listOption('--event <event>', 'ids of events; may be repeated'))
      .option('--dead', 'everything that was given up')
      .option('--since <time>', 'everything since a time such as 2026-11-01T08:00:00Z')
      .option('--connection <connection>', 'only of this connection')
      .option('--dry-run', 'only count'),
  )
    .addHelpText(
      'after',
      examples('webhooks replay whk_7q2k --dead --dry-run', 'webhooks replay whk_7q2k --event evt_000000000048213'),
    )
    .action(
      action(async (id: string, flags: ReplayFlags) => {
        const { connection, dryRun = false } = flags;
        const what = replayed(flags);
        const named = connection && (await reading(context, flags, (gateway) => gateway.connections.get(connection)));
        const wanted = { what, connectionIds: named ? [named.id] : null, dryRun };
        const done = await writing(context, flags, (writes) => writes.webhooks.replay(id, wanted));
        context.output.answer({ ...(snakeCase(done) as object), dry_run: dryRun }, () => {
          const events = `${done.atLeast ? 'at least ' : ''}${done.events} events`;
          return dryRun ? `${events} would be sent again\n` : `${events} are sent again\n`;
        });
      }),
    );
}

function replayed({ event, dead, since }: ReplayFlags) {
  if ([event, dead, since].filter((one) => one !== undefined).length !== 1) {
    throw new ForeknowError('invalid_request', {
      detail: 'Exactly one of --event, --dead and --since is needed.',
      field: '--event',
    });
  }
  if (event !== undefined) return { eventIds: event };
  if (since === undefined) return { dead: true } as const;
  const from = new Date(since);
  if (!Number.isNaN(from.getTime())) return { from: from.toISOString() };
  throw new ForeknowError('invalid_request', { detail: '--since is not a time in ISO 8601.', field: '--since' });
}

function addDeliveries(webhooks: Command, { context, action }: Kit): void {
  withFolder(
    webhooks
      .command('deliveries <id>')
      .description('What was sent to it, newest first')
      .addOption(new Option('--state <state>', 'only these').choices(deliveryStates))
      .option('--event <event>', 'only the delivery of this event')
      .addOption(numberOption('--limit <rows>', 'how many', { min: 1, max: 1000, by: 50 })),
  )
    .addHelpText('after', examples('webhooks deliveries whk_7q2k --state dead'))
    .action(
      action(async (id: string, flags: Flags & { state?: Delivery['state']; event?: string; limit: number }) => {
        const { state, event, limit } = flags;
        const filters = {
          ...(state === undefined ? {} : { state }),
          ...(event === undefined ? {} : { eventId: event }),
        };
        const found = await reading(context, flags, (gateway) =>
          gateway.webhooks.deliveries({ endpointId: id, ...filters, limit }),
        );
        context.output.answer(found.map(shownDelivery), () => deliveryTable(found, context.output.width));
      }),
    );
}

function addAttempts(webhooks: Command, { context, action }: Kit): void {
  withFolder(webhooks.command('attempts <id> <event>').description('Every try of a delivery: answer, time, error'))
    .addHelpText('after', examples('webhooks attempts whk_7q2k evt_000000000048213'))
    .action(
      action(async (id: string, event: string, flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.webhooks.delivery(id, event));
        context.output.answer(shownDelivery(found), () => attemptsText(found));
      }),
    );
}
