import type { ErrorCode } from '../../errors/catalog.ts';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';

/** SQLite's primary result codes that say what the operator can do. */
const hints: Readonly<Record<number, readonly [detail: string, hint: string]>> = {
  5: ['The database was busy for too long.', 'Another program holds the database open for writing: end it.'],
  8: ['The database cannot be written.', 'Check the rights and the mount of the data folder.'],
  10: ['The disk reported an error.', 'Check the disk and the file system of the data folder.'],
  11: ['The database file is damaged.', 'Stop the server and restore a backup of the data folder.'],
  13: ['The disk is full.', 'Free some space on the disk of the data folder; nothing was half written.'],
  14: ['The database file cannot be opened.', 'Check that the data folder exists and belongs to this user.'],
  26: ['The file is not a database.', 'Check that the data folder is one that foreknow made.'],
};

/** The operating system's own words for a file or a folder. */
const fileHints: Readonly<Record<string, readonly [detail: string, hint: string]>> = {
  EACCES: ['The data folder cannot be written.', 'Check its rights: it has to belong to the user who runs foreknow.'],
  EPERM: ['The data folder cannot be written.', 'Check its rights: it has to belong to the user who runs foreknow.'],
  EROFS: ['The data folder is on a read-only file system.', 'Name another folder with --data, or mount it writable.'],
  ENOENT: ['The data folder cannot be made there.', 'Name another folder with --data.'],
  ENOTDIR: ['The data folder cannot be made there: a file is in the way.', 'Name another folder with --data.'],
  EEXIST: ['The data folder cannot be made there: a file is in the way.', 'Name another folder with --data.'],
  ENOSPC: ['The disk is full.', 'Free some space on the disk of the data folder; nothing was half written.'],
  EFBIG: ['A file may not become that large.', 'Raise the limit on file sizes for the user who runs foreknow.'],
};

/** Any failure of a store call as an error of ours. SQLite's messages name tables and columns, never values. */
export function asStoreError(error: unknown): ForeknowError {
  if (isForeknowError(error)) return error;
  const { errcode: resultCode, code } = (error ?? {}) as { errcode?: number; code?: string };
  const [detail, hint] = hints[(resultCode ?? 0) & 0xff] ?? fileHints[code ?? ''] ?? [];
  const message = error instanceof Error ? error.message : 'unknown failure';
  return new ForeknowError('store_failed', {
    detail: detail ?? `The store could not do what was asked: ${message}.`,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

/** An error as it travels between threads. */
export type FailureMessage = { readonly code: ErrorCode; readonly detail: string; readonly hint: string | undefined };

export function toFailureMessage(error: unknown): FailureMessage {
  const { code, detail, hint } = asStoreError(error);
  return { code, detail, hint };
}

export const fromFailureMessage = ({ code, detail, hint }: FailureMessage): ForeknowError =>
  new ForeknowError(code, { detail, ...(hint === undefined ? {} : { hint }) });
