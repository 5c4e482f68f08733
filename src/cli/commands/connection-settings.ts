import { type Command, Option } from 'commander';
import type { ConnectionSettings } from '../../connections/connection.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { snakeCase } from '../../lib/case.ts';
import { streamNames } from '../../sync/streams.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { given, type LimitFlags, limitsOf, numberOrNone, orNull, withLimits } from '../limit-flags.ts';
import { connectionText } from '../output/connection-text.ts';

type Flags = FolderFlags &
  JsonFlag &
  LimitFlags & {
    readonly name?: string;
    readonly tenant?: string;
    readonly tag?: readonly string[];
    readonly reserve?: number;
    readonly streamOff?: readonly string[];
    readonly streamOn?: readonly string[];
    readonly recipientClient?: boolean;
    readonly timeZone?: string;
    readonly accountKey?: string;
    readonly pagination?: 'auto' | 'page' | 'cursor';
    readonly directoryEvery?: number;
    readonly activityEvery?: number;
    readonly riskThreshold?: readonly string[];
    readonly riskDelta?: number;
  };

/** `foreknow connections set`. */
export function addSettings(connections: Command, { context, action }: Kit): void {
  const command = withLimits(
    connections.command('set <connection>').description('Change name, labels, limits and what is mirrored'),
  )
    .option('--name <name>', 'a new name')
    .option('--tenant <name>', 'the customer it belongs to; empty takes the label away')
    .addOption(listOption('--tag <tag>', 'the labels it shall have; may be repeated'))
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
    .addOption(numberOrNone('--directory-every <minutes>', 'minutes between directory refreshes, or none'))
    .addOption(numberOrNone('--activity-every <minutes>', 'minutes between refreshes of campaigns and tests, or none'))
    .addOption(listOption('--risk-threshold <score>', 'an event when a risk score crosses it; may be repeated'))
    .addOption(
      numberOrNone('--risk-delta <points>', 'an event when a risk score moves so far between two reads, or none'),
    );
  withFolder(command)
    .addHelpText(
      'after',
      examples('connections set acme --per-day 1500 --tag emea', 'connections set acme --stream-off recipients'),
    )
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await writing(context, flags, async (writes) => {
          const { settings } = await writes.connections.get(name);
          const patch = patchOf(flags, settings);
          if (Object.keys(patch).length === 0) throw nothingToChange();
          return writes.connections.update(name, patch);
        });
        context.output.answer(snakeCase(found), () => connectionText(found));
      }),
    );
}

/** The settings that are there with the named ones changed: a patch takes settings as a whole. */
function patchOf(flags: Flags, settings: ConnectionSettings) {
  const limits = given({
    ...settings.limits,
    ...limitsOf(flags),
    ...given({ reserveShare: flags.reserve }),
  });
  const isLimited = Object.keys({ ...limitsOf(flags), ...given({ reserveShare: flags.reserve }) }).length > 0;
  const changed = given({
    streamsOff: streamsOff(flags, settings),
    dropRecipientClient: flags.recipientClient === undefined ? undefined : !flags.recipientClient,
    timeZone: flags.timeZone,
    accountKey: flags.accountKey,
    pagination: flags.pagination,
    directoryEveryMinutes: orNull(flags.directoryEvery),
    activityEveryMinutes: orNull(flags.activityEvery),
    riskThresholds: flags.riskThreshold?.map(Number),
    riskDelta: orNull(flags.riskDelta),
    limits: isLimited ? limits : undefined,
  });
  return {
    ...given({ name: flags.name, tags: flags.tag }),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant || null }),
    ...(Object.keys(changed).length === 0 ? {} : { settings: { ...settings, ...changed } }),
  };
}

const nothingToChange = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'No option says what to change.',
    hint: 'foreknow connections set --help lists them; foreknow connections show prints what holds.',
  });

function streamsOff({ streamOff = [], streamOn = [] }: Flags, settings: ConnectionSettings) {
  if (streamOff.length === 0 && streamOn.length === 0) return undefined;
  return [...new Set([...(settings.streamsOff ?? []), ...streamOff])].filter((stream) => !streamOn.includes(stream));
}
