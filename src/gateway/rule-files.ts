import { readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { rulesOrThrow } from '../rules/load-rules.ts';
import type { GuardLimits } from '../rules/rule-set.ts';
import type { LoadedRules } from './planning.ts';

/** A rule file and the connection that it is for, by name. */
export type RuleFile = { readonly file: string; readonly connection: string };

/** Files as they are at this moment, so that an edit counts from the next plan on. */
export type RuleFiles = {
  fileOf(connection: Pick<Connection, 'name'>): string | null;
  /**
   * @param draft a text in place of the connection's file; what it extends is looked for beside that file alone
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

const NO_RULES = 'version: 1\n';

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
      const { file: named, text } = draft ?? { file: 'no rules', text: NO_RULES };
      const read = (path: string) => (path === named ? Promise.resolve(text) : beside(file, path));
      return { file: draft === null ? null : named, commit: null, set: await rulesOrThrow({ file: named, read }) };
    },
    async attributes() {
      if (files.length === 0) return null;
      return new Set((await all()).flatMap(({ attributes }) => [...attributes]));
    },
    guards: async () => (await all()).map(({ settings }) => settings.guards),
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new ForeknowError('not_found', {
      detail: `The rule file ${path} cannot be read.`,
      hint: 'The configuration file names it under rules.',
    });
  }
}

/** A text that a caller sends reaches no other files than the operator's own rules. */
async function beside(file: string | null, path: string): Promise<string> {
  const folder = file === null ? null : await realpath(dirname(file)).catch(() => null);
  const wanted = await realpath(path).catch(() => null);
  if (folder !== null && wanted !== null) {
    const way = relative(folder, wanted);
    if (!way.startsWith('..') && !isAbsolute(way)) return textOf(wanted);
  }
  throw new ForeknowError('not_found', {
    detail: `The draft extends ${path}, which is not beside the rules of the connection.`,
    hint: 'Put the file into the folder of the connection’s rules.',
  });
}
