import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, fail, ok, warn } from './findings.ts';

/** Rights of the folder and of what is secret in it. */
export function inspectFolder(folder: string, keysFromEnvironment: boolean): readonly Finding[] {
  if (!existsSync(folder)) return [fail('folder', 'It is not there.', 'Name it with --data, or run foreknow connect.')];
  return [
    rights('folder', folder, 0o700),
    ...['foreknow.db', 'server.json']
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => rights(name, join(folder, name), 0o600)),
    keyFile(join(folder, 'vault.key'), keysFromEnvironment),
  ];
}

function keyFile(path: string, keysFromEnvironment: boolean): Finding {
  if (existsSync(path)) {
    return keysFromEnvironment
      ? warn(
          'vault.key',
          'The keys come from the environment; the file beside the store is not used.',
          'Move it away from the store.',
        )
      : rights('vault.key', path, 0o600);
  }
  return keysFromEnvironment
    ? ok('vault keys', 'from the environment')
    : warn('vault.key', 'There is no key file yet.', 'It is made with the first connection.');
}

function rights(about: string, path: string, wanted: number): Finding {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return ok(about, 'readable by its owner alone');
  return fail(about, `Others than its owner can read it (${mode.toString(8)}).`, `chmod ${wanted.toString(8)} on it.`);
}
