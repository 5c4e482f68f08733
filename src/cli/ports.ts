import { ForeknowError, isForeknowError } from '../errors/errors.ts';

/** Ports tried after the default one before the system chooses. */
const TRIES = 20;

/**
 * Starts something on a port. A port that was named is used or fails; the default one moves by itself when it is taken,
 * and says so.
 */
export async function onFreePort<T>(
  wanted: number | undefined,
  preferred: number,
  say: (line: string) => void,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (wanted !== undefined) {
    return start(wanted).catch((error: unknown) => {
      throw isTaken(error) ? portTaken(wanted, error) : error;
    });
  }
  for (let port = preferred; port < preferred + TRIES; port += 1) {
    try {
      const started = await start(port);
      if (port !== preferred) say(`port ${preferred} is taken: using ${port}`);
      return started;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  say(`ports from ${preferred} on are taken: using a free one`);
  return start(0);
}

const isTaken = (error: unknown): boolean =>
  (error as { code?: string }).code === 'EADDRINUSE' ||
  (isForeknowError(error) && error.code === 'conflict' && error.field === 'port');

const portTaken = (port: number, cause: unknown): ForeknowError =>
  new ForeknowError('conflict', {
    detail: `Port ${port} is taken by another program.`,
    hint: 'Choose another with --port; 0 picks a free one.',
    field: 'port',
    cause,
  });
