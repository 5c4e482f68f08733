import { ForeknowError } from '../../errors/errors.ts';
import type { JoinedPerson } from '../../model/source-person.ts';
import { type LoadedRules, rulesOrThrow } from '../../rules/load-rules.ts';
import type { CliContext } from '../context.ts';
import { type FolderFlags, reading } from '../folder.ts';
import { readSmallFile } from '../small-file.ts';
import { readPeopleFile } from './people-file.ts';

type ConfigFlag = { readonly config?: string };

export type RulesFile = {
  readonly rules: LoadedRules;
  /** Of the connection that the file is for; null where nothing says. */
  readonly timeZone: string | null;
};

/** The file that was named, else those of the configuration file. @throws ForeknowError `invalid_request` when there is none */
export function ruleFiles(
  context: CliContext,
  named: string | undefined,
  flags: ConfigFlag,
): readonly { readonly file: string; readonly timeZone: string | null }[] {
  const config = context.configFile(flags.config)?.config;
  const zoneOf = (connection: string | undefined): string | null =>
    config?.connections.find(({ name }) => name === connection)?.settings.timeZone ?? null;
  const listed = config?.rules ?? [];
  if (named !== undefined) {
    return [{ file: named, timeZone: zoneOf(listed.find(({ file }) => file === named)?.connection) }];
  }
  const files = listed.map(({ file, connection }) => ({ file, timeZone: zoneOf(connection) }));
  if (files.length > 0) return files.filter(({ file }, at) => files.findIndex((one) => one.file === file) === at);
  throw new ForeknowError('invalid_request', {
    detail: 'No rule file is named.',
    hint: 'Name one, or list it under rules in the configuration file.',
  });
}

/**
 * One rule file.
 * @param known names that the sources have, where somebody has looked
 * @throws ForeknowError `rules_invalid` with every problem, `invalid_request` when it is not clear which file is meant
 */
export async function readRules(
  context: CliContext,
  named: string | undefined,
  flags: ConfigFlag,
  known?: ReadonlySet<string>,
): Promise<RulesFile> {
  const [one, ...others] = ruleFiles(context, named, flags);
  if (others.length > 0) {
    throw new ForeknowError('invalid_request', {
      detail: 'The configuration file names several rule files.',
      hint: `Name one of them: ${[one!, ...others].map(({ file }) => file).join(', ')}`,
    });
  }
  const read = async (path: string) => readSmallFile(path);
  const rules = await rulesOrThrow({ read, file: one!.file, ...(known === undefined ? {} : { known }) });
  return { rules, timeZone: one!.timeZone };
}

/** People of a file, else those whom the sources last showed. */
export function peopleOf(
  context: CliContext,
  flags: FolderFlags & { readonly people?: string },
): Promise<readonly JoinedPerson[]> {
  if (flags.people !== undefined) return Promise.resolve(readPeopleFile(flags.people));
  return reading(context, flags, async (gateway) => (await gateway.sources.joined()).people);
}
