import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { loadRules, type RuleSource, rulesOrThrow } from '../rules/load-rules.ts';
import type { GuardLimits } from '../rules/rule-set.ts';
import { fileLimits } from '../rules/tree.ts';
import type { LoadedRules } from './planning.ts';

/** A rule file and the connection that it is for, by name. */
export type RuleFile = { readonly file: string; readonly connection: string };

/** Files as they are at this moment, so that an edit counts from the next plan on. */
export type RuleFiles = {
  fileOf(connection: Pick<Connection, 'name'>): string | null;
  /**
   * @param draft a text in place of the connection's file; it extends .yaml and .yml files of that file's folder alone
   * @throws ForeknowError `rules_invalid`, `not_found`
   */
  rulesOf(
    connection: Pick<Connection, 'name'>,
    draft: { readonly file: string; readonly text: string } | null,
  ): Promise<LoadedRules>;
  /** Attributes of sources that any of the files reads; null: there is no file. */
  attributes(): Promise<ReadonlySet<string> | null>;
  /** Limits of each file; none where there is no file. */
  guards(): Promise<readonly GuardLimits[]>;
};

const noRules: RuleSource = { file: 'no rules', read: async () => 'version: 1\n' };

export function ruleFiles(files: readonly RuleFile[]): RuleFiles {
  const fileOf: RuleFiles['fileOf'] = ({ name }) => files.find(({ connection }) => connection === name)?.file ?? null;
  const all = () => Promise.all(files.map(({ file }) => rulesOrThrow({ file, read: textOf })));
  return {
    fileOf,
    async rulesOf(connection, draft) {
      const file = fileOf(connection);
      if (draft === null && file !== null) {
        return { file, commit: null, set: await rulesOrThrow({ file, read: textOf }) };
      }
      if (draft === null) return { file: null, commit: null, set: await rulesOrThrow(noRules) };
      const place = placeOf(file, draft.file);
      const read = (path: string) => (path === place ? Promise.resolve(draft.text) : beside(file, path));
      return { file: draft.file, commit: null, set: await rulesOrThrow({ file: place, read }) };
    },
    async attributes() {
      if (files.length === 0) return null;
      return new Set((await all()).flatMap(({ attributes }) => [...attributes]));
    },
    guards: async () => (await all()).map(({ settings }) => settings.guards),
  };
}

async function textOf(path: string): Promise<string> {
  const text = await smallText(path);
  if (text !== null) return text;
  throw new ForeknowError('not_found', {
    detail: `The rule file ${path} cannot be read.`,
    hint: 'The configuration file names it under rules.',
  });
}

/** No more of a file than rules may have; null for what cannot be read, and for what is no file, as a pipe that never ends. */
async function smallText(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return null;
      // So many bytes are more letters than are taken.
      const bytes = Buffer.alloc(Math.min(stats.size, 4 * fileLimits.letters));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return bytes.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** Where a draft stands that is not named by a whole path: in the folder of the connection's rules. */
const placeOf = (file: string | null, named: string): string =>
  file === null || isAbsolute(named) ? named : join(dirname(file), named);

/**
 * A text that a caller sends reaches no other files than the operator's own rules: those in the folder of the connection's file, and what that file
 * itself is made of. Whether there is something elsewhere is not told.
 * @throws ForeknowError `not_found`
 */
async function beside(file: string | null, path: string): Promise<string> {
  const text = file === null ? null : await ruleTextNear(file, path);
  if (text !== null) return text;
  throw new ForeknowError('not_found', {
    detail: 'names no rule file that a draft may extend',
    hint: 'A draft extends .yaml and .yml files in the folder of the connection’s rules, and what those rules extend.',
  });
}

async function ruleTextNear(file: string, path: string): Promise<string | null> {
  const [folder, wanted] = await Promise.all([withoutLinks(dirname(file)), withoutLinks(path)]);
  if (folder === null || wanted === null) return null;
  const isBeside = isRuleFile(path) && isRuleFile(wanted) && isWithin(folder, wanted);
  return isBeside || (await partsOf(file)).has(wanted) ? smallText(wanted) : null;
}

const withoutLinks = (path: string): Promise<string | null> => realpath(path).catch(() => null);

/** The file and all that it extends. */
async function partsOf(file: string): Promise<ReadonlySet<string | null>> {
  const parts = new Set<string | null>();
  const read = async (path: string): Promise<string> => {
    parts.add(await withoutLinks(path));
    return textOf(path);
  };
  await loadRules({ file, read });
  return parts;
}

const isRuleFile = (path: string): boolean => ['.yaml', '.yml'].includes(extname(path).toLowerCase());

/** Both without links. */
function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
