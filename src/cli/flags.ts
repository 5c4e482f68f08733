import { type Command, InvalidArgumentError, Option } from 'commander';

export type JsonFlag = { readonly json?: boolean };

/** `--data DIR`, `--database-url` and `--json`, as nearly every command has them. */
export const withFolder = (command: Command): Command =>
  withJson(
    command
      .option('--data <dir>', 'data folder (default: $FOREKNOW_DATA or ./foreknow-data)')
      .option(
        '--database-url <url>',
        'Postgres in place of SQLite in the folder (better: $FOREKNOW_DATABASE_URL, which other users of the machine do not see)',
      ),
  );

/** `withFolder`, and the configuration file: it names sources and rules. */
export const withConfig = (command: Command): Command =>
  withFolder(command.option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)'));

export const withJson = (command: Command): Command =>
  command.option('--json', 'print the answer as one JSON value on stdout');

/** A number with bounds, checked before the command begins. */
export function numberOption(
  flags: string,
  description: string,
  { min, max, whole = true, by }: { min: number; max: number; whole?: boolean; by?: number },
): Option {
  const option = new Option(flags, description).argParser((text: string) => {
    const number = Number(text);
    if (
      text.trim() !== '' &&
      Number.isFinite(number) &&
      number >= min &&
      number <= max &&
      (!whole || Number.isInteger(number))
    ) {
      return number;
    }
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
  });
  return by === undefined ? option : option.default(by);
}

/** A value that may be given several times, or as a list with commas. */
export const listOption = (flags: string, description: string, among?: readonly string[]): Option => {
  const option = new Option(flags, description).argParser((text: string, before: string[] = []) => {
    const words = text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
    const wrong = among && words.find((word) => !among.includes(word));
    if (wrong !== undefined) throw new InvalidArgumentError(`There are: ${among!.join(', ')}.`);
    return [...before, ...words];
  });
  return option;
};

/** Examples under a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ foreknow ${line}`).join('\n')}`;
