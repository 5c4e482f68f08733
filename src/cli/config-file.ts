import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { configOrThrow } from '../config/read-config.ts';
import type { ReadSecret } from '../config/secret.ts';
import { ForeknowError } from '../errors/errors.ts';
import { streamNames } from '../sync/streams.ts';
import type { CliConfig } from './context.ts';
import { readSmallFile } from './small-file.ts';

export type ConfigFile = {
  /** As it was named. */
  readonly path: string;
  readonly config: Config;
};

/** A larger file was named by mistake. */
const LARGEST = 5_000_000;

/** Read when it is there and no other was named. */
const usual = './foreknow.yaml';

/**
 * The configuration file: the one that was named, else the environment's, else `./foreknow.yaml` if there is one.
 * @returns null when there is none
 * @throws ForeknowError `config_invalid` with every problem of the file
 */
export function loadConfigFile(environment: CliConfig, named: string | undefined): ConfigFile | null {
  const path = named ?? environment.configFile ?? (existsSync(usual) ? usual : null);
  if (path === null) return null;
  const source = {
    text: textOf(path),
    streams: streamNames,
    readSecret: secretsOf(environment),
    resolvePath: (inside: string) => resolve(dirname(path), inside),
  };
  return { path, config: configOrThrow(source, path) };
}

function textOf(path: string): string {
  try {
    const text = readSmallFile(path);
    if (text.length <= LARGEST) return text;
  } catch (cause) {
    throw unreadable(path, `cannot be read (${(cause as { code?: string }).code ?? 'unreadable'})`, cause);
  }
  throw unreadable(path, 'is too large');
}

const unreadable = (path: string, why: string, cause?: unknown): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: `The configuration file ${path} ${why}.`,
    field: '--config',
    cause,
  });

const secretsOf =
  ({ readEnv }: CliConfig): ReadSecret =>
  (from) => {
    const value = 'env' in from ? readEnv(from.env) : fileText(from.file);
    if (value === null) {
      return {
        problem: 'env' in from ? `names ${from.env}, which is not set` : `names ${from.file}, which cannot be read`,
      };
    }
    const secret = value.trim();
    return secret === '' ? { problem: 'names a secret that is empty' } : { value: secret };
  };

function fileText(path: string): string | null {
  try {
    return readSmallFile(path);
  } catch {
    return null;
  }
}
