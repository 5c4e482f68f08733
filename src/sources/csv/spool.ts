import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { OpenedFile } from './options.ts';

/**
 * A file of its own, for the owner alone, that has no name any more once it is open: nothing of it stays when it is closed, nor when the
 * process dies.
 */
export async function openSpool(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `spool-${randomBytes(12).toString('hex')}`);
  const handle = await open(path, 'wx+', 0o600);
  await rm(path);
  return handle;
}

/** Writes a stream into it, to its end. */
export async function fill(handle: FileHandle, from: Readable, signal: AbortSignal): Promise<void> {
  for await (const chunk of from as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    await handle.write(chunk);
  }
}

/** What was spooled, to be read. Nobody else has it, so it does not change. */
export const spooled = (handle: FileHandle, name: string, beside: OpenedFile['beside']): OpenedFile => ({
  name,
  handle,
  beside,
  changed: async () => null,
  close: () => handle.close(),
});
