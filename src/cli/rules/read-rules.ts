import { resolve } from 'node:path';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { JoinedPerson } from '../../model/source-person.ts';
import { type LoadedRules, rulesOrThrow } from '../../rules/load-rules.ts';
import type { CliContext } from '../context.ts';
import { type FolderFlags, reading } from '../folder.ts';
import { readSmallFile } from '../small-file.ts';
import { readPeopleFile } from './people-file.ts';

export type RuleFlags = { readonly config?: string; readonly client?: string };

type NamedFile = {
  readonly file: string;
  /** Whose rules they are, where the configuration file says. */
  readonly connections: readonly string[];
  /** Of the connection; null where nothing says. */
  readonly timeZone: string | null;
};
export type RulesFile = Omit<NamedFile, 'file'> & { readonly rules: LoadedRules };

/**
 * The file that was named, else those of the client, else those of the configuration file.
 * @throws ForeknowError `invalid_request` when there is none, `not_found` when there is no such client
 */
function ruleFiles(
  context: CliContext,
  named: string | undefined,
  { config: path, client }: RuleFlags,
): readonly NamedFile[] {
  const config = context.configFile(path)?.config;
  const listed = config?.rules ?? [];
  const connections = config?.connections ?? [];
  const zoneOf = (connection: string | undefined): string | null =>
    connections.find(({ name }) => name === connection)?.settings.timeZone ?? null;
  if (named !== undefined) {
    if (client !== undefined) throw said('--client', 'A file and --client say different things.');
    const theirs = listed.filter(({ file }) => resolve(file) === resolve(named)).map(({ connection }) => connection);
    return [{ file: named, connections: theirs, timeZone: zoneOf(theirs[0]) }];
  }
  const meant = client === undefined ? null : connectionsOf(client, connections);
  const wanted = listed.filter(({ connection }) => meant === null || meant.includes(connection));
  if (wanted.length > 0) {
    return [...Map.groupBy(wanted, ({ file }) => file)].map(([file, theirs]) => ({
      file,
      connections: theirs.map(({ connection }) => connection),
      timeZone: zoneOf(theirs[0]!.connection),
    }));
  }
  throw meant === null
    ? new ForeknowError('invalid_request', {
        detail: 'No rule file is named.',
        hint: 'Name one, or list it under rules in the configuration file.',
      })
    : new ForeknowError('not_found', {
        detail: `${meant.join(', ')} has no rules.`,
        hint: 'List its file under rules in the configuration file.',
      });
}

const said = (field: string, detail: string) => new ForeknowError('invalid_request', { detail, field });

/** The connection of that name, else those that are tagged so. */
function connectionsOf(
  client: string,
  connections: readonly { readonly name: string; readonly tags: readonly string[] }[],
): readonly string[] {
  const names = connections.map(({ name }) => name);
  if (names.includes(client)) return [client];
  const tagged = connections.filter(({ tags }) => tags.includes(client)).map(({ name }) => name);
  if (tagged.length > 0) return tagged;
  const near = nearest(client, [...names, ...new Set(connections.flatMap(({ tags }) => tags))]);
  throw new ForeknowError('not_found', {
    detail: `No connection of the configuration file is called ${client}, or tagged so.`,
    hint: near === null ? `There are: ${names.slice(0, 20).join(', ') || 'none'}.` : `Is ${near} meant?`,
    field: '--client',
  });
}

/** Every file that is meant. @throws ForeknowError `rules_invalid` with every problem of all of them, and as `ruleFiles` */
export async function readAllRules(
  context: CliContext,
  named: string | undefined,
  flags: RuleFlags,
  known?: ReadonlySet<string>,
): Promise<readonly RulesFile[]> {
  const found: RulesFile[] = [];
  const invalid: ForeknowError[] = [];
  for (const one of ruleFiles(context, named, flags)) {
    try {
      found.push(await load(one, known));
    } catch (error) {
      if (!isForeknowError(error) || error.code !== 'rules_invalid') throw error;
      invalid.push(error);
    }
  }
  const [first, ...others] = invalid;
  if (first === undefined) return found;
  throw others.length === 0
    ? first
    : new ForeknowError('rules_invalid', {
        detail: invalid.map(({ detail }) => detail).join(' '),
        issues: invalid.flatMap(({ issues }) => issues),
        ...(first.hint && { hint: first.hint }),
      });
}

/**
 * One rule file.
 * @throws ForeknowError `rules_invalid` with every problem, `invalid_request` when it is not clear which file is meant
 */
export async function readRules(context: CliContext, named: string | undefined, flags: RuleFlags): Promise<RulesFile> {
  const [one, ...others] = ruleFiles(context, named, flags);
  if (others.length === 0) return load(one!);
  throw new ForeknowError('invalid_request', {
    detail: 'The configuration file names several rule files.',
    hint: `Name one of them, or say --client: ${[one!, ...others].map(({ file }) => file).join(', ')}`,
  });
}

/** @param known names that the sources have, where somebody has looked */
async function load({ file, ...named }: NamedFile, known?: ReadonlySet<string>): Promise<RulesFile> {
  const read = async (path: string) => readSmallFile(path);
  return { ...named, rules: await rulesOrThrow({ read, file, ...(known && { known }) }) };
}

/** People of a file, else those whom the sources last showed. */
export function peopleOf(
  context: CliContext,
  flags: FolderFlags & { readonly people?: string },
): Promise<readonly JoinedPerson[]> {
  if (flags.people !== undefined) return Promise.resolve(readPeopleFile(flags.people));
  return reading(context, flags, async (gateway) => (await gateway.sources.joined()).people);
}
