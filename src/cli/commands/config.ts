import type { Command } from 'commander';
import { stringify } from 'yaml';
import { configJsonSchema } from '../../config/json-schema.ts';
import { snakeCase } from '../../lib/case.ts';
import { streamNames } from '../../sync/streams.ts';
import { examples, type JsonFlag, withJson } from '../flags.ts';
import type { Kit } from '../kit.ts';
import { settle } from '../settled.ts';

export function addConfig(program: Command, { context, action }: Kit): void {
  const config = program
    .command('config')
    .description('The configuration file')
    .addHelpText('after', examples('config check'));

  withJson(
    config
      .command('check')
      .description('Check the file and print what holds: file, environment and defaults together')
      .option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)'),
  )
    .addHelpText(
      'after',
      `\nEvery problem is told with its line. A secret is shown as the place it comes\nfrom.\n${examples('config check', 'config check --config /etc/foreknow.yaml --json')}`,
    )
    .action(
      action(async (flags: JsonFlag & { readonly config?: string }) => {
        const { output } = context;
        const settled = masked(settle(context, flags));
        output.answer(settled, () => stringify(settled, { lineWidth: 100 }));
        if (context.configFile(flags.config) === null)
          output.note('There is no configuration file: these are the defaults.');
      }),
    );

  config
    .command('schema')
    .description('Print the JSON Schema of the file, for editors')
    .addHelpText('after', `\n${examples('config schema > foreknow.schema.json').trimStart()}`)
    .action(action(async () => context.output.write(`${JSON.stringify(configJsonSchema(streamNames), null, 2)}\n`)));
}

/** In the spelling of the file, without what nobody set; a secret is the place it comes from. */
function masked(value: unknown): unknown {
  return snakeCase(JSON.parse(JSON.stringify(value, (_, part) => shown(part))));
}

function shown(part: unknown): unknown {
  if (isSecret(part)) return part.from;
  // The address of a proxy, as the environment names it, may hold a password.
  return typeof part === 'string' ? part.replace(/:\/\/[^/@\s]+@/, '://***@') : part;
}

const isSecret = (part: unknown): part is { from: unknown } =>
  typeof part === 'object' && part !== null && 'from' in part && 'reveal' in part;
