import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConnectionSettings } from '../../connections/connection.ts';
import { snakeCase } from '../../lib/case.ts';
import { streamNames } from '../../sync/streams.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { connectionText } from '../output/connection-text.ts';

type Flags = FolderFlags &
  JsonFlag & {
    readonly name?: string;
    readonly tenant?: string;
    readonly tag?: readonly string[];
    readonly perSecond?: number | null;
    readonly perMinute?: number | null;
    readonly perDay?: number | null;
    readonly reserve?: number;
    readonly streamOff?: readonly string[];
    readonly streamOn?: readonly string[];
    readonly recipientClient?: boolean;
    readonly timeZone?: string;
    readonly accountKey?: string;
    readonly pagination?: 'auto' | 'page' | 'cursor';
    readonly directoryEvery?: number | null;
    readonly activityEvery?: number | null;
  };

/** `foreknow connections set`. */
export function addSettings(connections: Command, { context, action }: Kit): void {
  const command = connections
    .command('set <connection>')
    .description('Change name, labels, limits and what is mirrored')
    .option('--name <name>', 'a new name')
    .option('--tenant <name>', 'the customer it belongs to; empty takes the label away')
    .addOption(listOption('--tag <tag>', 'the labels it shall have; may be repeated'))
    .addOption(limitOption('--per-second <requests>', 'requests a second, or none'))
    .addOption(limitOption('--per-minute <requests>', 'requests a minute, or none'))
    .addOption(limitOption('--per-day <requests>', 'requests in a rolling day, or none'))
    .addOption(
      numberOption('--reserve <share>', 'share of the day kept for interactive calls, 0 to 0.9', {
        min: 0,
        max: 0.9,
        whole: false,
      }),
    )
    .addOption(listOption('--stream-off <stream>', 'do not mirror this stream', streamNames))
    .addOption(listOption('--stream-on <stream>', 'mirror it again', streamNames))
    .option('--no-recipient-client', 'keep no address, place, browser and system of test recipients')
    .option('--recipient-client', 'keep them (the default)')
    .option('--time-zone <zone>', 'IANA name; times are UTC unless it is set')
    .option('--account-key <key>', 'connections with one key share one request budget')
    .addOption(new Option('--pagination <kind>', 'how lists are paged').choices(['auto', 'page', 'cursor']))
    .addOption(limitOption('--directory-every <minutes>', 'minutes between directory refreshes, or none'))
    .addOption(limitOption('--activity-every <minutes>', 'minutes between refreshes of campaigns and tests, or none'));
  withFolder(command)
    .addHelpText(
      'after',
      examples('connections set acme --per-day 1500 --tag emea', 'connections set acme --stream-off recipients'),
    )
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await writing(context, flags, async (writes) => {
          const { settings } = await writes.connections.get(name);
          return writes.connections.update(name, patchOf(flags, settings));
        });
        context.output.answer(snakeCase(found), () => connectionText(found));
      }),
    );
}

/** A whole number above 0, or `none` (null: no limit, never). */
const limitOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text: string) => {
    if (text === 'none') return null;
    const number = Number(text);
    if (Number.isInteger(number) && number > 0) return number;
    throw new InvalidArgumentError('It must be a whole number above 0, or none.');
  });

/** The settings that are there with the named ones changed: a patch takes settings as a whole. */
function patchOf(flags: Flags, settings: ConnectionSettings) {
  const limits = given({
    ...settings.limits,
    ...given({
      perSecond: flags.perSecond,
      perMinute: flags.perMinute,
      perDay: flags.perDay,
      reserveShare: flags.reserve,
    }),
  });
  const changed = given({
    streamsOff: streamsOff(flags, settings),
    dropRecipientClient: flags.recipientClient === undefined ? undefined : !flags.recipientClient,
    timeZone: flags.timeZone,
    accountKey: flags.accountKey,
    pagination: flags.pagination,
    directoryEveryMinutes: flags.directoryEvery,
    activityEveryMinutes: flags.activityEvery,
    limits: Object.keys(limits).length === 0 ? undefined : limits,
  });
  return {
    ...given({ name: flags.name, tags: flags.tag }),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant || null }),
    ...(Object.keys(changed).length === 0 ? {} : { settings: { ...settings, ...changed } }),
  };
}

function streamsOff({ streamOff = [], streamOn = [] }: Flags, settings: ConnectionSettings) {
  if (streamOff.length === 0 && streamOn.length === 0) return undefined;
  return [...new Set([...(settings.streamsOff ?? []), ...streamOff])].filter((stream) => !streamOn.includes(stream));
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
