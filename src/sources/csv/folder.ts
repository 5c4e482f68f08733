import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ForeknowError } from '../../errors/errors.ts';
import type { Sleep } from '../../lib/sleep.ts';
import { type Listed, newestOf } from './newest.ts';
import type { Locate, OpenedFile } from './options.ts';

export type FolderOptions = {
  /** Absolute; the last part may hold `*`. */
  readonly path: string;
  /** Patterns of files that stand beside it, `{file}` being its name. */
  readonly beside: readonly string[];
  /** A file that was changed later than this is waited for, ms; 0 where a proof tells half a file. */
  readonly settleMs: number;
};

type Clock = { readonly now: () => Date; readonly sleep: Sleep };

/** More is not what a file with a number or a digest holds. */
const MOST_BESIDE_BYTES = 4096;
/** A symbolic link is not followed: it could lead out of the folder. */
const NO_LINKS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The newest file of a folder. */
export const inFolder =
  ({ path, beside, settleMs }: FolderOptions, { now, sleep }: Clock): Locate =>
  async (signal) => {
    const pattern = basename(path);
    const folder = await realpath(dirname(path)).catch((error: unknown) =>
      Promise.reject(notThere('The folder of the source', error)),
    );
    const name = newestOf(await listed(folder), pattern, beside)?.name;
    if (name === undefined) throw noFile(pattern);
    const handle = await opened(join(folder, name));
    try {
      await settled(handle, settleMs, { now, sleep }, signal);
      return await asOpened(handle, folder, name);
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

async function listed(folder: string): Promise<readonly Listed[]> {
  const names = await readdir(folder).catch((error: unknown) =>
    Promise.reject(notThere('The folder of the source', error)),
  );
  const files = await Promise.all(
    names.map(async (name): Promise<Listed | null> => {
      const stats = await lstat(join(folder, name)).catch(() => null);
      return stats && { name, isFile: stats.isFile(), size: stats.size, modifiedMs: stats.mtimeMs };
    }),
  );
  return files.filter((one) => one !== null);
}

async function opened(path: string): Promise<FileHandle> {
  const handle = await open(path, NO_LINKS).catch((error: unknown) => Promise.reject(notThere(basename(path), error)));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new ForeknowError('source_rejected', { detail: `${basename(path)} is no file.` });
}

/** Somebody who writes a file does so within seconds: what changed just now is given the time to change once more. */
async function settled(
  handle: FileHandle,
  settleMs: number,
  { now, sleep }: Clock,
  signal: AbortSignal,
): Promise<void> {
  const before = await handle.stat();
  const age = now().getTime() - before.mtimeMs;
  if (settleMs === 0 || age >= settleMs || age < -settleMs) return;
  await sleep(Math.min(settleMs, settleMs - age), signal);
  const after = await handle.stat();
  if (after.size === before.size && after.mtimeMs === before.mtimeMs) return;
  throw new ForeknowError('source_rejected', {
    detail: 'The file is still being written.',
    hint: 'It is read the next time. Have it written under another name and renamed when it is done, or give it a trailer (complete_when).',
  });
}

async function asOpened(handle: FileHandle, folder: string, name: string): Promise<OpenedFile> {
  const before = await handle.stat();
  return {
    name,
    handle,
    beside: (other) => smallText(folder, other),
    async changed() {
      const after = await handle.stat();
      const isSame = after.size === before.size && after.mtimeMs === before.mtimeMs;
      return isSame ? null : 'The file changed while it was read.';
    },
    close: () => handle.close(),
  };
}

async function smallText(folder: string, name: string): Promise<string | null> {
  if (basename(name) !== name) return null;
  const handle = await open(join(folder, name), NO_LINKS).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BESIDE_BYTES), 0, MOST_BESIDE_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

const noFile = (pattern: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `No file ${pattern} is in the folder of the source.`,
    hint: 'Symbolic links are not followed. The name of the file may hold * in from.',
  });

/** What the operator named, without the way to it. */
function notThere(what: string, cause: unknown): ForeknowError {
  const { code } = cause as { code?: string };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ForeknowError('not_found', { detail: `${what} is not there.`, cause });
  }
  if (code === 'ELOOP') {
    return new ForeknowError('source_rejected', {
      detail: `${what} is a symbolic link, which is not followed.`,
      cause,
    });
  }
  return new ForeknowError('source_rejected', {
    detail: `${what} cannot be read (${code ?? 'unknown reason'}).`,
    cause,
  });
}
