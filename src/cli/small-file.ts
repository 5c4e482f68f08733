import { closeSync, openSync, readSync } from 'node:fs';

const MOST_BYTES = 1024 * 1024;

/**
 * Text of a file that somebody named: a device that never ends, or a film, is not read to the end.
 * @throws an error with the code of the system, `EFBIG` for more than 1 MiB
 */
export function readSmallFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > MOST_BYTES) throw Object.assign(new Error('the file is larger than 1 MiB'), { code: 'EFBIG' });
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
