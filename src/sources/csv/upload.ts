import type { Readable } from 'node:stream';
import { ForeknowError } from '../../errors/errors.ts';
import type { CompleteWhen, Locate } from './options.ts';
import { fill, openSpool, spooled } from './spool.ts';

/** A file that somebody hands in, and what they say of it. */
export type Upload = {
  readonly content: Readable;
  readonly name: string;
  /** How many rows it has; and its SHA-256 in hex. Where one is given it is the proof. */
  readonly rows?: number | undefined;
  readonly sha256?: string | undefined;
};

/** A proof that came with the file stands in the place of those beside it; what is in the file itself holds as well. */
export function uploadProof(
  { sha256, rows }: Upload,
  completeWhen: CompleteWhen | undefined,
): CompleteWhen | undefined {
  if (sha256 === undefined && rows === undefined) return completeWhen;
  const { trailer, rowCountColumn } = completeWhen ?? {};
  return { trailer, rowCountColumn, ...(sha256 === undefined ? { rowsFile: '{file}' } : { digestFile: '{file}' }) };
}

export const handedIn =
  (upload: Upload, folder: string): Locate =>
  async (signal) => {
    const handle = await openSpool(folder);
    try {
      await fill(handle, upload.content, signal);
      const said = upload.sha256 ?? upload.rows?.toString() ?? null;
      return spooled(handle, upload.name, async () => said);
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

/** A source whose files are handed in has nothing to look at by itself. */
export const nothingToFetch: Locate = async () => {
  throw new ForeknowError('not_found', {
    detail: 'Files of this source are handed in; there is nothing to read by itself.',
    hint: 'foreknow sources upload NAME people.csv, or POST it to /api/v1/sources/NAME/upload.',
  });
};
