import { type Command, Option } from 'commander';
import type { EmulatorOptions } from '../../emulator/index.ts';
import { regions } from '../../wire/regions.ts';
import { examples, type JsonFlag, numberOption, withJson } from '../flags.ts';
import type { Kit } from '../kit.ts';
import { facts } from '../output/table.ts';
import { count } from '../output/words.ts';
import { onFreePort } from '../ports.ts';
import { aborted } from '../stop.ts';

type Flags = JsonFlag &
  Pick<EmulatorOptions, 'profile' | 'region' | 'provisioner'> & {
    readonly people: number;
    readonly seed: number;
    readonly port?: number;
    readonly latencyMs: number;
    readonly speed: number;
    readonly limits: boolean;
    readonly scimDelay: number;
    readonly scimWindow: number;
  };

const DEFAULT_PORT = 4081;

export function addEmulate(program: Command, { context, action }: Kit): void {
  const command = program
    .command('emulate')
    .description('Serve a sample account as KnowBe4’s APIs would')
    .addHelpText('before', 'A test double with invented data, not affiliated with KnowBe4.\n')
    .addOption(numberOption('--people <number>', 'people of the sample company', { min: 1, max: 1_000_000, by: 1200 }))
    .addOption(
      numberOption('--seed <number>', 'the same seed makes the same world', { min: 0, max: 4_294_967_295, by: 7 }),
    )
    .addOption(
      new Option('--profile <profile>', 'which of its documented and recorded habits it shows')
        .choices(['documented', 'recorded', 'next', 'hostile'])
        .default('documented'),
    )
    .addOption(
      numberOption('--port <port>', `0 picks a free one (default: ${DEFAULT_PORT}, or the next free one)`, {
        min: 0,
        max: 65_535,
      }),
    )
    .addOption(new Option('--region <region>', 'where the account lives').choices([...regions]).default('us'))
    .addOption(numberOption('--latency-ms <ms>', 'wait before each answer', { min: 0, max: 600_000, by: 0 }))
    .addOption(
      numberOption('--speed <factor>', 'how much faster its time runs, for the limits too', {
        min: 0.001,
        max: 100_000,
        whole: false,
        by: 1,
      }),
    )
    .option('--no-limits', 'answer as often as it is asked')
    .addOption(
      new Option('--provisioner <who>', 'who provisions the account: another program, or nobody yet')
        .choices(['other', 'none'])
        .default('other'),
    )
    .addOption(
      numberOption('--scim-delay <seconds>', 'of its time, from a write to SCIM until it is applied', {
        min: 0,
        max: 86_400,
        by: 60,
      }),
    )
    .addOption(
      numberOption('--scim-window <seconds>', 'of its time, from one sync of SCIM to the next', {
        min: 0,
        max: 86_400,
        by: 900,
      }),
    );
  withJson(command)
    .addHelpText(
      'after',
      `
With --json it prints one line when it is ready: url, control, region, pid,
reporting_token, and of User Events, GraphQL and SCIM the address and the token:
events_url, events_token, product_url, product_token, scim_url, scim_token.
SCIM writes to a store of its own; a sync applies it. With --provisioner none
that store is empty and Test Mode is on, until POST /_emulator/mutate says
{"kind": "scim-test-mode", "on": false}.
It ends with ^C.
How it differs from the real thing: DIFFERENCES.md in the emulator’s folder.
${examples('emulate --people 300 --seed 3', 'emulate --json --port 0 --no-limits')}`,
    )
    .action(
      action(async (flags: Flags) => {
        const stop = context.stopped();
        const { startEmulator } = await import('../../emulator/index.ts');
        const { people, seed, profile, region, latencyMs, speed, limits, provisioner } = flags;
        const switches = { scimSyncDelayMs: flags.scimDelay * 1000, scimMinIntervalMs: flags.scimWindow * 1000 };
        const emulator = await onFreePort(flags.port, DEFAULT_PORT, context.output.note, (port) =>
          startEmulator({ port, people, seed, profile, region, latencyMs, speed, limits, provisioner, switches }),
        );
        const { tokens, addresses } = emulator;
        const ready = {
          url: emulator.url,
          control: emulator.controlUrl,
          reporting_token: tokens.reporting,
          events_url: addresses.events,
          events_token: tokens.events,
          product_url: addresses.product,
          product_token: tokens.product,
          scim_url: addresses.scim,
          scim_token: tokens.scim,
          region: emulator.region,
          pid: process.pid,
        };
        context.output.note('A test double with invented data, not affiliated with KnowBe4. ^C ends it.');
        context.output.answer(ready, () =>
          facts([
            ['address', ready.url],
            ['control', ready.control],
            ['region', ready.region],
            ['token', ready.reporting_token],
            ['user events', `${ready.events_url}   ${ready.events_token}`],
            ['GraphQL', `${ready.product_url}   ${ready.product_token}`],
            ['SCIM', `${ready.scim_url}   ${ready.scim_token}`],
            ['people', count(emulator.accounts[0]!.people)],
          ]),
        );
        await aborted(stop);
        await emulator.close();
      }),
    );
}
